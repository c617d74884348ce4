"""`grader solution`: the reference, as a submission that can be handed in."""

import argparse
from pathlib import Path

from grader.assignment import GraderError, checked_exercises
from grader.intake.files import write_files
from grader.judging.reference import reference_files

HELP = (
    "Writes the reference of every exercise to OUT/src/NAME.py: a submission with all points.  "
    "Exit status: 0, or 2 if it can't be written."
)
EXAMPLE = "grader solution build/solution"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "the folder to write to; its src/ must be empty or missing"
    parser.add_argument("out", type=Path, metavar="OUT", help=about)


def main(options: argparse.Namespace) -> int:
    return make_solution(options.out)


def make_solution(out: Path) -> int:
    """Write the reference to OUT/src/.

    Raises GraderError if that folder is not empty, or can't be written.
    """
    source = out / "src"
    try:
        if source.exists() and any(source.iterdir()):
            raise GraderError(f"{source} is not empty: name another folder, so that nothing is overwritten.")
        write_solution(out)
    except OSError as error:
        raise GraderError(f"{source} can't be written: {error.strerror or error}.") from None
    print(f"Wrote the reference to {source}.  Keep it private.")
    return 0


def write_solution(folder: Path) -> Path:
    """Write the reference of every exercise to folder/src/NAME.py; returns the folder."""
    return write_files(reference_files(checked_exercises()), folder)
