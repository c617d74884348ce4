"""Finds the submission of a student that another table names by id, login or name."""

from collections.abc import Iterable

from grader.intake.class_downloads.upload import Student
from grader.staff.grading.handed_in import Entry
from grader.staff.grading.roster import keys_of


class Index:
    """The submissions by all that their students may be called."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_key: dict[str, list[Entry]] = {}
        for entry in entries:
            keys = [key for student in entry.students for key in keys_of(student)]
            for key in dict.fromkeys([f"folder {entry.name}", *keys]):
                self.by_key.setdefault(key, []).append(entry)

    def find(self, *students: Student) -> list[Entry]:
        """The submission of a student, given in several ways, the surest first.

        Several, if that can't be told; none, if there is none.
        """
        keys = [key for student in students for key in keys_of(student)]
        hits = [self.by_key[key] for key in keys if key in self.by_key]
        sure = [found[0] for found in hits if len(found) == 1]
        different = list({entry.name: entry for entry in sure}.values())
        return different or (hits[0] if hits else [])

    def find_text(self, text: str) -> list[Entry]:
        """The submission of a student who is called so, in any way."""
        return self.by_key.get(f"folder {text}") or self.find(Student(text, text, text))
