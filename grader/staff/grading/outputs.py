"""The tables and the page of a whole class, written beside the folders of its submissions."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment, check_numbers
from grader.intake.files import replace_file
from grader.intake.sources import SubmissionError
from grader.staff.grading import adjustments, class_page, gradebook, gradesheet
from grader.staff.grading.adjustments import Adjustment
from grader.staff.grading.dry_run import staged
from grader.staff.grading.gradebook import Filled
from grader.staff.grading.gradesheet import Row
from grader.staff.grading.handed_in import Entry, HandedIn, count_of
from grader.staff.grading.roster import read_text
from grader.staff.grading.similarity import Pair, SimilarityError, similar_pairs
from grader.staff.grading.store import Grade

MOST_NAMES = 10
MOST_COMPARED = 2000  # each with each
OWN = (adjustments.FILE, gradesheet.FILE, class_page.FILE, gradebook.FILE)


@dataclass
class Outputs:
    """What is written for a class.

    Attributes:
        out: the folder of all results.
        gradebook: the table to be filled, and `column` its column, if the teacher names one.
        anonymous: whether class.html leaves out names.
    """

    out: Path
    assignment: Assignment
    handed_in: HandedIn
    gradebook: Path | None = None
    column: str | None = None
    anonymous: bool = False

    def check(self) -> None:
        """Raise GraderError now for what would fail once all is graded."""
        self.read_adjustments()
        if self.gradebook is not None:
            text = read_text(self.gradebook)
            first = next(gradebook.lines_of(text), [])
            gradebook.column_of(self.gradebook, first, self.assignment.title, self.column)

    def read_adjustments(self) -> list[Adjustment]:
        numbers = check_numbers(self.assignment.exercises)
        return adjustments.read_adjustments(self.out / adjustments.FILE, self.handed_in.entries, numbers)

    def write(self, grades: Mapping[str, Grade], compare: bool = True) -> list[str]:
        """Write all files, which only their owner may read.  Returns a line on each.

        Submissions are compared with each other unless grading was stopped.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        adjustments.make_file(self.out / adjustments.FILE)
        rows = gradesheet.rows_of(self.handed_in.entries, self.handed_in.missing, grades, self.read_adjustments())
        gradesheet.write_gradesheet(self.out / gradesheet.FILE, rows, self.assignment.exercises)
        self.write_page(rows, compare)
        lines = [
            f"{self.out / gradesheet.FILE}: all points.  {self.out / class_page.FILE}: the class at a glance.",
            f"{self.out / adjustments.FILE}: write points given by hand there, and run the command again.",
        ]
        if self.gradebook is not None:
            target, title = self.out / gradebook.FILE, self.assignment.title
            lines += told(target, gradebook.fill_gradebook(self.gradebook, target, rows, title, self.column))
        for path in (self.out / name for name in OWN):
            if path.exists():
                path.chmod(0o600)  # a submission that is graded later must not read it
        return lines

    def write_page(self, rows: Sequence[Row], compare: bool) -> None:
        pairs, note = self.compared() if compare else ([], "They are compared once all are graded.")
        page = class_page.class_page(self.assignment.title, rows, pairs, note, self.anonymous)
        replace_file(self.out / class_page.FILE, page.encode())

    def compared(self) -> tuple[list[Pair], str]:
        """The most similar pairs, and why there are none if they could not be compared."""
        if len(self.handed_in.entries) < 2:
            return [], ""
        if len(self.handed_in.entries) > MOST_COMPARED:
            return [], f"There are more than {MOST_COMPARED} submissions: they were not compared."
        try:
            return similar_pairs(texts_of(self.handed_in.entries, self.assignment.exercises)), ""
        except SimilarityError as error:
            return [], str(error)


def texts_of(entries: Sequence[Entry], exercises: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """The code of each exercise, by submission."""
    texts: dict[str, dict[str, str]] = {exercise: {} for exercise in exercises}
    for entry in entries:
        with tempfile.TemporaryDirectory(prefix="grader-texts-") as folder:
            try:
                files = staged(entry, Path(folder), exercises)
            except SubmissionError:
                continue
            for exercise in files.found:
                texts[exercise][entry.name] = files.text(exercise)
    return texts


def told(path: Path, filled: Filled) -> list[str]:
    """Lines on a gradebook: what was filled in, and for whom nothing was."""
    lines = [f"{path}: {count_of(filled.n_filled, 'student')} filled in under {filled.column}."]
    for words, names in (
        ("without a graded submission", filled.without),
        ("left out, because several submissions fit", filled.unsure),
        ("graded, but not in the gradebook", filled.left),
    ):
        if names:
            more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            lines.append(f"  {words}: {'; '.join(names[:MOST_NAMES])}{more}")
    return lines
