"""Stage a submission: only the exercises' files reach the folder that workers import from.

A submission is a folder or a zip with ``src/run_model.py`` or a bare ``run_model.py``, at the top
or one or two folders down (people zip the folder).  A file with nearly the right name is graded,
with a note (see `grader.intake.filenames`), and so is a notebook.  Modules of the student's own
that these files import from src/ are staged too.  Everything else is ignored and listed.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath

from grader.assignment import KIT
from grader.intake.filenames import PACKAGE, hint_on
from grader.intake.files import Files, exercise_file, write_files
from grader.intake.finding import MOST_NAMES, find, ignored_names, note_on
from grader.intake.modules import MAX_ALL, MOST_MODULES, beside, imported_at_top, imported_modules
from grader.intake.notebooks import code_of, find_notebook
from grader.intake.sources import MAX_FILE, Source, SubmissionError, name_of, open_source
from grader.intake.time_limit import time_limit

MOST_OF_ERROR = 200  # characters
MOST_IGNORED = 20  # names that are listed
WANTED = f"a regular file of at most {MAX_FILE} bytes, neither damaged nor encrypted"
TOO_MANY = (
    f"a submission may have {MOST_MODULES} modules of its own, of {MAX_ALL // 2**20} MB together, "
    "and each must be a regular file"
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Staged:
    """A submission that can be asked: `folder` holds ``src/`` and ``data/``.

    Attributes:
        folder: the staged files.
        source: the folder or zip that was handed in.
        found: for each exercise whose file was staged, the file's name in the source.
        problems: a sentence for each exercise without a file that can be graded.
        notes: a sentence for each exercise whose file was in another place or had another name.
        modules: the student's own modules that were staged, and their files' names in the source.
        about_modules: sentences on these modules.
        ignored: the names of files that play no part.
    """

    folder: Path
    source: Path
    found: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    about_modules: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def told(self, most: int = MOST_IGNORED) -> list[str]:
        """Sentences for the student: problems, notes, and at most so many ignored files by name."""
        sentences = list(dict.fromkeys([*self.problems.values(), *self.notes.values(), *self.about_modules]))
        if self.ignored:
            sentences.append(f"Ignored: {', '.join(self.ignored[:most])}{and_more(len(self.ignored) - most)}.")
        return sentences

    def path(self, exercise: str) -> Path:
        return self.folder / exercise_file(exercise)

    def text(self, exercise: str) -> str:
        """The staged source of an exercise, or "" if there is none."""
        path = self.path(exercise)
        return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else ""

    def line(self, file: str, number: int) -> str:
        """A line of a staged file, or "" if there is none: a worker may name any `file`."""
        name = next((name for name in (*self.found, *self.modules) if file == exercise_file(name)), "")
        lines = re.split(r"\r\n?|\n", self.text(name))
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def digest(self) -> str:
        """A hash of the staged files: the same for the same files, however they were packed."""
        digest = hashlib.sha256()
        for name in (*sorted(self.found), *sorted(self.modules)):
            content = self.path(name).read_bytes()
            digest.update(f"{name}:{len(content)}:".encode() + content)
        return digest.hexdigest()

    def files(self) -> Files:
        """The staged files of the student, by name."""
        return {exercise_file(name): self.path(name).read_bytes() for name in (*self.found, *self.modules)}


def and_more(n_left: int) -> str:
    return f" and {n_left} more" if n_left > 0 else ""


def stage(source: Path, into: Path, exercises: tuple[str, ...]) -> Staged:
    """Copy the exercises' files into the empty folder `into`, next to the kit's own data/.

    Raises SubmissionError if `source` is neither a folder nor a readable zip, or has no file that
    can be graded.  Whatever else goes wrong is due to what was handed in, and costs nobody else,
    unless this machine is at fault: a full disk, no memory.
    """
    try:
        return staged_from(source, into, exercises)
    except (SubmissionError, OSError, MemoryError):
        raise
    except Exception as error:
        problem = f"{name_of(source)} can't be read ({type(error).__name__}: {str(error)[:MOST_OF_ERROR]})"
        raise SubmissionError(f"{problem}: hand in the src folder, or a zip of it.") from error


def staged_from(source: Path, into: Path, exercises: tuple[str, ...]) -> Staged:
    staged = Staged(into, source)
    make_folder(into)
    with time_limit(name_of(source)), open_source(source) as files:
        handed_in = [exercise for exercise in exercises if stage_exercise(staged, files, exercise)]
        stage_modules(staged, files, exercises)
        used = {*staged.found.values(), *staged.modules.values()}
        staged.ignored = [] if files.is_kit else ignored_names(files.names, used)
    if staged.found:
        return staged
    if handed_in:
        raise SubmissionError(" ".join(staged.problems[exercise] for exercise in handed_in))
    names = " or ".join(map(exercise_file, exercises))
    hints = dict.fromkeys(hint_on(files.names, exercise) for exercise in exercises)
    sentence = f"{name_of(source)} holds no {names}: hand in the src folder, or a zip of it."
    raise SubmissionError("  ".join(filter(None, [sentence, *hints])))


def stage_exercise(staged: Staged, files: Source, exercise: str) -> bool:
    """Copy one exercise's file, or note what is wrong with it.

    Returns whether there is such a file at all.
    """
    candidates, copies = find(files.names, exercise)
    if not candidates and stage_notebook(staged, files, exercise):
        return True
    if len(candidates) != 1:
        staged.problems[exercise] = problem_with_number(candidates, files, exercise)
        return bool(candidates)
    name = candidates[0]
    content = files.read(name)
    if content is None:
        staged.problems[exercise] = f"{name} can't be read: it should be {WANTED}."
        return True
    staged.path(exercise).write_bytes(content)
    staged.found[exercise] = name
    if not content.removeprefix(BYTE_ORDER_MARK).strip():
        staged.problems[exercise] = f"{name} is empty: was it saved?"
    elif note := note_on(name, copies, f"{exercise}.py"):
        staged.notes[exercise] = note
    return True


def stage_notebook(staged: Staged, files: Source, exercise: str) -> bool:
    """Write the code of a notebook as the exercise's file.  Returns whether there is such code."""
    name = find_notebook(files.names, exercise)
    code = code_of(files, name) if name else b""
    if code:
        staged.path(exercise).write_bytes(code)
        staged.found[exercise] = name
        staged.notes[exercise] = (
            f"{name} is a notebook: the code in its cells was graded as src/{exercise}.py. Hand in {exercise}.py."
        )
    return bool(code)


