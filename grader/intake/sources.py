"""Read what was handed in: a folder or a zip, of which nothing is trusted."""

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from grader.assignment import KIT, GraderError
from grader.intake.filenames import kind_of_file
from grader.texts import is_readable, readable

MAX_FILE = 2**20  # bytes; the reference's models.py has 10 thousand
MAX_DEPTH = 2  # folders around src/ or the file
MAX_NAME = 500  # characters of a file's name with its folders
MAX_PARTS = 30  # of a file's name
MOST_NAMES = 300_000  # of files in a folder or zip: to look at more takes too long
MOST_PYTHON = 5000  # Python files that are looked at: an environment that was handed in has so many
MAX_ENTRIES = 5000  # that are looked at in a folder or zip, besides Python files, and as many of a report
USUAL_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA may ask for 4 GB to unpack an entry


class SubmissionError(GraderError):
    """Nothing can be graded; the text says what was looked at and what to do."""


class Source:
    """A folder or zip that was handed in: names with "/" between parts, and the content of one."""

    names: list[str]
    is_kit = False

    def read(self, name: str, most: int = MAX_FILE) -> bytes | None:
        """The content of a regular file of at most so many bytes, else None."""
        raise NotImplementedError

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class FolderSource(Source):
    def __init__(self, folder: Path) -> None:
        self.folder, self.is_kit = folder, folder.resolve() == KIT
        self.names = list(worth_a_look(walk(folder)))

    def read(self, name: str, most: int = MAX_FILE) -> bytes | None:
        return read_regular(self.folder / name, most)


def read_regular(path: Path, most: int) -> bytes | None:
    """The content of a regular file of at most so many bytes, else None."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > most:
            return None
        return path.read_bytes()
    except OSError:
        return None


class ZipSource(Source):
    """A zip.

    Args:
        path: the file.
        content: what is in it, if it was read already.
        whole: whether to name all of its files: a class has many.
    """

    def __init__(self, path: Path, content: bytes | None = None, whole: bool = False) -> None:
        try:
            self.zip = zipfile.ZipFile(path if content is None else io.BytesIO(content))
        except Exception as error:  # of many kinds: zipfile trusts the numbers in a damaged zip
            reason = kind_of_file(path) or str(error)
            sentence = f"{name_of(path)} is not a readable zip ({reason}): hand in the src folder, or a zip of it."
            raise SubmissionError(sentence) from None
        # Windows may write backslashes
        if len(self.zip.infolist()) > MOST_NAMES:
            raise SubmissionError(
                f"{name_of(path)} holds more than {MOST_NAMES:,} files: hand in the src folder alone."
            )
        named = [(info.filename.replace("\\", "/"), info) for info in self.zip.infolist()]
        self.infos = dict(named)
        inside = [name for name, _ in named if is_file_inside(name)]
        self.names = inside if whole else list(worth_a_look(inside))

    def read(self, name: str, most: int = MAX_FILE) -> bytes | None:
        info = self.infos[name]
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.file_size > most or info.compress_type not in USUAL_PACKING:
            return None
        try:
            with self.zip.open(info) as stream:
                content = stream.read(most + 1)
        except Exception:  # damaged or encrypted, for which zipfile and zlib raise many kinds of errors
            return None
        return content if len(content) <= most else None

    def __exit__(self, *exception: object) -> None:
        self.zip.close()


def open_source(path: Path) -> Source:
    """Open a folder or a zip.  Raises SubmissionError for anything else."""
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return ZipSource(path)
    raise SubmissionError(f"{name_of(path)} is neither a folder nor a file: name the folder with src in it, or a zip.")


def name_of(path: Path) -> str:
    """The name of a folder or zip, without the folders of the machine that grades it."""
    return readable(path.resolve().name or str(path))


def walk(folder: Path) -> Iterator[str]:
    """The files at most MAX_DEPTH + 1 folders down, as "a/b/name", in the order of their names.

    Links to folders, and names that start with a dot, are left out.
    """
    for root, folders, files in os.walk(folder):
        place = Path(root).relative_to(folder)
        deep = len(place.parts) > MAX_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".") and is_readable(name)):
            yield (place / name).as_posix()


def worth_a_look(names: Iterable[str]) -> Iterator[str]:
    """The first Python files, MAX_ENTRIES files of reports, and MAX_ENTRIES other files.

    Many images must not hide the files behind them, nor many Python files those in src/ or in fewer
    folders.
    """
    names = list(islice(names, MOST_NAMES))
    python = sorted((name for name in names if name.endswith(".py")), key=likely_first)
    chosen = {*python[:MOST_PYTHON]}
    counts = {True: 0, False: 0}
    for name in names:
        if name.endswith(".py"):
            if name in chosen:
                yield name
            continue
        of_report = PurePosixPath(name).parts[-2:-1] == ("report",) or name.endswith("report.md")
        counts[of_report] += 1
        if counts[of_report] <= MAX_ENTRIES:
            yield name


def likely_first(name: str) -> tuple[bool, int]:
    """Sorts likely files before others: those in a folder src, then those in few folders."""
    return PurePosixPath(name).parent.name != "src", name.count("/")


def is_file_inside(name: str) -> bool:
    """Whether a zip's entry is a file that unpacks inside the folder, outside hidden folders."""
    if len(name) > MAX_NAME or name.count("/") > MAX_PARTS or not is_readable(name):
        return False
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not (name.endswith("/") or path.is_absolute() or hidden)
