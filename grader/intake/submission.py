"""Find, validate and stage a submission: only the exercises' files reach the folder that workers import from.

A submission is a folder or a zip with ``src/run_model.py`` or a bare ``run_model.py``, at the top or a folder or two down (people
zip the folder).  A file named nearly so is taken with a note (see `grader.intake.filenames`).  Whatever else was handed in is left behind, and listed.
"""

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.assignment import KIT, GraderError
from grader.intake.filenames import hint_on, is_copy_of, kind_of_file

MAX_FILE = 2**20  # bytes; the reference's models.py has 10 thousand
MAX_DEPTH = 2  # folders around src/ or the file
MAX_ENTRIES = 5000  # looked at in a folder or zip, beside Python files
USUAL_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # an entry packed with LZMA may ask for 4 GB to be unpacked
EXPECTED = ("report", "readme", "submission.zip")  # names that need no word of being ignored
HIDDEN = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")


class SubmissionError(GraderError):
    """Nothing that could be graded; the text says what was looked at and what to do."""


@dataclass
class Staged:
    """A submission ready to be asked: `folder` holds ``src/`` and ``data/``.

    `problems` has a sentence for each exercise without a file that can be used, `notes` one for each whose file lay elsewhere or had
    another name.
    """

    folder: Path
    source: Path
    found: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def told(self, most: int = 20) -> list[str]:
        """What a student should know of the files: problems, notes, and at most so many names of those ignored."""
        sentences = list(dict.fromkeys([*self.problems.values(), *self.notes.values()]))
        return sentences + ([f"Ignored: {', '.join(self.ignored[:most])}."] if self.ignored else [])

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
    hints = dict.fromkeys(hint_on(files.names, exercise) for exercise in exercises)
    sentence = f"{name_of(source)} holds no {names}: hand in the src folder, or a zip of it."
    raise SubmissionError("  ".join(filter(None, [sentence, *hints])))


def name_of(source: Path) -> str:
    """What a source is called, without the folders of the machine that grades it."""
    return source.resolve().name or str(source)


def make_folder(into: Path) -> None:
    """A folder to import from: an empty src/ and the kit's own data/."""
    (into / "src").mkdir(parents=True)
    (into / "src" / "__init__.py").write_text("", encoding="utf-8")
    shutil.copytree(KIT / "data", into / "data", ignore=shutil.ignore_patterns("__pycache__", "downloads"))


def stage_files(files: Mapping[str, str], into: Path) -> None:
    """Write the texts of exercises, by name, into the empty folder `into`, as `stage` does with what was handed in."""
    make_folder(into)
    for exercise, text in files.items():
        (into / "src" / f"{exercise}.py").write_text(text, encoding="utf-8")


def stage_exercise(staged: Staged, files: "Source", exercise: str) -> bool:
    """Copy one exercise's file, or note what is wrong with it; whether there is such a file at all."""
    file = f"{exercise}.py"
    candidates, copies = find(files.names, exercise)
    if not candidates:
        hint = hint_on(files.names, exercise)
        staged.problems[exercise] = "  ".join(filter(None, [f"src/{file} was not handed in.", hint]))
    elif len(candidates) > 1:
        staged.problems[exercise] = f"There is more than one {file} ({' and '.join(candidates[:3])}): keep one."
    elif (content := files.read(candidates[0])) is None:
        wanted = f"a regular file of at most {MAX_FILE} bytes, neither damaged nor encrypted"
        staged.problems[exercise] = f"{candidates[0]} can't be read: it should be {wanted}."
    else:
        (staged.folder / "src" / file).write_bytes(content)
        staged.found[exercise] = candidates[0]
        if not content.removeprefix(b"\xef\xbb\xbf").strip():
            staged.problems[exercise] = f"{candidates[0]} is empty: was it saved?"
        elif note := note_on(candidates[0], copies, file):
            staged.notes[exercise] = note
    return bool(candidates)


def find(names: list[str], exercise: str) -> tuple[list[str], list[str]]:
    """The names in the best place that are an exercise's file, or else a copy of it; and other copies."""
    file = f"{exercise}.py"
    copies = [name for name in names if is_copy_of(PurePosixPath(name).name, exercise)]
    candidates = best_candidates([name for name in names if PurePosixPath(name).name == file])
    return (candidates, copies) if candidates else (best_candidates(copies), [])


def note_on(taken: str, copies: list[str], file: str) -> str:
    """A note where what was taken has another name, lies deep down, or has copies beside it."""
    path = PurePosixPath(taken)
    beside = [name for name in copies if PurePosixPath(name).parent == path.parent]
    if beside:
        return f"{taken} was graded, and {' and '.join(beside[:3])} was not: hand in one of them, named {file}."
    if path.name != file:
        return f"{taken} was taken as src/{file}: rename it."
    return f"{taken} was taken as src/{file}: move it there." if place_of(taken)[0] == MAX_DEPTH else ""


def best_candidates(names: list[str]) -> list[str]:
    """The names in the best place that any of them has: src/F, F, X/src/F, X/F, X/Y/src/F, X/Y/F."""
    ranks: dict[tuple[int, bool], list[str]] = {}
    for name in names:
        if place_of(name)[0] <= MAX_DEPTH:
            ranks.setdefault(place_of(name), []).append(name)
    return ranks[min(ranks)] if ranks else []


def place_of(name: str) -> tuple[int, bool]:
    """How many folders lie around src/ or the file, and whether it lies outside of a src/."""
    *folders, _ = PurePosixPath(name).parts
    in_src = folders[-1:] == ["src"]
    return len(folders) - in_src, not in_src


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
    """Files at most MAX_DEPTH + 1 folders down, as "a/b/name", in name order; linked folders and names that start with a dot are passed over."""
    for root, folders, files in os.walk(folder):
        place = Path(root).relative_to(folder)
        folders[:] = (
            sorted(name for name in folders if not name.startswith(".")) if len(place.parts) <= MAX_DEPTH else []
        )
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
            reason = kind_of_file(path) or str(error)
            sentence = f"{name_of(path)} is not a readable zip ({reason}): hand in the src folder, or a zip of it."
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
    raise SubmissionError(
        f"{name_of(source)} is neither a folder nor a file: name the folder with src in it, or a zip."
    )
