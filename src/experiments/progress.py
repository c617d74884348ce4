"""What people see while an experiment runs: progress bars with the time left, lines, and tables."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import numpy.typing as npt
import torch
from rich import box, progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.my_dataset import MyDataset

WIDTH = 160  # of lines that go to a file
EVERY = 100  # examples between two updates of a bar


class Display:
    """Prints to the terminal; to a file or pipe it prints plain lines and no bars."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        # a file or pipe has no width of its own, and lines there may be long
        self.console = console if console.is_terminal else Console(highlight=False, width=WIDTH)
        self.bar: progress.Progress | None = None
        self.task: progress.TaskID | None = None

    def print(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table, or a line for each cell if the terminal is too narrow for it."""
        texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
        table = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False)
        for row in texts:
            table.add_row(*map(escape, row))
        self.print(f"\n{title}")
        least = self.console.measure(table, options=self.console.options.update(width=1000)).minimum
        if least <= self.console.width:
            self.console.print(table)
            return
        for row in texts:
            self.print("\n".join(f"  {column}: {cell}" for column, cell in zip(columns, row, strict=True)) + "\n")

    @contextlib.contextmanager
    def part(self, key: str) -> Iterator[None]:
        """Show a bar while one part of an experiment runs, then a line with its time."""
        start = time.perf_counter()
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TaskProgressColumn(),
            progress.TimeRemainingColumn(),
            progress.TextColumn("left"),
        )
        bar = progress.Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        with bar:
            self.bar, self.task = bar, bar.add_task(key, total=None)
            yield
            self.bar = self.task = None
        self.print(f"{key}: {time.perf_counter() - start:.1f} s")

    def expect(self, total: float, description: str | None = None) -> None:
        """Start the bar of the current part from 0, with so many steps to go."""
        if self.bar is not None and self.task is not None:
            self.bar.reset(self.task, total=total, description=description)

    def advance(self, steps: float = 1) -> None:
        """Move the bar of the current part on."""
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task, steps)


class CountedDataset(MyDataset):
    """A MyDataset that moves a progress bar when its examples are handed out.

    So the bar shows how far `run_model` is, without a change to `run_model`.

    Args:
        x, y: features and targets, as for MyDataset.
        display: shows the bar.
        augment: changes the features of an example each time that it is handed out.
    """

    def __init__(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        display: Display,
        augment: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        super().__init__(x, y)
        self.display = display
        self.augment = augment
        self.handed_out = 0

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        self.handed_out += 1
        if self.handed_out % EVERY == 0:
            self.display.advance(EVERY)
        features = self.x[index] if self.augment is None else self.augment(self.x[index])
        return features, self.y[index]
