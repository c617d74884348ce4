"""What a teacher sees in the terminal while a class is graded, and at the end."""

import time
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from grader.staff.grading.handed_in import Entry, count_of
from grader.staff.grading.store import Grade
from grader.texts import readable


class Shown:
    """Prints a line for each grade, and on a terminal a bar below them.  Use it in a `with`."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.known, self.started = total, 0, 0, time.monotonic()
        self.console = Console(soft_wrap=True, highlight=False, markup=False)
        columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
        self.bar = Progress(*columns, console=self.console, refresh_per_second=2, disable=not self.console.is_terminal)

    def __enter__(self) -> "Shown":
        self.bar.start()
        self.task = self.bar.add_task(self.state, total=self.total)
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    @property
    def state(self) -> str:
        """How far it is: "37 of 118, 12 minutes left"."""
        n_graded, left = self.done - self.known, self.total - self.done
        if not n_graded or not left:
            return f"{self.done} of {self.total}"
        return f"{self.done} of {self.total}, {time_left((time.monotonic() - self.started) / n_graded * left)} left"

    def show(self, grade: Grade, known: bool) -> None:
        """Count a grade, and print it unless it was known already."""
        self.done, self.known = self.done + 1, self.known + known
        self.bar.update(self.task, completed=self.done, description=self.state)
        if not known:
            progress = "" if self.console.is_terminal else f"  ({self.state})"
            self.console.print(readable(f"{grade.name}: {summary(grade)}{progress}"))


def time_left(seconds: float) -> str:
    if seconds < 90:
        return count_of(max(1, round(seconds)), "second")
    return count_of(round(seconds / 60), "minute") if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def summary(grade: Grade) -> str:
    if grade.problem and not grade.is_graded:
        return f"not graded: {grade.problem}"
    cost = f" in {grade.cost['seconds']:.0f} s" if grade.cost else ""
    return f"{grade.points}{cost}" + (f"; {grade.problem}" if grade.problem else "")


def print_table(grades: Sequence[Grade], entries: Iterable[Entry]) -> None:
    """Print a row for each submission: its points, and how many checks passed, failed and so on."""
    late = {entry.name: entry.late.text for entry in entries}
    width = max(len("submission"), *(len(grade.name) for grade in grades))
    extra = [("report", {grade.name: grade.report for grade in grades}), ("late", late)]
    extra = [(title, cells) for title, cells in extra if any(cells.get(grade.name) for grade in grades)]
    titles = "".join(f"  {title:>8}" for title, _ in extra)
    print(f"\n{'submission':<{width}}  {'points':>9}  passed  to do  blocked  failed{titles}")
    for grade in grades:
        if not grade.is_graded:
            print(readable(f"{grade.name:<{width}}  not graded: {grade.problem}"))
            continue
        counts = grade.results["extra_data"]["checks"]
        columns = f"{counts['passed']:>6}  {counts['to do']:>5}  {counts['blocked']:>7}  {counts['failed']:>6}"
        cells = "".join(f"  {cells.get(grade.name, ''):>8}" for _, cells in extra)
        print(f"{grade.name:<{width}}  {grade.points:>9}  {columns}{cells}".rstrip())
    for grade in grades:
        if grade.is_graded and grade.problem:
            print(readable(f"{grade.name}: {grade.problem}"))
    if any(grade.report for grade in grades):
        print("report: points for its numbers, apart from the others. report.html beside results.json shows it.")
