"""What `grader watch` shows: the points of each exercise and function, what changed, and causes."""

import textwrap
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.feedback.causes import Cause, causes_of, headline, numbers_of
from grader.feedback.lines import colour_of, functions_of, groups_of
from grader.feedback.words import counts_of, details_of, score_of
from grader.judging.record import Record, Status
from grader.texts import readable

Records = Mapping[str, Record]
MOST_CAUSES = 4  # that are shown at a time
MOST_TROUBLES = 2
LEAST_ROOM = 3  # lines for causes, however small the window is


@dataclass
class View:
    """What is known at one moment.

    Attributes:
        records: the last record of each check, by its name.
        before: those of the moment before the last save, of the checks that had run by then.
        focus: the functions whose checks run first, each with its exercise.
        news: a line about the last save, and its style.
        running: the checks that still have to run again.
        saved: when the last save was noticed, on the monotonic clock.
        took: how many seconds all its checks took, once they have run.
        troubles: why the grader could not check some of them, by the checks' names.
    """

    records: Records
    before: Records = field(default_factory=dict)
    focus: frozenset[tuple[str, str]] = frozenset()
    news: str = ""
    news_style: str = "bold cyan"
    running: frozenset[str] = frozenset()
    saved: float = field(default_factory=time.monotonic)
    took: float | None = None
    troubles: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.saved if self.took is None else self.took

    def change(self, records: Iterable[Record]) -> float:
        """How many points these checks have more than before the last save."""
        return sum(record.earned - self.before[record.name].earned for record in records if self.was_run(record))

    def was_run(self, record: Record) -> bool:
        return record.name in self.before

    def turned(self, to_passed: bool) -> list[Record]:
        """The checks that pass now and did not before the save, or the other way round."""
        was_passed = {name: record.status == Status.PASSED for name, record in self.before.items()}
        return [
            record
            for name, record in self.records.items()
            if self.was_run(record)
            and record.status != Status.NOT_RUN
            and (record.status == Status.PASSED) is to_passed
            and was_passed[name] is not to_passed
        ]

    def causes(self) -> list[Cause]:
        """What to fix, beginning with the functions in focus."""
        causes = causes_of(self.records.values())
        return sorted(causes, key=lambda cause: not any(place_of(check) in self.focus for check in cause.checks))


def place_of(record: Record) -> tuple[str, str]:
    return record.exercise, record.function


def signed(change: float) -> str:
    return f"{change:+g}" if change else ""


# On a terminal


def rendered(view: View, width: int, height: int) -> RenderableType:
    """The whole picture, in at most so many lines."""
    news = textwrap.wrap(readable(view.news), width - 1)
    table = table_of(view)
    turned = [part for line in changes_of(view) for part in wrapped(line, width - 1, "")]
    room = max(height - table.row_count - len(news) - len(turned) - 3, LEAST_ROOM)
    parts: list[RenderableType] = [Text(line, view.news_style) for line in news]
    parts += [table, total_of(view), *(Text(line, "bold") for line in turned)]
    return Group(*parts, *causes_in(view, width - 1, room))


def table_of(view: View) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for exercise, records in groups_of(view.records.values()).items():
        add_row(table, view, exercise, records, "bold")
        if any(place_of(record) in view.focus for record in records):
            for function, own in functions_of(records).items():
                add_row(table, view, f"  {function}", own, "")
    return table


def add_row(table: Table, view: View, name: str, records: list[Record], style: str) -> None:
    n_left = sum(record.name in view.running for record in records)
    change = view.change(records)
    waiting = f"  ({n_left} to run)" if n_left else ""
    table.add_row(
        Text(name, style),
        Text(score_of(records), f"{style} {colour_of(records)}".strip()),
        Text(signed(change), "bold green" if change > 0 else "bold red"),
        Text(f"{counts_of(records)}{waiting}", "dim"),
    )


