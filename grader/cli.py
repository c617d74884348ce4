"""The `grader` command: what students run before handing in and, beside the staff's folder, what teachers run."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grader import __version__
from grader.assignment import STAFF, AssignmentError
from grader.commands.check import check
from grader.judging.mutants import MutantError
from grader.sandbox.client import SandboxError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status that it documents, and 2 for what can't be run at all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the console can't show is no reason to stop
    options = parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except (AssignmentError, MutantError, SandboxError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="grader",
        description="Check and grade submissions of this assignment.",
        epilog="Example:  grader check",
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_check(commands)
    if STAFF.is_dir():
        from grader.staff.commands import add_staff_commands

        add_staff_commands(commands)
    return top


def add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "check",
        help="run the visible checks under the graded limits and make submission.zip",
        description="What to run before handing in: looks at the files, runs the visible checks under the limits that count when "
        "graded, and packs submission.zip.  Exit status: 0 all visible points, 1 not all, 2 nothing that could be graded.",
        epilog="Example:  grader check      (in the folder that has src/ in it)",
    )
    command.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    command.set_defaults(command=lambda options: check(options.folder))


if __name__ == "__main__":
    sys.exit(main())
