"""The `grader` command, for students to check their work and for teachers to grade.

Teachers' commands are there if the staff's folder is.
"""

import argparse
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from grader import __version__
from grader.assignment import STAFF, GraderError, choose_assignment
from grader.commands import COMMANDS, Command

NOT_POSSIBLE, STOPPED = 2, 130


class CommandModule(Protocol):
    """What a command's module has: a text, an example, its arguments, and what it does."""

    HELP: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def main(self, options: argparse.Namespace) -> int: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns the exit status that the command documents, or 2 if a problem stops it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # some consoles can't show every character of a file name
    arguments = sys.argv[1:] if arguments is None else arguments
    commands = all_commands()
    name = next((word for word in arguments if word in commands), None)
    module = load(commands[name]) if name else None
    options = top_parser(commands, name, module).parse_args(arguments)
    try:
        choose_assignment(getattr(options, "assignment", None))
        assert module is not None  # the parser refuses anything but a command
        status = module.main(options)
        sys.stdout.flush()
        return status
    except GraderError as error:
        print(error, file=sys.stderr)
        return NOT_POSSIBLE
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return STOPPED
    except OSError as error:
        if error.errno == errno.EPIPE:  # what reads the output, such as head, has enough of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest at its end
            return NOT_POSSIBLE
        if error.errno == errno.ENOSPC:
            print("The disk is full.  Make room on it, and run the command again.", file=sys.stderr)
            return NOT_POSSIBLE
        raise


def all_commands() -> dict[str, Command]:
    """The commands that exist here: students have no grader/staff."""
    if not STAFF.is_dir():
        return COMMANDS
    from grader.staff.commands import COMMANDS as STAFF_COMMANDS

    return COMMANDS | STAFF_COMMANDS


def load(command: Command) -> CommandModule:
    """Import a command's module: only that of the command that runs, so that each starts fast."""
    return cast(CommandModule, importlib.import_module(command.module))


def top_parser(
    commands: dict[str, Command], chosen: str | None, module: CommandModule | None
) -> argparse.ArgumentParser:
    """The parser that knows the name of every command, and the arguments of the chosen one."""
    top = argparse.ArgumentParser(
        prog="grader",
        description="Check and grade submissions of this assignment.",
        epilog="`grader COMMAND --help` explains a command.  Example:  grader check",
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    parsers = top.add_subparsers(required=True, metavar="COMMAND")
    for name, command in commands.items():
        parser = parsers.add_parser(name, help=command.summary)
        if name == chosen and module is not None:
            parser.description, parser.epilog = module.HELP, f"Example:  {module.EXAMPLE}"
            module.add_arguments(parser)
    return top


if __name__ == "__main__":
    sys.exit(main())
