"""Shows how far a long task is.

A terminal gets one line that changes. Anything else gets a new line every ten seconds.
"""

import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

MAX_WIDTH = 100  # characters of the line on a terminal
EVERY_S = 10.0


def width() -> int:
    """The characters of a line that can be overwritten: a longer one would wrap."""
    return min(shutil.get_terminal_size().columns - 1, MAX_WIDTH)


def write_now(text: str) -> None:
    print(text, end="", flush=True)


class Progress:
    """Shows the progress of one task.

    Args:
        total: how many steps the task has, 0 if nobody counts them.
        done: a counter that several processes share, if they work on the task together.
        write: prints a text, and adds no line end.
        is_terminal: whether a line can be overwritten (default: whether standard output can).
    """

    def __init__(
        self,
        total: int = 0,
        done: "Synchronized[int] | None" = None,
        write: Callable[[str], None] = write_now,
        is_terminal: bool | None = None,
    ) -> None:
        self.total, self.shared, self.own, self.write = total, done, 0, write
        self.is_terminal = sys.stdout.isatty() if is_terminal is None else is_terminal
        self.started = self.last_line = time.monotonic()
        self.is_shown = False

    def step(self, text: str, always: bool = False) -> None:
        """Count one more step. The last one, and any with `always`, gets a line that stays."""
        done = self.count()
        line = f"[{done}/{self.total}] {time.monotonic() - self.started:4.0f} s  {text}"
        if always or done == self.total:
            self.say(line)
        else:
            self.show(line)

    def count(self) -> int:
        if self.shared is None:
            self.own += 1
            return self.own
        with self.shared.get_lock():
            self.shared.value += 1
            return self.shared.value

    def show(self, line: str) -> None:
        """Show a line for a moment, or leave it out if the last one is too recent."""
        if self.is_terminal:
            self.write(f"\r{line:<{width()}.{width()}}")
            self.is_shown = True
        elif time.monotonic() - self.last_line >= EVERY_S:
            self.say(line)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self.clear()
        self.write(f"{line}\n")

    def clear(self) -> None:
        """Remove the line that is shown, so that other text can be printed."""
        if self.is_shown:
            self.write("\r" + " " * width() + "\r")
        self.is_shown, self.last_line = False, time.monotonic()
