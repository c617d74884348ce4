"""Stage a submission: only the exercises' files reach the folder that workers import from.

A submission is a folder or a zip with ``src/run_model.py`` or a bare ``run_model.py``, at the top
or one or two folders down (people zip the folder).  A file with nearly the right name is graded,
with a note (see `grader.intake.filenames`).  Everything else is ignored and listed.
"""

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import KIT
from grader.intake.filenames import hint_on
from grader.intake.files import exercise_file, write_files
from grader.intake.finding import MOST_NAMES, find, ignored_names, note_on
from grader.intake.sources import MAX_FILE, Source, SubmissionError, name_of, open_source

MOST_IGNORED = 20  # names that are listed
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
        ignored: the names of files that play no part.
    """

    folder: Path
    source: Path
    found: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def told(self, most: int = MOST_IGNORED) -> list[str]:
        """Sentences for the student: problems, notes, and at most so many ignored files by name."""
        sentences = list(dict.fromkeys([*self.problems.values(), *self.notes.values()]))
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
        exercise = next((name for name in self.found if file == exercise_file(name)), "")
        lines = re.split(r"\r\n?|\n", self.text(exercise))
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def digest(self) -> str:
        """A hash of the staged files: the same for the same files, however they were packed."""
        digest = hashlib.sha256()
        for exercise in sorted(self.found):
            content = self.path(exercise).read_bytes()
            digest.update(f"{exercise}:{len(content)}:".encode() + content)
        return digest.hexdigest()


def and_more(n_left: int) -> str:
    return f" and {n_left} more" if n_left > 0 else ""


def stage(source: Path, into: Path, exercises: tuple[str, ...]) -> Staged:
    """Copy the exercises' files into the empty folder `into`, next to the kit's own data/.

    Raises SubmissionError if `source` is neither a folder nor a readable zip, or has no file that
    can be graded.
    """
    staged = Staged(into, source)
    make_folder(into)
    with open_source(source) as files:
        handed_in = [exercise for exercise in exercises if stage_exercise(staged, files, exercise)]
        staged.ignored = [] if files.is_kit else ignored_names(files.names, staged.found.values())
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
    file = f"{exercise}.py"
    candidates, copies = find(files.names, exercise)
    if len(candidates) != 1:
        staged.problems[exercise] = problem_with_number(candidates, files, exercise)
        return bool(candidates)
    name = candidates[0]
    content = files.read(name)
    if content is None:
        wanted = f"a regular file of at most {MAX_FILE} bytes, neither damaged nor encrypted"
        staged.problems[exercise] = f"{name} can't be read: it should be {wanted}."
        return True
    staged.path(exercise).write_bytes(content)
    staged.found[exercise] = name
    if not content.removeprefix(BYTE_ORDER_MARK).strip():
        staged.problems[exercise] = f"{name} is empty: was it saved?"
    elif note := note_on(name, copies, file):
        staged.notes[exercise] = note
    return True


def problem_with_number(candidates: list[str], files: Source, exercise: str) -> str:
    """A sentence on an exercise whose file was not handed in, or more than once."""
    if candidates:
        return f"There is more than one {exercise}.py ({' and '.join(candidates[:MOST_NAMES])}): keep one."
    sentence = f"{exercise_file(exercise)} was not handed in."
    return "  ".join(filter(None, [sentence, hint_on(files.names, exercise)]))


def make_folder(into: Path) -> None:
    """A folder to import from: an empty src/ and the kit's own data/."""
    write_files({"src/__init__.py": b""}, into)
    shutil.copytree(KIT / "data", into / "data", ignore=shutil.ignore_patterns("__pycache__", "downloads"))


def stage_files(files: Mapping[str, bytes], into: Path) -> None:
    """Stage the files of a submission that the staff made: the same folder as `stage` makes."""
    make_folder(into)
    write_files(files, into)
