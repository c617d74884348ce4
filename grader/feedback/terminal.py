"""What a run prints in the terminal: a line for each check, progress, and the closing tables."""

import shutil
import textwrap
from collections.abc import Iterable

import pytest

from grader.feedback.progress import Progress
from grader.feedback.words import points_text, text_of
from grader.judging.record import Figure, Record, Status

COLOURS = {Status.PASSED: "green", Status.TO_DO: "yellow", Status.BLOCKED: "yellow"}  # others are red


class Display:
    """The lines of a run, check by check."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal
        self.heading = ""
        self.progress = Progress(write=lambda text: terminal.write(text, flush=True), is_terminal=bool(terminal.isatty))

    def show(self, record: Record) -> None:
        """A check's points, or what stands in their way, under the heading of its exercise."""
        self.progress.clear()
        heading = f"{record.exercise}, hidden checks" if record.hidden else record.exercise
        if heading != self.heading:
            self.heading = heading
            self.terminal.write_line(f"\n{heading}", bold=True)
        self.print_check(record)

    def print_check(self, record: Record) -> None:
        word = "" if record.status == Status.PASSED else record.status
        left = f"{points_text(record.points, record.max_points):>7}  {word:<8} {record.number:<5} "
        width = max(shutil.get_terminal_size().columns - len(left), 40)
        for i, line in enumerate(textwrap.wrap(record.title, width)):
            colour = COLOURS.get(record.status, "red")
            self.terminal.write_line((" " * len(left) if i else left) + line, **{colour: True})
        text = text_of(record)
        if text and record.status in (Status.PASSED, Status.BLOCKED):  # a failed one has a section below
            self.terminal.write(textwrap.indent(textwrap.fill(text, width), " " * len(left)) + "\n")

    def tick(self, seconds: float, title: str) -> None:
        """Show that a long check still runs."""
        self.progress.show(f"  ... {seconds:.0f} s  {title:.60}")


def figures_table(terminal: pytest.TerminalReporter, figures: list[Figure]) -> None:
    """The measured figures, next to those in the homework texts that the exercises come from."""
    terminal.section("figures", sep="=", bold=True)
    width = max(len(figure.name) for figure in figures)
    terminal.write_line(f"{'figure':<{width}} {'here':>12} {'documents':>12}", bold=True)
    for figure in figures:
        documents = "" if figure.documents is None else f"{figure.documents:,.10g}"
        terminal.write_line(f"{figure.name:<{width}} {round(figure.value, 2):>12,.10g} {documents:>12}")


def closing_table(terminal: pytest.TerminalReporter, records: list[Record]) -> None:
    """Points and counts by exercise, what is still to do, and what the total leaves out."""
    terminal.section("points", sep="=", bold=True)
    columns = f"{'exercise':<16} {'checks':>6} {'passed':>6} {'to do':>6} {'blocked':>7} {'failed':>6} {'points':>10}"
    terminal.write_line(columns, bold=True)
    for exercise in dict.fromkeys(record.exercise for record in records):
        terminal.write_line(table_row(exercise, [record for record in records if record.exercise == exercise]))
    terminal.write_line(table_row("total", records), bold=True)
    for line in closing_lines(records):
        terminal.write_line(line)


def table_row(name: str, records: list[Record]) -> str:
    passed, todo, blocked = (
        sum(record.status == status for record in records) for status in (Status.PASSED, Status.TO_DO, Status.BLOCKED)
    )
    failed = len(records) - passed - todo - blocked
    points = points_text(sum(r.points for r in records), sum(r.max_points for r in records))
    return f"{name:<16} {len(records):>6} {passed:>6} {todo:>6} {blocked:>7} {failed:>6} {points:>10}"


def closing_lines(records: list[Record]) -> Iterable[str]:
    todo = dict.fromkeys(record.subject for record in records if record.status == Status.TO_DO)
    if todo:
        yield from textwrap.wrap(f"Still to do: {', '.join(todo)}.", 100, subsequent_indent="  ")
    hints = dict.fromkeys(hint for record in records for hint in record.hints)
    if hints:
        yield "Mistakes found:"
    for hint in hints:
        yield from textwrap.wrap(hint, 100, initial_indent="- ", subsequent_indent="  ")
    if not any(record.hidden for record in records):
        yield "These are your visible points.  Hidden checks count as well when the assignment is graded."
