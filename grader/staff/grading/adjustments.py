"""Points that a teacher gives by hand: adjustments.csv, which grading never changes.

A row has a student (name, id, login, or folder of results), a check, points, and a reason. For a
check's number, these points stand in place of the check's own; for "total" they are added, and
"-2" takes two away; for "report 2.1" they are added to the report's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import GraderError
from grader.staff.grading.handed_in import Entry
from grader.staff.grading.roster import read_table
from grader.staff.grading.students import Index

FILE = "adjustments.csv"
COLUMNS = ("student", "check", "points", "reason")
TOTAL, REPORT = "total", "report"


class AdjustmentError(GraderError):
    """A row of adjustments.csv is wrong; the text says which, and what to write."""


@dataclass(frozen=True)
class Adjustment:
    """Points for one submission.  `check` is a check's number, "total", or "report 2.1"."""

    name: str
    check: str
    points: float
    reason: str = ""

    def change(self, results: Mapping[str, Any]) -> float:
        """How the points change by it."""
        if not self.check[0].isdigit():
            return self.points
        return self.points - sum(float(test["score"]) for test in results["tests"] if test.get("number") == self.check)

    @property
    def text(self) -> str:
        """In words: "1.2 gets 3 points: typo"; no cell of a table may begin with a sign."""
        word = "point" if abs(self.points) == 1 else "points"
        because = f": {self.reason}" if self.reason else ""
        if self.check[0].isdigit():
            return f"{self.check} gets {self.points:g} {word}{because}"
        return f"{self.check} {abs(self.points):g} {word} {'less' if self.points < 0 else 'more'}{because}"


def read_adjustments(path: Path, entries: Collection[Entry], numbers: Collection[str]) -> list[Adjustment]:
    """The adjustments in a file; none if there is no file.  Raises AdjustmentError."""
    if not path.exists():
        return []
    index = Index(entries)
    table = read_table(path)
    if table and not {"student", "check", "points"} <= table[0].keys():
        raise AdjustmentError(f"{path}: its first line must be {','.join(COLUMNS)}.")
    return [one for number, row in enumerate(table, 2) for one in adjustments_of(path, number, row, index, numbers)]


def adjustments_of(
    path: Path, number: int, row: Mapping[str, str], index: Index, numbers: Collection[str]
) -> list[Adjustment]:
    who, check = row["student"].strip(), row["check"].strip().lower()
    found = index.find_text(who)
    if len(found) != 1:
        problem = f"there are {len(found)} submissions of" if found else "there is no submission of"
        raise AdjustmentError(f"{path}, line {number}: {problem} {who!r}.  Write the name of the folder of results.")
    if check not in (TOTAL, *numbers) and not (check.startswith(f"{REPORT} ") or check == REPORT):
        raise AdjustmentError(
            f'{path}, line {number}: {check!r} is no check: write its number, "total", or "report" with a question.'
        )
    try:
        points = float(row["points"].replace(",", "."))
    except ValueError:
        raise AdjustmentError(f"{path}, line {number}: {row['points']!r} is not a number of points.") from None
    return [Adjustment(found[0].name, check, points, (row.get("reason") or "").strip())]


def make_file(path: Path) -> None:
    """Write an empty file for the teacher to fill in, if there is none."""
    if not path.exists():
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
