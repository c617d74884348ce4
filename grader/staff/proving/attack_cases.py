"""Attacks: hostile submissions in grader/staff/attacks/, each with what is expected of it.

An attack is a file KIND/NAME.py.  Its docstring says in its first line what it tries, then, a line each:

    on: run_model                   the exercise that it stands in (the default), or `package`: a zip or folder of its own making
    base: stub                      what its code is put behind: the stub (the default), the reference, or a mutant's name
    where: after                    ... or before
    checks: test_evaluate_dtypes    the checks that it is graded by, as pytest's -k takes them
    honest: 0                       what the base earns in these checks without the attack (the default)
    cpu: 1                          the budget of a call, for what never ends
    expected: 0 points, "words"     what it must earn, and words that its feedback must hold; "not gradable" in place of points

A package's file has a function ``make(path, files)`` that writes the submission at `path`, and returns it; `files` are the base's.
"""

import ast
import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF, GraderError, read_assignment
from grader.judging.mutants import read_mutants
from grader.judging.reference import reference_files

ATTACKS = STAFF / "attacks"
CHECKS = "test_evaluate_even_batches or test_evaluate_dtypes"  # a visible and a hidden one
DEFAULTS = {"on": "run_model", "base": "stub", "where": "after", "checks": CHECKS, "honest": "0", "cpu": "60"}
EXPECTED = re.compile(r'(?:(?P<points>[\d.]+) points?|not gradable)(?:, "(?P<words>.*)")?')


class AttackError(GraderError):
    """An attack that is not written as it should be."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission and what is expected of it; `points` is None where it can't be graded at all."""

    name: str
    title: str
    on: str
    base: str
    where: str
    checks: str
    honest: float
    cpu_s: float
    expected: str
    points: float | None
    words: str
    text: str
    file: Path

    def make(self, folder: Path) -> Path:
        """Write the submission into a new folder; its path."""
        path, files = folder / self.name, base_files(self.base)
        if self.on == "package":
            made: Path = load(self.file).make(path, files)
            return made
        order = [self.text, files[self.on]] if self.where == "before" else [files[self.on], self.text]
        return write_files(path, files | {self.on: "\n\n".join(order)})


def read_attacks(only: Sequence[str] = ()) -> list[Attack]:
    """Every attack, in the order of names; with `only`, those whose names begin with one of these."""
    paths = [
        path for path in sorted(ATTACKS.glob("*/*.py"), key=lambda path: path.name) if not path.name.startswith("_")
    ]
    return [read_attack(path) for path in paths if not only or path.stem.startswith(tuple(only))]


def read_attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    title, *lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    given = dict(line.split(": ", 1) for line in lines if line.strip())
    unknown = sorted(given.keys() - DEFAULTS.keys() - {"expected"})
    expected = EXPECTED.fullmatch(given.get("expected", ""))
    if unknown or not expected:
        raise AttackError(
            f"{path.name}: unknown {unknown}" if unknown else f"{path.name} does not say what is expected."
        )
    said = {**DEFAULTS, **given}
    points = None if expected["points"] is None else float(expected["points"])
    return Attack(
        name=path.stem,
        title=title,
        on=said["on"],
        base=said["base"],
        where=said["where"],
        checks=said["checks"],
        honest=float(said["honest"]),
        cpu_s=float(said["cpu"]),
        expected=said["expected"],
        points=points,
        words=expected["words"] or "",
        text=text,
        file=path,
    )


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def base_files(base: str) -> dict[str, str]:
    """The texts of the exercises that an attack is put into: the stubs, the reference, or the reference with a known mistake."""
    exercises = read_assignment().exercises
    if base == "stub":
        return {name: (KIT / "src" / f"{name}.py").read_text(encoding="utf-8") for name in exercises}
    files = reference_files(exercises)
    if base != "reference":
        mutant = next(mutant for mutant in read_mutants() if mutant.name == base)
        files[mutant.exercise] = mutant.apply(files[mutant.exercise])
    return files


def write_files(path: Path, files: dict[str, str]) -> Path:
    (path / "src").mkdir(parents=True)
    for name, text in files.items():
        (path / "src" / f"{name}.py").write_text(text, encoding="utf-8")
    return path
