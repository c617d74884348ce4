"""The roster of a class: a CSV file with a row for each student, which the teacher keeps.

Its columns are found by their titles: name, id, login (or email), deadline, extension (in days),
submitted. A student is found by id, by login, or by name.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from grader.assignment import GraderError, Late
from grader.intake.class_downloads.upload import Student
from grader.intake.filenames import simple

TITLES = {
    "name": ("name", "student", "full name", "student name"),
    "id": ("id", "student id", "sid", "sis id", "identifier", "number"),
    "login": ("login", "email", "email address", "e-mail", "username", "github", "sis login id"),
    "deadline": ("deadline", "due", "due date"),
    "extension": ("extension", "extension days", "extra days"),
    "submitted": ("submitted", "submission time"),
}
ENCODINGS = ("utf-8-sig", "cp1252")  # what spreadsheets write


class RosterError(GraderError):
    """A table of the teacher's can't be used; the text says which, where, and what to do."""


@dataclass(frozen=True)
class Row:
    """What the roster says of one student."""

    student: Student
    deadline: datetime | None = None
    extension: timedelta = timedelta()
    submitted: datetime | None = None

    def late_rule(self, late: Late) -> Late:
        """The assignment's rule with this student's own deadline."""
        deadline = self.deadline or late.deadline
        return replace(late, deadline=deadline + self.extension if deadline else None)


def read_text(path: Path) -> str:
    """The text of a CSV file.  Raises RosterError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{path} can't be read: {error.strerror or error}.") from None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            pass
    raise RosterError(f"{path} is not text in UTF-8: save it as CSV UTF-8.")


def separator_of(text: str) -> str:
    """What stands between the cells: spreadsheets in many countries write semicolons."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by the titles of its columns."""
    text = read_text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    rows = [
        {str(title): cell or "" for title, cell in row.items() if isinstance(cell, (str, type(None)))} for row in reader
    ]
    return [row for row in rows if any(cell.strip() for cell in row.values())]


def read_roster(path: Path) -> list[Row]:
    """The rows of a roster.  Raises RosterError."""
    table = read_table(path)
    if not table:
        raise RosterError(f"{path} has no rows: it should have a line of titles, and one for each student.")
    columns = {field: title for title in table[0] for field, known in TITLES.items() if title.strip().lower() in known}
    if not columns.keys() & {"name", "id", "login"}:
        raise RosterError(f"{path} has none of the columns name, id, login; it has {', '.join(table[0])}.")
    return [row_of(path, number, cells, columns) for number, cells in enumerate(table, 2)]


def row_of(path: Path, number: int, cells: Mapping[str, str], columns: Mapping[str, str]) -> Row:
    words = {field: cells[title].strip() for field, title in columns.items()}
    try:
        return Row(
            Student(words.get("name", ""), words.get("id", ""), words.get("login", "")),
            moment(words.get("deadline", "")),
            timedelta(days=float((words.get("extension") or "0").replace(",", "."))),
            moment(words.get("submitted", "")),
        )
    except (ValueError, OverflowError):
        raise RosterError(
            f"{path}, line {number}: write times as 2026-11-30 23:59, and an extension as a number of days."
        ) from None


def moment(text: str) -> datetime | None:
    """A time in this machine's zone, if the text names no other.  A date alone ends at midnight."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return (found + timedelta(days=1) if len(text) <= len("2026-11-30") else found).astimezone()


class Roster:
    """Finds students in the roster."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = list(rows)
        self.by_key: dict[str, Row] = {}
        for row in self.rows:
            for key in keys_of(row.student):
                self.by_key.setdefault(key, row)

    def find(self, student: Student) -> Row | None:
        return next((self.by_key[key] for key in keys_of(student) if key in self.by_key), None)

    def completed(self, student: Student) -> Student:
        """The student with the roster's name, id and login."""
        row = self.find(student)
        if row is None:
            return student
        known = row.student
        return Student(known.name or student.name, known.id or student.id, known.login or student.login)


def keys_of(student: Student) -> list[str]:
    """What a student may be found by, the surest first."""
    logins = [student.login, student.login.partition("@")[0]] if student.login else []
    numbers = [student.id, student.id.removeprefix("Participant ")] if student.id else []
    keys = [f"id {number}" for number in numbers] + [f"login {login.lower()}" for login in logins]
    for text in filter(None, (student.name,)):
        words = [word for word in simple(text).replace(",", " ").split() if word]
        orders = (words, words[-1:] + words[:-1], words[1:] + words[:1])
        keys += [f"name {''.join(letter for word in order for letter in word if letter.isalnum())}" for order in orders]
    if " " not in student.name:
        keys += [f"login {student.name.lower()}", f"id {student.name}"]  # a folder may be named so
    return list(dict.fromkeys(keys))