def total_of(view: View) -> Text:
    records = list(view.records.values())
    change, n_left = view.change(records), len(view.running)
    text = Text(f"{score_of(records)} visible points", "bold")
    text.append(f"  {signed(change)}", "green" if change > 0 else "red") if change else None
    if n_left:
        text.append(f"  {n_left} check{'s' if n_left > 1 else ''} to run, {view.seconds:.0f} s", "not bold dim")
    elif view.took is not None:
        text.append(f"  {view.took:.1f} s", "not bold dim")
    return text


def changes_of(view: View) -> list[str]:
    """Which checks turned with the last save, and why some could not be checked."""
    told = {"Passes now": view.turned(True), "No longer passes": view.turned(False)}
    lines = [f"{what}: {', '.join(numbers_of(records))}" for what, records in told.items() if records]
    for trouble in list(dict.fromkeys(view.troubles.values()))[:MOST_TROUBLES]:
        checks = numbers_of(view.records[name] for name, text in view.troubles.items() if text == trouble)
        lines.append(readable(f"Not checked, because the grader has a fault: {', '.join(checks)}.  {trouble}"))
    return lines


def causes_in(view: View, width: int, room: int) -> list[Text]:
    """The first causes, as far as there is room, with the details of the first."""
    shown: list[Text] = []
    for place, cause in enumerate(view.causes()[:MOST_CAUSES], 1):
        shown += [Text(line, "red") for line in wrapped(headline(cause), width, f"{place}. ")]
        if place == 1:
            shown += [Text(line) for detail in details_in(cause) for line in wrapped(detail, width, "   ")]
    return shown[:room]


def wrapped(text: str, width: int, first: str) -> list[str]:
    return textwrap.wrap(readable(text), width, initial_indent=first, subsequent_indent="   ", break_on_hyphens=False)


def details_in(cause: Cause) -> list[str]:
    """What a known mistake did in one check; anything else says it in its first line."""
    feedback = cause.example.feedback
    if feedback is None:
        return []
    first = [feedback.sentence] if cause.is_known_mistake else []
    return [*first, *details_of(cause.example).splitlines()][:6]


# As plain lines, if nobody can overwrite them


def verdict_lines(view: View, names: Iterable[str]) -> list[str]:
    """What the functions of these checks show: those in focus everything, others what changed.

    In the first run there is a line for each exercise.  What has checks that still have to run is
    left out: it is shown once, when it is complete.
    """
    waiting = {place_of(view.records[name]) for name in view.running}
    places = {place_of(view.records[name]) for name in names} - waiting
    records = [record for record in view.records.values() if place_of(record) in places]
    in_focus = [record for record in records if place_of(record) in view.focus]
    lines = [line_of(view, function, own) for function, own in functions_of(in_focus).items()]
    others = functions_of(record for record in records if place_of(record) not in view.focus)
    lines += [line_of(view, function, own) for function, own in others.items() if view.change(own)]
    if not view.before:
        exercises = {exercise for exercise, _ in places} - {exercise for exercise, _ in waiting}
        groups = groups_of(record for record in view.records.values() if record.exercise in exercises)
        lines = [line_of(view, exercise, own) for exercise, own in groups.items()]
    for place, cause in enumerate(causes_of(in_focus)[:MOST_CAUSES], 1):
        lines.append(f"  {place}. {headline(cause)}")
        lines += [f"     {line}" for line in details_in(cause)] if place == 1 else []
    return [readable(line) for line in lines]


def line_of(view: View, name: str, records: list[Record]) -> str:
    change = f" ({signed(view.change(records))})" if view.change(records) else ""
    return f"  {name} {score_of(records)}{change}: {counts_of(records)}"


def closing_lines(view: View) -> list[str]:
    """What changed in all, and the points."""
    records = list(view.records.values())
    change = f" ({signed(view.change(records))})" if view.change(records) else ""
    total = f"{score_of(records)} visible points{change}, {view.seconds:.1f} s"
    return [*(f"  {line}" for line in changes_of(view)), total]
