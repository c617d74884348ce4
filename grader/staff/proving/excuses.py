"""Generic mutants that may keep their points: nobody can observe them, or the contract allows them.

Rules excuse a class of changes.  Single changes are in grader/staff/exercises/NAME/excused.toml, by
their text, so that another survivor is noticed::

    [[excused]]
    why = "The loop ends there anyway."
    changes = ["function: old line  ->  new line"]
"""

import re
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


NAMES_IN_MESSAGES = re.compile(r"(?:pair|make_loader)\($")  # they get an argument's name for their message
UNORDERED = re.compile(r"(?:\bmin\(|\bmax\(|\bmaximum\(|axis=\(|isinstance\(\w+, \(|\bnot in \([^()]*)$")
CONVERSIONS = ("np.array(", "np.asarray(", "float(", "int(", "tuple(")


def is_in_message(mutant: Generic) -> bool:
    return mutant.in_message or (mutant.operator == "constant" and bool(NAMES_IN_MESSAGES.search(mutant.before)))


def is_about_strict(mutant: Generic) -> bool:
    return mutant.segment.lstrip(", ").startswith("strict=") or mutant.before.endswith("strict=")


def keeps_numbers(mutant: Generic) -> bool:
    is_conversion = mutant.segment.startswith(CONVERSIONS) or mutant.segment.endswith(".tolist()")
    return mutant.operator == "removed call" and is_conversion


def has_no_order(mutant: Generic) -> bool:
    return mutant.operator == "swapped parts" and bool(UNORDERED.search(mutant.before))


def swaps_relu_and_maximum(mutant: Generic) -> bool:
    swapped = [part.split("(")[0].strip() for part in mutant.segment.split(",\n")]
    return mutant.operator == "swapped parts" and sorted(swapped) == ["nn.MaxPool2d", "nn.ReLU"]


def keeps_to_the_budget(mutant: Generic) -> bool:
    """Whether a network of design has other layers, in another order or of other sizes."""
    return mutant.exercise == "design" and mutant.operator in ("swapped parts", "removed part", "constant")


RULES = (
    Rule("words of an error", "The contract asks for a ValueError and leaves its words to the student.", is_in_message),
    Rule("strict in zip", "Both sides have the same length; strict=True guards against slips.", is_about_strict),
    Rule("conversion", "The grader takes whatever float() or NumPy reads as the same numbers.", keeps_numbers),
    Rule(
        "no order", "The smaller of two numbers, the axes of a maximum and names in a list have no order.", has_no_order
    ),
    Rule("ReLU and max-pool", "The largest value is the same before and after a ReLU.", swaps_relu_and_maximum),
    Rule("budget", "Students choose the networks of design, within the rules of its budget.", keeps_to_the_budget),
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
