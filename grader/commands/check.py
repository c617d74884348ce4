"""`grader check`: what a student runs before handing in."""

import argparse
import ast
import tempfile
import zipfile
from pathlib import Path

import pytest

from grader.assignment import KIT, read_assignment
from grader.intake.submission import Staged, SubmissionError, stage
from grader.judging.advice import advice_on
from grader.judging.settings import Settings
from grader.plugin import run_checks

HELP = (
    "Run this before you hand in.  It looks at your files, runs the visible checks under the limits that count when "
    "graded, and packs submission.zip.  Exit status: 0 if all visible checks pass, 1 if not, 2 if nothing can be graded."
)
EXAMPLE = "grader check      (in the folder that has src/ in it)"
ALL_POINTS, NOT_ALL, NOT_GRADABLE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")


def main(options: argparse.Namespace) -> int:
    return check(options.folder)


def check(folder: Path) -> int:
    """Look at the files, run the visible checks on them, and pack submission.zip in the same folder."""
    folder = folder.resolve()
    exercises = read_assignment().exercises
    with tempfile.TemporaryDirectory(prefix="grader-check-") as temporary:
        try:
            staged = stage(folder, Path(temporary) / "submission", exercises)
        except SubmissionError as error:
            print(error)
            return NOT_GRADABLE
        print("Files")
        for exercise in exercises:
            print(f"  src/{exercise}.py: {state_of(staged, exercise)}")
        package = pack(staged, folder) if folder.is_dir() else folder
    status = run_checks(Settings(folder), [KIT / "tests"], "-q")
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        print("The checks could not run (see above).  Download the assignment again, or ask the course staff.")
        return NOT_GRADABLE
    print(f"\n{package} is ready to hand in.  The points above are your visible points.  Hidden checks count as well.")
    return ALL_POINTS if status == pytest.ExitCode.OK else NOT_ALL


def state_of(staged: Staged, exercise: str) -> str:
    """A file's state in words, without running it."""
    if exercise in staged.problems:
        return staged.problems[exercise]
    try:
        ast.parse((staged.folder / "src" / f"{exercise}.py").read_bytes())
    except SyntaxError as error:
        advice = advice_on(type(error).__name__, f"{error.msg}\n{error.text}")
        return "  ".join(filter(None, [f"a syntax error in line {error.lineno}: {error.msg}.", advice]))
    except (ValueError, RecursionError, MemoryError) as error:
        return f"can't be read as Python: {error}.  {advice_on(type(error).__name__, str(error))}".strip()
    return staged.notes.get(exercise, "found")


def pack(staged: Staged, folder: Path) -> Path:
    """submission.zip: the exercise files that were found, and the report where there is one."""
    package = folder / "submission.zip"
    temporary = package.with_name(".submission.zip.part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
        for exercise in staged.found:
            file.write(staged.folder / "src" / f"{exercise}.py", f"src/{exercise}.py")
        for report in sorted(path for path in folder.glob("report*") if path.suffix in (".md", ".pdf")):
            file.write(report, report.name)
    temporary.replace(package)
    return package