def stage_modules(staged: Staged, files: Source, exercises: tuple[str, ...]) -> None:
    """Copy the student's own modules that the exercises' files import, directly or not."""
    left = [(exercise, name) for exercise, name in staged.found.items() if name.endswith(".py")]
    room = MAX_ALL
    while left:
        importer, name = left.pop(0)
        there, text = beside(name, files.names), staged.text(importer)
        for module in sorted(imported_modules(text) & there.keys() - {*exercises} - staged.modules.keys()):
            content = files.read(there[module], room)
            if content is None or len(staged.modules) == MOST_MODULES:
                staged.about_modules.append(f"{there[module]} was left out: {TOO_MANY}.")
                continue
            room -= len(content)
            staged.path(module).write_bytes(content)
            staged.modules[module] = there[module]
            staged.about_modules.append(f"{there[module]} was graded too: {name} imports it.")
            left.append((module, there[module]))
        for module in sorted(imported_at_top(text) & there.keys()):
            if PathFinder.find_spec(module) is not None:
                continue  # a package of this name is imported, and not the student's file
            advice = f"write  from src import {module}  or  from src.{module} import ..."
            staged.about_modules.append(f"{name} imports {module} without src: {advice}.")


def problem_with_number(candidates: list[str], files: Source, exercise: str) -> str:
    """A sentence on an exercise whose file was not handed in, or more than once."""
    if candidates:
        return f"There is more than one {exercise}.py ({' and '.join(candidates[:MOST_NAMES])}): keep one."
    sentence = f"{exercise_file(exercise)} was not handed in."
    others = [name for name in files.names if PurePosixPath(name).name != PACKAGE]  # what is in it is there too
    return "  ".join(filter(None, [sentence, hint_on(others, exercise)]))


def make_folder(into: Path) -> None:
    """A folder to import from: an empty src/ and the kit's own data/."""
    write_files({"src/__init__.py": b""}, into)
    shutil.copytree(KIT / "data", into / "data", ignore=shutil.ignore_patterns("__pycache__", "downloads"))


def stage_files(files: Mapping[str, bytes], into: Path) -> None:
    """Stage the files of a submission that the staff made: the same folder as `stage` makes."""
    make_folder(into)
    write_files(files, into)
