"""`grader check`: what a student runs before handing in."""

import argparse
import ast
import tempfile
from pathlib import Path

import pytest

from grader.assignment import KIT, GraderError, read_assignment
from grader.intake.files import exercise_file, zipped
from grader.intake.submission import Staged, stage
from grader.judging.advice import advice_on
from grader.judging.settings import Settings
from grader.plugin import run_checks

HELP = (
    "Run this before you hand in.  It looks at your files, runs the visible checks under the limits that count when "
    "graded, and packs submission.zip.  Exit status: 0 if all visible checks pass, 1 if not, 2 if nothing can be graded."
)
EXAMPLE = "grader check      (in the folder that has src/ in it)"
ALL_POINTS, NOT_ALL = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")


def main(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    with tempfile.TemporaryDirectory(prefix="grader-check-") as temporary:
        staged = stage(folder, Path(temporary) / "submission", read_assignment().exercises)
        print_files(staged)
        package = pack(staged, folder) if folder.is_dir() else folder
    status = run_checks(Settings(folder), [KIT / "tests"], "-q")
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise GraderError(
            "The checks could not run (see above).  Download the assignment again, or ask the course staff."
        )
    print(f"\n{package} is ready to hand in.  The points above are your visible points.  Hidden checks count as well.")
    return ALL_POINTS if status == pytest.ExitCode.OK else NOT_ALL


def print_files(staged: Staged) -> None:
    """Each exercise's file, and what is known of it without running it."""
    print("Files")
    for exercise in read_assignment().exercises:
        print(f"  {exercise_file(exercise)}: {state_of(staged, exercise)}")


def state_of(staged: Staged, exercise: str) -> str:
    """A sentence or a word on an exercise's file."""
    if exercise in staged.problems:
        return staged.problems[exercise]
    try:
        ast.parse(staged.path(exercise).read_bytes())
    except SyntaxError as error:
        advice = advice_on(type(error).__name__, f"{error.msg}\n{error.text}")
        return "  ".join(filter(None, [f"a syntax error in line {error.lineno}: {error.msg}.", advice]))
    except (ValueError, RecursionError, MemoryError) as error:
        return f"can't be read as Python: {error}.  {advice_on(type(error).__name__, str(error))}".strip()
    return staged.notes.get(exercise, "found")


def pack(staged: Staged, folder: Path) -> Path:
    """Write submission.zip: the exercises' files, and the report if there is one."""
    reports = sorted(path for path in folder.glob("report*") if path.suffix in (".md", ".pdf"))
    files = {exercise_file(exercise): staged.path(exercise).read_bytes() for exercise in staged.found}
    files |= {report.name: report.read_bytes() for report in reports}
    package = folder / "submission.zip"
    temporary = package.with_name(".submission.zip.part")  # an interrupted run must not leave half a zip
    temporary.write_bytes(zipped(files))
    temporary.replace(package)
    return package
