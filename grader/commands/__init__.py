"""What students run: each module is one `grader` command.

A command's module has the command's name, and in it:

    HELP                     what the command does, and its exit statuses
    EXAMPLE                  a command line
    add_arguments(parser)    its arguments
    main(options)            what it does; returns the exit status
"""

from typing import NamedTuple


class Command(NamedTuple):
    """Where a command's module is, and what `grader --help` says of it in one line."""

    module: str
    summary: str


COMMANDS = {
    "check": Command("grader.commands.check", "run the visible checks under the graded limits and make submission.zip"),
    "watch": Command("grader.commands.watch", "run the checks of a function again whenever you save its file"),
    "reproduce": Command("grader.commands.reproduce", "write a check as a short script, to run or debug"),
    "report": Command("grader.commands.report", "fill in the report's tables, say what is missing, render its page"),
}
