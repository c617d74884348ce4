"""Generic mutants that may keep their points: nobody can observe them, or the contract allows them.

Rules excuse a class of changes.  Single changes are in grader/staff/exercises/NAME/excused.toml, by
their text, so that another survivor is noticed::

    [[excused]]
    why = "The loop ends there anyway."
    changes = ["function: old line  ->  new line"]
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.assignment import STAFF_EXERCISES, GraderError
from grader.staff.proving.generic import Generic

MOST_SINGLE = 100  # entries in all files together: more would hide holes


@dataclass(frozen=True)
class Rule:
    """A class of changes, and why they may keep their points."""

    name: str
    reason: str
    excuses: Callable[[Generic], bool]


def is_in_message(mutant: Generic) -> bool:
    return mutant.in_message


RULES = (
    Rule(
        "words of an error", "The contract asks for a ValueError, and leaves its words to the student.", is_in_message
    ),
)


def excuse_of(mutant: Generic) -> str:
    """The name of the first rule that excuses a mutant, or the reason of its entry; else ""."""
    rules = (rule.name for rule in RULES if rule.excuses(mutant))
    return next(rules, entries_of(mutant.exercise).get(mutant.place_and_text, ""))


@cache
def entries_of(exercise: str, folder: Path = STAFF_EXERCISES) -> dict[str, str]:
    """The reasons of an exercise's single entries, by the text of the change.

    Raises GraderError for a file that can't be read.
    """
    file = folder / exercise / "excused.toml"
    if not file.is_file():
        return {}
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))["excused"]
        return {change: entry["why"] for entry in entries for change in entry["changes"]}
    except (tomllib.TOMLDecodeError, LookupError, TypeError) as error:
        raise GraderError(f"{file} can't be read: {error}. excuses.py says what it holds.") from None


def unknown_entries(mutants: Iterable[Generic], exercises: Iterable[str]) -> list[str]:
    """The single entries that no mutant has: the reference is another one now."""
    names = {mutant.name for mutant in mutants}
    entries = [f"{exercise}, {change}" for exercise in exercises for change in entries_of(exercise)]
    return [entry for entry in entries if entry not in names]
