"""The staff's answers to the report's numbers: grader/staff/exercises/NAME/answers.toml.

A table for each key of the report's head:

    [matrices]
    value = [[1, 2], [3, 4]]
    also = [[[1, 2], [3, 5]]]  # optional: other values that are right too
    tolerance = 0.1            # optional: how far each number may be off; 0 if it is missing
    points = 2                 # optional: all or nothing; 1 if it is missing
    why = "..."                # optional: for the teachers' key
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF_EXERCISES, GraderError
from grader.report.head import Head, Value
from grader.report.keys import ANY_LENGTH, NUMBERS, Key

FIELDS = ("value", "also", "tolerance", "points", "why")
RIGHT, WRONG, MISSING = "right", "not right", "missing"
CLOSE = 1e-9  # relative: a number that was typed in decimals is as good as the exact one


class AnswersError(GraderError):
    """An answers.toml is wrong; the text says which, and what to do."""


@dataclass(frozen=True)
class Answer:
    """What counts as right for one key, and its points."""

    values: tuple[Value, ...]
    tolerance: float = 0.0
    points: float = 1.0
    why: str = ""

    def accepts(self, value: Value) -> bool:
        return any(same(value, right, self.tolerance) for right in self.values)


@dataclass(frozen=True)
class Score:
    """The points of a report's numbers, and a word on each: RIGHT, WRONG, MISSING."""

    points: float
    max_points: float
    words: Mapping[str, str]

    @property
    def text(self) -> str:
        return f"{self.points:g}/{self.max_points:g}"


def read_answers(folder: Path = STAFF_EXERCISES) -> dict[str, Answer]:
    """The answers of all exercises by key.  Raises AnswersError if a file is wrong."""
    answers: dict[str, Answer] = {}
    for path in sorted(folder.glob("*/answers.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            answers |= {name: answer_of(name, table) for name, table in tables.items()}
        except (ValueError, TypeError) as error:  # a TOMLDecodeError is a ValueError
            place = path.relative_to(KIT) if path.is_relative_to(KIT) else path
            raise AnswersError(f"{place}: {error}. Its docs are in grader/staff/grading/numbers.py.") from None
    return answers


def answer_of(name: str, table: Mapping[str, Any]) -> Answer:
    unknown = set(table) - set(FIELDS)
    if unknown or "value" not in table:
        raise ValueError(f"[{name}] should have a value, and perhaps {', '.join(FIELDS[1:])}")
    values = tuple(map(plain, (table["value"], *table.get("also", []))))
    return Answer(values, float(table.get("tolerance", 0)), float(table.get("points", 1)), str(table.get("why", "")))


def plain(value: Any) -> Value:
    """The value with floats in it."""
    return [plain(entry) for entry in value] if isinstance(value, list) else float(value)


def same(value: Value, right: Value, tolerance: float) -> bool:
    """Whether two values have the same form, and each number is close enough."""
    if isinstance(value, list) and isinstance(right, list):
        return len(value) == len(right) and all(same(a, b, tolerance) for a, b in zip(value, right, strict=True))
    if isinstance(value, list) or isinstance(right, list):
        return False
    return abs(value - right) <= tolerance + CLOSE * max(1.0, abs(right)) and math.isfinite(value)


def has_shape(value: Value, shape: tuple[int, ...]) -> bool:
    """Whether a value has the form that a key asks for."""
    if not shape:
        return not isinstance(value, list)
    right_length = isinstance(value, list) and shape[0] in (ANY_LENGTH, len(value))
    return right_length and isinstance(value, list) and all(has_shape(entry, shape[1:]) for entry in value)


def score_of(head: Head, keys: list[Key], answers: Mapping[str, Answer]) -> Score:
    """The points of the numbers in a head, for the keys that its report asks for."""
    words = {key.name: word_on(head, key, answers) for key in keys if key.kind == NUMBERS and key.name in answers}
    points = sum(answers[name].points for name, word in words.items() if word == RIGHT)
    return Score(points, sum(answers[name].points for name in words), words)


def word_on(head: Head, key: Key, answers: Mapping[str, Answer]) -> str:
    if key.name not in head.values:
        return WRONG if key.name in head.problems else MISSING
    return RIGHT if answers[key.name].accepts(head.values[key.name]) else WRONG
