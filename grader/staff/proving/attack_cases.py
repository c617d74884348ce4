"""Attacks: hostile submissions in grader/staff/attacks/, each with its expected result.

An attack is a file KIND/NAME.py with a table [NAME] in KIND/attacks.toml:

    title           what it tries, in a sentence
    on              the exercise that it is put into (default: run_model), or "package": it
                    makes a zip or a folder itself
    base            its code is added to this: "stub" (the default), "reference", or a mutant's name
    where           "after" (the default) or "before" the base's code
    checks          the checks that grade it, as for pytest's -k
    honest          the points that the base earns in these checks without the attack (default: 0)
    cpu_s           the most CPU seconds of a call, for code that never ends (default: 60)
    points          the points that it must earn; or in place of it
    races           true: it may lose the race against the end of its worker.  Then the base's
                    answer counts, so it may earn up to `honest` points
    not_gradable    true: nobody can grade it
    says            words that its feedback must hold

A package's file has a function ``make(path, files)``. It writes the submission to `path` or next to
it, and returns the place. `files` are the base's, as in `grader.intake.files`.
"""

import importlib.util
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF, GraderError, read_assignment
from grader.intake.files import Files, exercise_file, write_files
from grader.judging.mutants import read_mutants, with_mutant
from grader.judging.reference import reference_files

ATTACKS = STAFF / "attacks"
CHECKS = "test_evaluate_even_batches or test_evaluate_dtypes"  # a visible and a hidden one
PACKAGE = "package"
WORDS, NUMBER = (str,), (int, float)
KEYS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("title", "on", "base", "where", "checks", "says"), WORDS),
    **dict.fromkeys(("honest", "cpu_s", "points"), NUMBER),
    **dict.fromkeys(("not_gradable", "races"), (bool,)),
}


class AttackError(GraderError):
    """An attack's table is wrong; the text says which and why."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission and its expected result. `points` is None if nobody can grade it."""

    name: str
    file: Path
    title: str
    on: str = "run_model"
    base: str = "stub"
    where: str = "after"
    checks: str = CHECKS
    honest: float = 0.0
    cpu_s: float = 60.0
    points: float | None = None
    races: bool = False
    says: str = ""

    @property
    def most(self) -> float:
        """The most points that it may earn."""
        return self.honest if self.races else self.points or 0.0

    @property
    def expected(self) -> str:
        points = "not gradable" if self.points is None else f"{self.points:g} points"
        if self.races:
            points = f"{self.points:g} to {self.most:g} points"
        return f'{points}, "{self.says}"' if self.says else points

    def make(self, folder: Path) -> Path:
        """Write the submission into a new folder; its path."""
        path, files = folder / self.name, base_files(self.base)
        if self.on == PACKAGE:
            made: Path = load(self.file).make(path, dict(files))
            return made
        base, code = files[exercise_file(self.on)], self.file.read_bytes()
        parts = [code, base] if self.where == "before" else [base, code]
        return write_files(files | {exercise_file(self.on): b"\n\n".join(parts)}, path)


def read_attacks(only: Sequence[str] = ()) -> list[Attack]:
    """Every attack, in the order of names; with `only`, those whose names begin with one of these.

    Raises AttackError for a table that is wrong, and for a file without a table.
    """
    attacks = [attack for kind in sorted(ATTACKS.glob("*/")) for attack in read_kind(kind)]
    chosen = [attack for attack in attacks if not only or attack.name.startswith(tuple(only))]
    return sorted(chosen, key=lambda attack: attack.name)


def read_kind(folder: Path) -> list[Attack]:
    """The attacks of one kind."""
    file = folder / "attacks.toml"
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError as error:
        raise AttackError(f"{file} can't be read: {error}.") from None
    for path in sorted(folder.glob("*.py")):
        if path.stem not in tables:
            raise AttackError(f"{path}: {file.name} has no table [{path.stem}] that says what is expected.")
    return [read_attack(folder / f"{name}.py", table) for name, table in tables.items()]


def read_attack(file: Path, table: Mapping[str, Any]) -> Attack:
    """An attack from its table. Raises AttackError, with a sentence, if anything there is wrong."""
    problem = problem_with(file, table)
    if problem:
        raise AttackError(f"{file.with_name('attacks.toml')}, [{file.stem}]: {problem}")
    settings = {key: value for key, value in table.items() if key != "not_gradable"}
    return Attack(file.stem, file, **settings)


def problem_with(file: Path, table: Mapping[str, Any]) -> str:
    """What is wrong with an attack's table, in a sentence, or ""."""
    for key, value in table.items():
        if key not in KEYS:
            return f"{key} is unknown; a table may have {', '.join(KEYS)}."
        if not isinstance(value, KEYS[key]) or (isinstance(value, bool) and bool not in KEYS[key]):
            return f"{key} must be {'a text' if KEYS[key] == WORDS else 'a number' if KEYS[key] == NUMBER else 'true'}."
    if not file.is_file():
        return f"there is no file {file.name}."
    if not table.get("title"):
        return "it needs a title."
    if ("points" in table) == bool(table.get("not_gradable")):
        return "it must say what is expected: either points, or not_gradable = true."
    return problem_with_base(table)


def problem_with_base(table: Mapping[str, Any]) -> str:
    allowed = {
        "on": [PACKAGE, *read_assignment(KIT / "assignment.toml").exercises],
        "base": ["stub", "reference", *(mutant.name for mutant in read_mutants())],
        "where": ["after", "before"],
    }
    for key, values in allowed.items():
        if table.get(key, values[0]) not in values:
            return f"{key} is {table[key]!r}, which is none of {', '.join(values[:9])}{' ...' if values[9:] else ''}."
    return ""


def load(path: Path) -> Any:
    """Import a file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def base_files(base: str) -> Files:
    """The files that an attack is put into.

    They are the stubs, the reference, or the reference with a known mistake.
    """
    exercises = read_assignment().exercises
    if base == "stub":
        return {exercise_file(name): (KIT / exercise_file(name)).read_bytes() for name in exercises}
    files = reference_files(exercises)
    if base != "reference":
        return with_mutant(files, next(mutant for mutant in read_mutants() if mutant.name == base))
    return files
