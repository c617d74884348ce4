"""What people read of a run: a line for each check, what a failed one says, and the closing table."""

import textwrap
from collections.abc import Iterable

from _pytest.terminal import TerminalReporter

from grader.judging.checks import CheckFailed
from grader.judging.record import Figure, Record

COLOURS = {"passed": "green", "to do": "yellow", "blocked": "yellow", "failed": "red", "error": "red", "not run": "red"}
GRADER_ERROR = "This could not be checked, and that is the grader's fault, not yours: show it to the course's staff."


def output_of(record: Record, error: BaseException | None, notes: list[str], staff: bool = False) -> str:
    """What a check says, to the student it belongs to; of a hidden one only its public sentence, save to the staff's terminal."""
    shown = staff or not record.hidden
    if isinstance(error, CheckFailed):
        return (
            "\n".join(filter(None, [error.sentence, error.details, printed(error.output)])) if shown else error.public
        )
    if error is not None:
        return GRADER_ERROR
    if record.status == "passed":
        return "\n".join(f"Note: {note}" for note in notes) if shown else ""
    return record.output or GRADER_ERROR


def printed(output: str) -> str:
    if not output.strip():
        return ""
    text = output.strip()
    text = text if len(text) <= 4000 else text[:4000] + "\n..."
    return "What your code printed:\n" + textwrap.indent(text, "  ")


def points_text(points: float, maximum: float) -> str:
    return f"{points:g}/{maximum:g}"


def print_check(terminal: TerminalReporter, record: Record) -> None:
    """Points, or what stands in their way; number and title."""
    word = "" if record.status == "passed" else record.status
    left = f"{points_text(record.points, record.max_points):>7}  {word:<8} {record.number:<5} "
    width = max(terminal._tw.fullwidth - len(left), 40)
    for i, line in enumerate(textwrap.wrap(record.title, width)):
        terminal.write_line((" " * len(left) if i else left) + line, **{COLOURS[record.status]: True})
    if record.status in ("passed", "blocked"):  # a failed one has a section of its own below
        terminal.write(
            textwrap.indent(textwrap.fill(record.output, width), " " * len(left)) + "\n" if record.output else ""
        )


def figures_table(terminal: TerminalReporter, figures: list[Figure]) -> None:
    """What was measured, beside the course documents' figures."""
    terminal.section("figures", sep="=", bold=True)
    width = max(len(figure.name) for figure in figures)
    terminal.write_line(f"{'figure':<{width}} {'here':>12} {'documents':>12}", bold=True)
    for figure in figures:
        documents = "" if figure.documents is None else f"{figure.documents:,.10g}"
        terminal.write_line(f"{figure.name:<{width}} {round(figure.value, 2):>12,.10g} {documents:>12}")


def closing_table(terminal: TerminalReporter, records: list[Record]) -> None:
    """Points and counts by exercise, what is still to do, and what the total leaves out."""
    terminal.section("points", sep="=", bold=True)
    columns = f"{'exercise':<16} {'checks':>6} {'passed':>6} {'to do':>6} {'other':>6} {'points':>10}"
    terminal.write_line(columns, bold=True)
    for exercise in dict.fromkeys(record.exercise for record in records):
        terminal.write_line(table_row(exercise, [record for record in records if record.exercise == exercise]))
    terminal.write_line(table_row("total", records), bold=True)
    for line in closing_lines(records):
        terminal.write_line(line)


def table_row(name: str, records: list[Record]) -> str:
    passed = sum(record.status == "passed" for record in records)
    todo = sum(record.status == "to do" for record in records)
    points = points_text(sum(r.points for r in records), sum(r.max_points for r in records))
    return f"{name:<16} {len(records):>6} {passed:>6} {todo:>6} {len(records) - passed - todo:>6} {points:>10}"


def closing_lines(records: list[Record]) -> Iterable[str]:
    todo = dict.fromkeys(record.subject for record in records if record.status == "to do")
    if todo:
        yield from textwrap.wrap(f"Still to do: {', '.join(todo)}.", 100, subsequent_indent="  ")
    hints = dict.fromkeys(record.hint for record in records if record.hint)
    if hints:
        yield "Mistakes found:"
    for hint in hints:
        yield from textwrap.wrap(hint, 100, initial_indent="- ", subsequent_indent="  ")
    if not any(record.hidden for record in records):
        yield "These are visible points only: hidden checks count as well when the assignment is graded."
