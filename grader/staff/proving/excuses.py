"""Generic mutants that may keep their points: nobody can observe them, or the contract allows them.

Rules excuse a class of changes.  Single changes are in grader/staff/exercises/NAME/excused.toml, by
their text, so that another survivor is noticed::

    [[excused]]
    why = "The loop ends there anyway."
    changes = ["function: old line  ->  new line"]
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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


def is_about_the_device(mutant: Generic) -> bool:
    """Whether an argument `device` is left out, or is the default whatever is given."""
    is_left_out = mutant.operator in ("removed part", "ignored argument") and mutant.segment.strip(", ") == "device"
    return is_left_out or mutant.change.new.startswith("device = ")


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
    Rule("device", "The grader has no other device than the CPU, where everything is already.", is_about_the_device),
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

    Raises GraderError for a file that is not written so; it says what to do.
    """
    file = folder / exercise / "excused.toml"
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GraderError(f"{file} is not valid TOML: {error}. Correct that place.") from None
    if wrong := list(problems_of(table)):
        raise GraderError("\n".join(f"{file}: {problem}" for problem in wrong))
    return {change: entry["why"] for entry in table["excused"] for change in entry["changes"]}


def problems_of(table: dict[str, Any]) -> Iterator[str]:
    """A sentence for each thing that is wrong with a file of single entries, and what to do."""
    entries = table.get("excused")
    if len(table) != 1 or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield "the file must have entries and nothing else; begin each with the line [[excused]]."
        return
    first = dict[str, int]()  # the entry that excuses a change
    for number, entry in enumerate(entries, 1):
        wrong = list(problems_of_entry(entry))
        yield from (f"entry {number} {problem}" for problem in wrong)
        for change in [] if wrong else entry["changes"]:
            if change in first:
                yield f"entry {number} excuses what entry {first[change]} excuses already; remove one: {change}"
            first.setdefault(change, number)


def problems_of_entry(entry: dict[str, Any]) -> Iterator[str]:
    why, changes = entry.get("why"), entry.get("changes")
    if not isinstance(why, str) or not why.strip():
        yield 'has no reason; add one: why = "A sentence that says why these changes may keep their points."'
    if not isinstance(changes, list) or not all(isinstance(change, str) for change in changes):
        yield 'has no list of changes; write: changes = ["function: old line  ->  new line"]'
    elif not changes:
        yield "excuses no change; remove it."
    if others := ", ".join(entry.keys() - {"why", "changes"}):
        yield f"has unknown keys: {others}. Remove them; an entry has `why` and `changes`."


def unknown_entries(mutants: Iterable[Generic], exercises: Iterable[str]) -> list[tuple[str, str]]:
    """The exercise and text of each entry that no mutant has: the reference is another one now."""
    names = {(mutant.exercise, mutant.place_and_text) for mutant in mutants}
    entries = [(exercise, change) for exercise in exercises for change in entries_of(exercise)]
    return [entry for entry in entries if entry not in names]
