"""Find, validate and stage a submission: only the exercises' files reach the folder that workers import from.

A submission is a folder or a zip with ``src/run_model.py`` or a bare ``run_model.py``, at the top or one folder down (people
zip the folder).  Whatever else was handed in is left behind, and listed.
"""

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.assignment import KIT

MAX_FILE = 2**20  # bytes; the reference's models.py has 10 thousand
MAX_ENTRIES = 5000  # looked at in a folder or zip, beside Python files
USUAL_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # an entry packed with LZMA may ask for 4 GB to be unpacked
EXPECTED = ("report", "readme", "submission.zip")  # names that need no word of being ignored
HIDDEN = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")


class SubmissionError(ValueError):
    """Nothing that could be graded; the text says what was looked at and what to do."""


@dataclass
class Staged:
    """A submission ready to be asked: `folder` holds ``src/`` and ``data/``; `problems` has a sentence for each exercise without a file."""

    folder: Path
    source: Path
    found: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def text(self, exercise: str) -> str:
        """The staged source of an exercise, "" where there is none."""
        path = self.folder / "src" / f"{exercise}.py"
        return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else ""

    def line(self, file: str, number: int) -> str:
        """A line of a staged exercise's file, "" where there is none; a worker may name any `file`."""
        exercise = next((name for name in self.found if file == f"src/{name}.py"), "")
        lines = re.split(r"\r\n?|\n", self.text(exercise))
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def digest(self) -> str:
        """A hash of the staged exercise files: the same submission, however it is packed, has the same."""
        digest = hashlib.sha256()
        for exercise in sorted(self.found):
            content = (self.folder / "src" / f"{exercise}.py").read_bytes()
            digest.update(f"{exercise}:{len(content)}:".encode() + content)
        return digest.hexdigest()


def stage(source: Path, into: Path, exercises: tuple[str, ...]) -> Staged:
    """Copy a submission's exercise files into the empty folder `into`, beside the kit's own data/.

    Raises SubmissionError when `source` is neither a folder nor a readable zip, or has none of the exercises' files that can be used.
    """
    staged = Staged(into, source)
    make_folder(into)
    with open_source(source) as files:
        handed_in = [exercise for exercise in exercises if stage_exercise(staged, files, exercise)]
        staged.ignored = ignored_names(files, set(staged.found.values()))
    if staged.found:
        return staged
    if handed_in:
        raise SubmissionError(" ".join(staged.problems[exercise] for exercise in handed_in))
    names = " or ".join(f"src/{exercise}.py" for exercise in exercises)
    raise SubmissionError(f"{source} holds no {names}: hand in the src folder, or a zip of it.")


def make_folder(into: Path) -> None:
    """A folder to import from: an empty src/ and the kit's own data/."""
    (into / "src").mkdir(parents=True)
    (into / "src" / "__init__.py").write_text("", encoding="utf-8")
    shutil.copytree(KIT / "data", into / "data", ignore=shutil.ignore_patterns("__pycache__", "downloads"))


def stage_exercise(staged: Staged, files: "Source", exercise: str) -> bool:
    """Copy one exercise's file, or note what is wrong with it; whether there is such a file at all."""
    file = f"{exercise}.py"
    candidates = best_candidates([name for name in files.names if PurePosixPath(name).name == file])
    if not candidates:
        staged.problems[exercise] = f"src/{file} was not handed in."
    elif len(candidates) > 1:
        staged.problems[exercise] = f"There is more than one {file} ({' and '.join(candidates[:3])}): keep one."
    elif (content := files.read(candidates[0])) is None:
        wanted = f"a regular file of at most {MAX_FILE} bytes, neither damaged nor encrypted"
        staged.problems[exercise] = f"{candidates[0]} can't be read: it should be {wanted}."
    else:
        (staged.folder / "src" / file).write_bytes(content)
        staged.found[exercise] = candidates[0]
    return bool(candidates)


def best_candidates(names: list[str]) -> list[str]:
    """The names in the best place that any of them has: src/F, F, X/src/F, X/F."""
    ranks: dict[int, list[str]] = {}
    for name in names:
        *folders, _ = PurePosixPath(name).parts
        in_src = folders[-1:] == ["src"]
        depth = len(folders) - in_src
        if depth <= 1:
            ranks.setdefault(2 * depth + (not in_src), []).append(name)
    return ranks[min(ranks)] if ranks else []


def ignored_names(files: "Source", used: set[str]) -> list[str]:
    """What was handed in and plays no part, without the report and what systems leave behind."""
    if files.is_kit:
        return []
    left = [name for name in files.names if name not in used]
    left = [name for name in left if not any(part in HIDDEN for part in PurePosixPath(name).parts)]
    left = [name for name in left if not PurePosixPath(name).name.lower().startswith(EXPECTED)]
    return sorted(name for name in left if PurePosixPath(name).name != "__init__.py")


class Source:
    """A folder or zip that was handed in: names with "/" between parts, and the content of one."""

    names: list[str]
    is_kit = False

    def read(self, name: str) -> bytes | None:
        """The content of a regular file of at most MAX_FILE bytes, else None."""
        raise NotImplementedError

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class FolderSource(Source):
    def __init__(self, folder: Path) -> None:
        self.folder, self.is_kit = folder, folder.resolve() == KIT
        self.names = list(worth_a_look(walk(folder)))

    def read(self, name: str) -> bytes | None:
        path = self.folder / name
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_FILE:
                return None
            return path.read_bytes()
        except OSError:
            return None


def walk(folder: Path) -> Iterator[str]:
    """Files at most two folders down, as "a/b/name", in name order; linked folders and names that start with a dot are passed over."""
    for root, folders, files in os.walk(folder):
        place = Path(root).relative_to(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if len(place.parts) < 2 else []
        for name in sorted(name for name in files if not name.startswith(".")):
            yield (place / name).as_posix()


def worth_a_look(names: Iterable[str]) -> Iterator[str]:
    """Every Python file, but no more than MAX_ENTRIES others: a folder of images must not hide what comes behind it."""
    others = 0
    for name in names:
        others += not name.endswith(".py")
        if name.endswith(".py") or others <= MAX_ENTRIES:
            yield name


class ZipSource(Source):
    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
        except Exception as error:  # of many kinds: zipfile trusts the numbers in a damaged zip
            sentence = f"{path} is not a readable zip ({error}): make it again and hand it in again."
            raise SubmissionError(sentence) from None
        # Windows may write backslashes
        named = [(info.filename.replace("\\", "/"), info) for info in self.zip.infolist()]
        self.infos = dict(named)
        self.names = list(worth_a_look(name for name, _ in named if is_file_inside(name)))

    def read(self, name: str) -> bytes | None:
        info = self.infos[name]
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.file_size > MAX_FILE or info.compress_type not in USUAL_PACKING:
            return None
        try:
            with self.zip.open(info) as stream:
                content = stream.read(MAX_FILE + 1)
        except Exception:  # damaged or encrypted, which zipfile and zlib say in many ways
            return None
        return content if len(content) <= MAX_FILE else None

    def __exit__(self, *exception: object) -> None:
        self.zip.close()


def is_file_inside(name: str) -> bool:
    """Whether a zip's entry is a file inside the folder it is unpacked in, and no name on its way starts with a dot."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not (name.endswith("/") or path.is_absolute() or hidden)


def open_source(source: Path) -> Source:
    if source.is_dir():
        return FolderSource(source)
    if source.is_file():
        return ZipSource(source)
    raise SubmissionError(f"{source} is neither a folder nor a file: name the folder with src in it, or a zip.")
