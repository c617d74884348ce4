"""Arguments that several commands share."""

import argparse
from pathlib import Path


def add_assignment(parser: argparse.ArgumentParser) -> None:
    """--assignment, which `grader.cli` reads before it runs the command."""
    about = "the assignment file (default: assignment.toml); a course with several assignments has one file for each"
    parser.add_argument("--assignment", type=Path, metavar="FILE", help=about)


def add_choice(parser: argparse.ArgumentParser, tried: str, report: str, seen: str) -> None:
    """--json and --only, for a command that tries many things and reports on all of them."""
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"write {seen} to this file")
    only = f"only those {tried} whose names start with NAME; leaves {report} unchanged"
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help=only)
