"""Known mistakes: the reference with one small change of its text, and the hint that names it.

They are in grader/staff/exercises/NAME/mutants.toml: a table for each, under the function or class
that has the mistake::

    [train_epoch.never_cleared]
    hint = "train_epoch never clears the gradients: a step follows the sum of all batches so far."
    replace = [["        optimizer.zero_grad()\\n", ""]]

`replace` lists pairs (old, new).  Every old text must occur exactly once in the function's own text
(docstring included), or in that of the function or class that `within` names.

Optional keys:

- caught_by: numbers of the checks with a threshold that must catch it, or "NUMBER QUANTITY" if the
  check has several thresholds.  Checks that train for long are asked only of these mutants.
- same_as: the name of a mutant that is the same mistake in other words.
- equivalent: in place of a hint, why nobody can observe the change.

If several mutants explain the same, the first one's hint is told: put simple ones first.
"""

import ast
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from grader.assignment import STAFF_EXERCISES, GraderError
from grader.intake.files import Files, exercise_file

FIELDS = {"hint", "equivalent", "replace", "within", "caught_by", "same_as"}


class MutantError(GraderError):
    """A mutant that can't be made; the text says which and why."""


@dataclass(frozen=True)
class Mutant:
    """One change of an exercise's reference. Either `hint` or `equivalent` says something."""

    name: str
    exercise: str
    replacements: tuple[tuple[str, str], ...]
    hint: str = ""
    equivalent: str = ""
    within: str = ""
    caught_by: tuple[str, ...] = ()
    same_as: str = ""

    @property
    def function(self) -> str:
        """The function or class whose mistake it is."""
        return self.name.split(".")[0]

    @property
    def failing_checks(self) -> set[str]:
        """The numbers of the checks with a threshold that must catch it."""
        return {claim.split(" ")[0] for claim in self.caught_by}

    @property
    def places(self) -> set[str]:
        """Where the mistake is: the function, and the file."""
        return {self.function, f"src/{self.exercise}.py"}

    def apply(self, text: str) -> str:
        """Change the text. Raises MutantError if an old text does not occur exactly once."""
        return with_changes(text, changes_of(self, text))


class Change(NamedTuple):
    """A part of a text, from `start` to `end`, and what comes in its place."""

    start: int
    end: int
    new: str


@cache
def changes_of(mutant: Mutant, text: str) -> tuple[Change, ...]:
    """The places of a text that a mutant changes, in order; see Mutant.apply."""
    place, functions = mutant.within or mutant.function, lines_of(text)
    if place not in functions:
        raise MutantError(f"{mutant.name}: {mutant.exercise}.py has no function or class {place}.")
    lines, part = text.splitlines(keepends=True), functions[place]
    before, body = sum(map(len, lines[: part.start])), "".join(lines[part])
    for old, _ in mutant.replacements:
        if body.count(old) != 1:
            raise MutantError(f"{mutant.name}: {old!r} occurs {body.count(old)} times in {place}; it must occur once.")
    starts = [(before + body.index(old), old, new) for old, new in mutant.replacements]
    return tuple(sorted(Change(start, start + len(old), new) for start, old, new in starts))


def with_mutant(files: Files, mutant: Mutant) -> Files:
    """A submission with a known mistake made in it.  Raises MutantError if that is not possible."""
    name = exercise_file(mutant.exercise)
    return files | {name: mutant.apply(files[name].decode()).encode()}


def with_changes(text: str, changes: Sequence[Change]) -> str:
    """The text with these changes, which are in order and do not overlap."""
    parts, end = [], 0
    for change in changes:
        parts += [text[end : change.start], change.new]
        end = change.end
    return "".join([*parts, text[end:]])


def do_overlap(changes: Sequence[Change]) -> bool:
    """Whether changes, in order, overlap."""
    return any(after.start < before.end for before, after in pairwise(changes))


def texts_with(mutants: Sequence[Mutant], text_of: Callable[[str], str]) -> dict[str, str]:
    """The files, by exercise, with several mistakes in them; `text_of` gives an exercise's file.

    Raises MutantError if the changes overlap.
    """
    changes: dict[str, list[Change]] = {}
    for mutant in mutants:
        changes.setdefault(mutant.exercise, []).extend(changes_of(mutant, text_of(mutant.exercise)))
    if any(do_overlap(sorted(of_file)) for of_file in changes.values()):
        raise MutantError(f"{' and '.join(mutant.name for mutant in mutants)} change the same text.")
    return {exercise: with_changes(text_of(exercise), sorted(of_file)) for exercise, of_file in changes.items()}


def can_be_combined(mutants: Sequence[Mutant], text_of: Callable[[str], str]) -> bool:
    """Whether the mistakes change different texts."""
    try:
        texts_with(mutants, text_of)
    except MutantError:
        return False
    return True


@cache
def lines_of(text: str) -> dict[str, slice]:
    """The lines of each function and class of a text."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return {node.name: slice(node.lineno - 1, node.end_lineno) for node in nodes}


def read_mutants(folder: Path = STAFF_EXERCISES) -> list[Mutant]:
    """Every mutant in a folder's files, in their order.  Raises MutantError for a wrong entry."""
    mutants = [mutant for path in sorted(folder.glob("*/mutants.toml")) for mutant in read_file(path)]
    names = {mutant.name for mutant in mutants}
    for mutant in mutants:
        if mutant.same_as and mutant.same_as not in names:
            raise MutantError(f"{mutant.name}: same_as names {mutant.same_as}, but there is no such mutant.")
    return mutants


def read_file(path: Path) -> list[Mutant]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise MutantError(f"{path} can't be read: {error}.") from None
    return [
        read_entry(path.parent.name, f"{function}.{name}", entry)
        for function, entries in tables.items()
        for name, entry in entries.items()
    ]


def read_entry(exercise: str, name: str, entry: dict[str, Any]) -> Mutant:
    unknown = sorted(set(entry) - FIELDS)
    if unknown:
        raise MutantError(f"{name}: unknown {', '.join(unknown)}; a mutant has {', '.join(sorted(FIELDS))}.")
    if ("hint" in entry) == ("equivalent" in entry) or not entry.get("replace"):
        raise MutantError(
            f"{name} needs `replace`, and either `hint` or, if nobody can observe the change, `equivalent`."
        )
    return Mutant(
        name,
        exercise,
        tuple((old, new) for old, new in entry["replace"]),
        entry.get("hint", ""),
        entry.get("equivalent", ""),
        entry.get("within", ""),
        tuple(entry.get("caught_by", ())),
        entry.get("same_as", ""),
    )
