"""Where a run prints: pytest's terminal, or nowhere if pytest has none (`-p no:terminal`)."""

import io
import math
import shutil
import sys
import textwrap
from collections.abc import Sequence

import pytest

from grader.feedback.progress import Progress
from grader.texts import readable

MAX_WIDTH = 100  # characters of a line that is easy to read
MIN_WIDTH = 20


def show_every_character() -> None:
    """Make standard output write an escape for a character that the console can't show.

    Python would stop with an error.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Console:
    """Prints lines for people, and counts them: `n_lines`, as many as they take on the terminal.

    What a submission wrote in them can't control the terminal.
    """

    def __init__(self, reporter: pytest.TerminalReporter | None) -> None:
        self.reporter = reporter
        self.n_lines = 0
        self.progress = Progress(write=self.write, is_terminal=bool(reporter and reporter.isatty))

    @property
    def width(self) -> int:
        return max(min(shutil.get_terminal_size().columns, MAX_WIDTH), MIN_WIDTH)

    def write(self, text: str) -> None:
        """Print a text that may end in the middle of a line, at once."""
        self.n_lines += text.count("\n")
        if self.reporter is not None:
            self.reporter.write(text, flush=True)

    def line(self, text: str = "", **markup: bool) -> None:
        """Print a line as it is."""
        self.n_lines += self.height([text])
        if self.reporter is not None:
            self.progress.clear()
            self.reporter.write_line(readable(text), **markup)

    def height(self, lines: Sequence[str]) -> int:
        """How many lines of the terminal these lines take."""
        return sum(max(math.ceil(len(line) / self.width), 1) for line in lines)

    def paragraph(self, text: str, indent: str = "", first: str = "", **markup: bool) -> None:
        """Print a text in lines that fit; see `wrapped`."""
        for line in self.wrapped(text, indent, first):
            self.line(line, **markup)

    def wrapped(self, text: str, indent: str = "", first: str = "") -> list[str]:
        """A text in lines that fit; `indent` begins each, but `first` the first, if given."""
        wrap = textwrap.TextWrapper(self.width, first or indent, indent, break_on_hyphens=False)
        return [line for part in text.splitlines() for line in wrap.wrap(part)]

    def section(self, title: str) -> None:
        self.n_lines += 1
        if self.reporter is not None:
            self.progress.clear()
            self.reporter.section(title, sep="=", bold=True)
