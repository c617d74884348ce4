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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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
        place, lines = self.within or self.function, text.splitlines(keepends=True)
        if place not in lines_of(text):
            raise MutantError(f"{self.name}: {self.exercise}.py has no function or class {place}.")
        part = lines_of(text)[place]
        body = "".join(lines[part])
        for old, new in self.replacements:
            if body.count(old) != 1:
                raise MutantError(
                    f"{self.name}: {old!r} occurs {body.count(old)} times in {place}; it must occur once."
                )
            body = body.replace(old, new)
        lines[part] = [body]
        return "".join(lines)


def with_mutant(files: Files, mutant: Mutant) -> Files:
    """A submission with a known mistake made in it.  Raises MutantError if that is not possible."""
    name = exercise_file(mutant.exercise)
    return files | {name: mutant.apply(files[name].decode()).encode()}


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
