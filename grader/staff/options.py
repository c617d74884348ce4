"""Arguments that several commands share."""

import argparse
from pathlib import Path


def add_assignment(parser: argparse.ArgumentParser) -> None:
    """--assignment, which `grader.cli` reads before it runs the command."""
    about = "the assignment file (default: assignment.toml); a course with several assignments has one file for each"
    parser.add_argument("--assignment", type=Path, metavar="FILE", help=about)
