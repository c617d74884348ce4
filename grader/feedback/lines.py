"""The lines that a run prints while it runs: how each exercise and each function did."""

from collections.abc import Iterable
from enum import IntEnum

from grader.feedback.console import Console
from grader.feedback.words import counts_of, notes_of, points_text, score_of, text_of
from grader.judging.record import Record, Status

COLOURS = {Status.PASSED: "green", Status.TO_DO: "yellow", Status.BLOCKED: "yellow", Status.NOT_RUN: "yellow"}
NAME_WIDTH, POINTS_WIDTH = 26, 8


class Detail(IntEnum):
    """How much a run prints."""

    LEAST = 0  # -qq: the total
    EXERCISES = 1  # -q: a line for each exercise
    FUNCTIONS = 2  # a line for each function
    CHECKS = 3  # -v: a line for each check, and all details of all causes

    @classmethod
    def of(cls, verbosity: int) -> "Detail":
        return cls(max(cls.LEAST, min(cls.CHECKS, cls.FUNCTIONS + verbosity)))


class Lines:
    """Prints the lines of an exercise once all its checks have run, or with -v each check."""

    def __init__(self, console: Console, records: Iterable[Record], detail: Detail, for_staff: bool) -> None:
        self.console, self.detail, self.for_staff = console, detail, for_staff
        self.waiting = groups_of(records)
        self.n_waiting = {name: len(group) for name, group in self.waiting.items()}
        self.heading = ""

    def show(self, record: Record) -> None:
        """A check that has run."""
        if self.detail is Detail.CHECKS:
            self.show_heading(heading_of(record))
            self.show_check(record)
            return
        name = heading_of(record)
        self.n_waiting[name] -= 1
        if not self.n_waiting[name]:
            self.show_exercise(name, self.waiting.pop(name))

    def show_heading(self, heading: str) -> None:
        if heading != self.heading:
            self.heading = heading
            self.console.line()
            self.console.line(heading, bold=True)

    def show_check(self, record: Record) -> None:
        word = "" if record.status == Status.PASSED else record.status
        left = f"{points_text(record.points, record.max_points):>7}  {word:<8} {record.number:<5} "
        indent = " " * min(len(left), self.console.width // 2)
        markup = {colour_of([record]): True}
        self.console.paragraph(record.title, indent, left, **markup)
        if record.status in (Status.PASSED, Status.BLOCKED):  # what a failed one says comes at the end
            self.console.paragraph(text_of(record, self.for_staff), indent)

    def show_exercise(self, name: str, records: list[Record]) -> None:
        """An exercise's line, and one for each function, unless the whole exercise is alike."""
        if self.detail < Detail.EXERCISES:
            return
        alike = is_alike(records)
        self.show_row(name, records, with_counts=alike or self.detail is Detail.EXERCISES, bold=True)
        if alike or self.detail is Detail.EXERCISES:
            return
        for function, own in functions_of(records).items():
            self.show_row(f"  {function}", own)
            for remark in remarks_on(own):
                self.console.paragraph(remark, "    ")

    def show_row(self, name: str, records: list[Record], with_counts: bool = True, bold: bool = False) -> None:
        left = f"{name:<{NAME_WIDTH}} {score_of(records):>{POINTS_WIDTH}}"
        markup = {"bold": bold} if bold and not with_counts else {"bold": bold, colour_of(records): True}
        counts = counts_of(records) if with_counts else ""
        if len(left) + 2 + len(counts) <= self.console.width:
            self.console.line(f"{left}  {counts}".rstrip(), **markup)
        else:
            self.console.line(f"{name} {score_of(records)}", **markup)
            self.console.paragraph(counts, "    ", "    ", **markup)

    def show_rest(self) -> None:
        """What is left when a run ends before all checks have run."""
        for name, records in self.waiting.items():
            not_run = [record for record in records if record.status == Status.NOT_RUN]
            if self.detail is not Detail.CHECKS:
                self.show_exercise(name, records)
            elif not_run:
                self.show_row(name, not_run)
        self.waiting = {}


def heading_of(record: Record) -> str:
    return f"{record.exercise}, hidden checks" if record.hidden else record.exercise


def groups_of(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The checks under each heading."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(heading_of(record), []).append(record)
    return groups


def functions_of(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The checks of each function."""
    functions: dict[str, list[Record]] = {}
    for record in records:
        functions.setdefault(record.function, []).append(record)
    return functions


def is_alike(records: list[Record]) -> bool:
    """Whether one line says all: everything is to do, or not run, or fails for one reason."""
    statuses = {record.status for record in records}
    if statuses == {Status.FAILED}:
        origins = {record.feedback.origin if record.feedback else None for record in records}
        return len(origins) == 1 and None not in origins
    return statuses in ({Status.TO_DO}, {Status.NOT_RUN})


def remarks_on(records: Iterable[Record]) -> Iterable[str]:
    """What a function's checks say that are passed or blocked, each text once."""
    texts: dict[str, None] = {}
    for record in records:
        if record.status == Status.PASSED:
            texts |= dict.fromkeys(notes_of(record))
        elif record.status == Status.BLOCKED and record.feedback is not None and record.feedback.origin is None:
            texts |= {record.feedback.sentence: None}  # with an origin, it is among what to fix
    return texts


def colour_of(records: Iterable[Record]) -> str:
    """Red if one failed, yellow if one still has to run or to be written, else green."""
    colours = {COLOURS.get(record.status, "red") for record in records}
    return next(colour for colour in ("red", "yellow", "green") if colour in colours)
