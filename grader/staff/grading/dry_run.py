"""`grader grade --dry-run`: who would be graded, with which files."""

import tempfile
from pathlib import Path

from grader.intake.files import exercise_file
from grader.intake.sources import SubmissionError
from grader.intake.submission import Staged, stage
from grader.staff.grading.handed_in import Entry, HandedIn
from grader.texts import readable


def print_plan(handed_in: HandedIn, exercises: tuple[str, ...]) -> int:
    """Print each submission with its files.  Returns how many have none that can be graded."""
    n_without = 0
    for entry in handed_in.entries:
        late = f", {entry.late.in_words}" if entry.late.late else ""
        say(f"\n{entry.name}: {' and '.join(who(entry))}{late}")
        with tempfile.TemporaryDirectory(prefix="grader-plan-") as folder:
            try:
                print_files(staged(entry, Path(folder), exercises), exercises)
            except SubmissionError as error:
                n_without += 1
                say(f"  nothing can be graded: {error}")
    return n_without


def say(text: str) -> None:
    """Print a text that holds names of files: they may hold what controls a terminal."""
    print(readable(text))


def who(entry: Entry) -> list[str]:
    return [" ".join(filter(None, (student.name, student.id and f"({student.id})"))) for student in entry.students]


def staged(entry: Entry, folder: Path, exercises: tuple[str, ...]) -> Staged:
    (folder / "in").mkdir()
    return stage(entry.upload.pack().write(folder / "in"), folder / "staged", exercises)


def print_files(files: Staged, exercises: tuple[str, ...]) -> None:
    for exercise in exercises:
        if exercise in files.problems:
            say(f"  {files.problems[exercise]}")
        else:
            say(f"  {exercise_file(exercise)}: {files.found[exercise]}")
    for sentence in files.about_modules:
        say(f"  {sentence}")
