"""grades.csv: a row for each student, with points, lateness, adjustments, and problems."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.class_downloads.upload import Student
from grader.intake.files import replace_file
from grader.staff.grading.adjustments import Adjustment
from grader.staff.grading.handed_in import Entry
from grader.staff.grading.store import Grade
from grader.texts import readable

FILE = "grades.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs a cell that begins so


@dataclass
class Row:
    """What one student gets.  `grade` is None if the student handed in nothing."""

    student: Student
    entry: Entry | None = None
    grade: Grade | None = None
    adjustments: Sequence[Adjustment] = field(default_factory=tuple)

    @property
    def is_graded(self) -> bool:
        return self.grade is not None and self.grade.is_graded

    def points_of(self, exercise: str) -> float:
        """The points of an exercise as graded, before adjustments."""
        assert self.grade is not None
        tests = self.grade.results["tests"]
        return float(sum(test["score"] for test in tests if test.get("extra_data", {}).get("exercise") == exercise))

    @property
    def report(self) -> float:
        """The points of the report's numbers."""
        assert self.grade is not None
        return float((self.grade.results["extra_data"].get("report") or {}).get("points", 0))

    @property
    def total(self) -> float:
        """All points with adjustments, without what is lost by being late."""
        assert self.grade is not None
        changes = sum(adjustment.change(self.grade.results) for adjustment in self.adjustments)
        return max(0.0, round(self.grade.score + self.report + changes, 2))

    @property
    def penalty(self) -> float:
        assert self.grade is not None and self.entry is not None
        return min(self.total, self.entry.late.penalty(self.grade.max_score))

    @property
    def final(self) -> float:
        """What counts: the total without the penalty for being late."""
        return round(self.total - self.penalty, 2)

    @property
    def problem(self) -> str:
        if self.entry is None:
            return "handed in nothing"
        return self.grade.problem if self.grade is not None else "not graded yet"


def rows_of(
    entries: Iterable[Entry],
    missing: Iterable[Student],
    grades: Mapping[str, Grade],
    adjustments: Sequence[Adjustment],
) -> list[Row]:
    """A row for each student, also for those in a group and those who handed in nothing."""
    own = {entry: [one for one in adjustments if one.name == entry] for entry in {one.name for one in adjustments}}
    rows = [
        Row(student, entry, grades.get(entry.name), own.get(entry.name, ()))
        for entry in entries
        for student in entry.students
    ]
    return rows + [Row(student) for student in missing]


def write_gradesheet(path: Path, rows: Sequence[Row], exercises: Sequence[str]) -> None:
    titles = ["student", "id", *exercises, "report", "total", "late", "penalty", "after penalty", "adjustment"]
    lines = [[*titles, "problem", "folder"], *([*cells_of(row, exercises)] for row in rows)]
    replace_file(path, table_text(lines).encode())


def cells_of(row: Row, exercises: Sequence[str]) -> Iterable[str]:
    yield from (row.student.name, row.student.id or row.student.login)
    if row.is_graded:
        yield from (number(row.points_of(exercise)) for exercise in exercises)
        yield from (number(row.report), number(row.total))
    else:
        yield from [""] * (len(exercises) + 2)
    yield row.entry.late.text if row.entry else ""
    yield from (number(row.penalty), number(row.final)) if row.is_graded else ("", "")
    yield from ("; ".join(one.text for one in row.adjustments), row.problem, row.entry.name if row.entry else "")


def number(points: float) -> str:
    return f"{round(points, 2):g}"


def table_text(lines: Iterable[Iterable[str]], delimiter: str = ",", end: str = "\n") -> str:
    """A table as CSV, in which no cell is a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    writer.writerows([safe_cell(cell) for cell in line] for line in lines)
    return stream.getvalue()


def safe_cell(text: str) -> str:
    text = readable(text)
    return f"'{text}" if text.startswith(FORMULA) else text
