"""Fills the assignment's column of a gradebook that was exported from Canvas or Moodle.

Canvas: a column `Homework 1 (12345)` for each assignment, students with ID, SIS User ID and SIS
Login ID. Moodle: the grading worksheet (`Identifier`, `Full name`, `Email address`, `Grade`), or
the gradebook (`First name`, `Surname`, `ID number`, `Assignment: Homework 1 (Real)`). Only the
assignment's cells change.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import GraderError
from grader.intake.class_downloads.upload import Student
from grader.intake.files import replace_file
from grader.staff.grading.gradesheet import Row, number
from grader.staff.grading.roster import read_text, separator_of
from grader.staff.grading.students import Index

FILE = "gradebook.csv"
CANVAS, MOODLE = re.compile(r"(?P<title>.+) \(\d+\)"), re.compile(r"(?:.*: ?)?(?P<title>.+) \(Real\)")
IDS = ("ID", "SIS User ID", "Identifier", "ID number", "Student ID", "Integration ID")
LOGINS = ("SIS Login ID", "Email address", "Username", "Root Account")
NAMES = (("Student",), ("Full name",), ("First name", "Surname"), ("First name", "Last name"))
NO_STUDENTS = ("points possible", "student, test", "manual posting", "")


class GradebookError(GraderError):
    """The gradebook can't be filled; the text says why, and what to pass."""


@dataclass
class Filled:
    """A gradebook with points in it, and who got none.

    `without` are students without a graded submission, `unsure` those who may have several, and
    `left` names of submissions whose students are not in the gradebook.
    """

    column: str
    text: str = ""
    n_filled: int = 0
    without: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def fill_gradebook(source: Path, target: Path, rows: Sequence[Row], title: str, wanted: str | None) -> Filled:
    """Write the filled gradebook to `target`.  Raises GradebookError."""
    text = read_text(source)
    delimiter, end = separator_of(text), "\r\n" if "\r\n" in text else "\n"
    lines = list(lines_of(text))
    if len(lines) < 2:
        raise GradebookError(f"{source} has no rows: export the gradebook again.")
    column = column_of(source, lines[0], title, wanted)
    filled = Filled(lines[0][column])
    fill(lines, column, rows, filled)
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(lines)
    with_mark = source.read_bytes().startswith(b"\xef\xbb\xbf")
    replace_file(target, stream.getvalue().encode("utf-8-sig" if with_mark else "utf-8"))
    return filled


def lines_of(text: str) -> Iterator[list[str]]:
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))


def column_of(source: Path, titles: Sequence[str], title: str, wanted: str | None) -> int:
    """The column of the assignment: the one that the teacher names, else the one with its title."""
    if wanted is not None:
        places = [place for place, cell in enumerate(titles) if wanted in (cell, short(cell))]
        if len(places) == 1:
            return places[0]
    assignments = {place: short(cell) for place, cell in enumerate(titles) if short(cell) != cell}
    if "Grade" in titles and "Identifier" in titles:
        assignments = {titles.index("Grade"): "Grade"}
    places = [place for place, cell in assignments.items() if cell.lower() == title.lower()] or list(assignments)
    if wanted is None and len(places) == 1:
        return places[0]
    asked = f"it has no column {wanted}" if wanted else f"it is not clear which column is that of {title!r}"
    raise GradebookError(f"{source}: {asked}.  Pass --column with one of: {', '.join(assignments.values()) or 'none'}.")


def short(cell: str) -> str:
    """An assignment's title without what Canvas or Moodle adds; other columns as they are."""
    found = CANVAS.fullmatch(cell) or MOODLE.fullmatch(cell)
    return found["title"] if found else cell


def fill(lines: list[list[str]], column: int, rows: Sequence[Row], filled: Filled) -> None:
    by_entry = {row.entry.name: row for row in rows if row.entry is not None}
    index = Index(row.entry for row in by_entry.values() if row.entry is not None)
    seen: set[str] = set()
    for line in lines[1:]:
        cells = dict(zip(lines[0], line, strict=False))
        name = name_in(cells)
        if name.strip().lower() in NO_STUDENTS:
            continue
        found = index.find(*students_in(cells, name))
        seen.update(entry.name for entry in found)
        row = by_entry[found[0].name] if len(found) == 1 else None
        if row is not None and row.is_graded:
            line[column] = number(row.final)
            filled.n_filled += 1
        else:
            (filled.unsure if len(found) > 1 else filled.without).append(name)
    filled.left = [name for name in by_entry if name not in seen]


def name_in(cells: Mapping[str, str]) -> str:
    for titles in NAMES:
        if all(title in cells for title in titles):
            return " ".join(cells[title] for title in titles)
    return ""


def students_in(cells: Mapping[str, str], name: str) -> Iterator[Student]:
    """The student of a line, by each id and login, and by name: "Doe, Jane" is "Jane Doe"."""
    yield from (Student("", cells[title]) for title in IDS if cells.get(title))
    yield from (Student("", "", cells[title]) for title in LOGINS if cells.get(title))
    yield Student(" ".join(reversed(name.split(", ", 1))))
