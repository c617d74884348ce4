"""Where `grader watch` shows things: a live table on a terminal, lines anywhere else."""

import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live

from grader.watch.view import View, closing_lines, rendered, verdict_lines

EVERY_S = 0.2


class Screen(Protocol):
    """What the watch tells its reader."""

    def __enter__(self) -> "Screen": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def news(self, view: View) -> None:
        """A line about a save."""

    def progress(self, view: View) -> None:
        """A check has run."""

    def verdict(self, view: View, group: list[str]) -> None:
        """All checks of a group have run, and their mistakes have names."""

    def end(self, view: View) -> None:
        """All checks have run."""


class LiveTable:
    """One table that changes in place."""

    def __init__(self, console: Console) -> None:
        self.console, self.drawn = console, 0.0
        self.live = Live(console=console, auto_refresh=False, vertical_overflow="crop", redirect_stderr=False)

    def __enter__(self) -> "LiveTable":
        self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    def draw(self, view: View) -> None:
        self.live.update(rendered(view, self.console.width, self.console.height), refresh=True)
        self.drawn = time.monotonic()

    news = end = draw

    def progress(self, view: View) -> None:
        if time.monotonic() - self.drawn >= EVERY_S:  # to draw takes longer than some checks
            self.draw(view)

    def verdict(self, view: View, group: list[str]) -> None:
        self.draw(view)


class Lines:
    """New lines for what is new."""

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def news(self, view: View) -> None:
        self.write([view.news] if view.news else [])

    def progress(self, view: View) -> None:
        pass

    def verdict(self, view: View, group: list[str]) -> None:
        self.write(verdict_lines(view, group))

    def end(self, view: View) -> None:
        self.write(closing_lines(view))

    def write(self, lines: list[str]) -> None:
        for line in lines:
            print(line, flush=True)


def screen_for(console: Console) -> Screen:
    return LiveTable(console) if console.is_terminal else Lines()
