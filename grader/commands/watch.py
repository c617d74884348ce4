"""`grader watch`: runs the checks of a function again as soon as its file is saved."""

import argparse
import signal
from pathlib import Path

from rich.console import Console

from grader.assignment import GraderError
from grader.feedback.console import show_every_character
from grader.sandbox.frames import Workers
from grader.watch.saves import Saves
from grader.watch.screen import screen_for
from grader.watch.session import Session
from grader.watch.watch import Watch

HELP = (
    "Runs all visible checks, and then stays: whenever you save a file of src/, it runs the checks of the functions that you "
    "changed, and shows your points, what to fix, and what changed.  Ctrl-C ends it.  Before you hand in, run `grader check`.  Exit status: 0."
)
EXAMPLE = "grader watch      (in the folder that has src/ in it)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    # One process answers all calls: a new one for each would take five times as long.
    parser.add_argument("--workers", type=Workers, default=Workers.PERSISTENT, help=argparse.SUPPRESS)


def main(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    if not (folder / "src").is_dir():
        raise GraderError(
            f"{folder} has no folder src/ in it: run this in the folder of your assignment, or name that."
        )
    show_every_character()
    end_when_closed()
    console = Console(highlight=False)
    console.print(f"Watching {folder / 'src'}.  Save a file to check it; Ctrl-C ends.", style="bold")
    try:
        with (
            Saves(folder / "src") as saves,
            Session(folder, options.workers, lambda: saves.is_new) as session,
            screen_for(console) as screen,
        ):
            Watch(session, saves, screen).keep_on()
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def end_when_closed() -> None:
    """End as after Ctrl-C if the terminal is closed or the process is told to end."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
