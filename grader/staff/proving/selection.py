"""Which cases an audit tries: all, those that somebody names, or a sample with everything that
changed.

A whole audit that finds nothing wrong writes a digest of each exercise's files beside AUDIT.md. An
exercise has changed if its digest is another one now. Code that exercises share, such as the judge,
is in no digest: the sample has cases of many functions, and a whole audit tries the rest.
"""

import hashlib
import json
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

from grader.assignment import KIT, STAFF, STAFF_EXERCISES, read_assignment, visible_checks
from grader.staff.proving.cases import Case, CaseKind

DIGESTS = STAFF / "docs" / "audited.json"
SAMPLE = 25  # cases: `make test` tries them beside the kit's tests


def named(cases: list[Case], names: Collection[str]) -> list[Case]:
    """The cases that these names choose: an exercise's name, or the beginning of a case's name."""
    of_exercises = cases_of(cases, frozenset(names) & set(read_assignment().exercises))
    beginnings = tuple(set(names) - set(read_assignment().exercises))
    by_name = {case.name: case for case in of_exercises}
    by_name |= {case.name: case for case in cases if beginnings and case.name.startswith(beginnings)}
    return [by_name[case.name] for case in cases if case.name in by_name]


def cases_of(cases: list[Case], exercises: frozenset[str]) -> list[Case]:
    """The mutants, equivalent changes and styles of these exercises, with the checks for them."""
    single = [case for case in cases if case.kind is not CaseKind.PAIR and case.belongs_to(exercises)]
    return [replace(case, exercises=exercises) for case in single]


def sample(cases: list[Case], size: int, day: date) -> list[Case]:
    """All cases of the changed exercises, and `size` of the others. The day decides which ones."""
    changed = cases_of(cases, frozenset(changed_exercises()))
    names = {case.name for case in changed}
    others = [case for case in cases if case.name not in names]
    return [*changed, *random.Random(day.isoformat()).sample(others, min(size, len(others)))]


def changed_exercises() -> list[str]:
    """The exercises whose files have changed since the last whole audit without a problem."""
    audited = json.loads(DIGESTS.read_text(encoding="utf-8")) if DIGESTS.is_file() else {}
    return [name for name in read_assignment().exercises if audited.get(name) != exercise_digest(name)]


def write_digests() -> None:
    """Note that the files of all exercises were audited as they are now."""
    digests = {name: exercise_digest(name) for name in read_assignment().exercises}
    DIGESTS.write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")


def exercise_digest(exercise: str) -> str:
    """A hash of an exercise's reference, mutants, styles, checks, thresholds and probes."""
    digest = hashlib.sha256()
    for file in exercise_files(exercise):
        digest.update(f"{file.relative_to(KIT).as_posix()}\0{file.read_text(encoding='utf-8')}\0".encode())
    return digest.hexdigest()


def exercise_files(exercise: str) -> list[Path]:
    folders = (KIT / "grader" / "exercises" / exercise, STAFF_EXERCISES / exercise)
    found = [file for folder in folders for file in folder.rglob("*.py")]
    found += [STAFF_EXERCISES / exercise / name for name in ("mutants.toml", "thresholds.json")]
    return sorted(file for file in (*found, visible_checks(exercise)) if file.is_file())
