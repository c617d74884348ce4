"""What `grader audit --generic` prints, and the figures that AUDIT.md shows of it."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.assignment import STAFF
from grader.staff.proving.excuses import MOST_SINGLE, RULES, entries_of, unknown_entries
from grader.staff.proving.generic import generic_mutants
from grader.staff.proving.generic_audit import GenericVerdict

FIGURES = STAFF / "docs" / "generic.json"  # of the last audit of all generic mutants
RULE_NAMES = {rule.name for rule in RULES}
ADVICE = (
    "A mutant survives if no check takes points off for its change. Add a check that does. If nobody can observe the change,\n"
    "or the exercise allows it, copy its line (from the function on) into the exercise's excused.toml, with the reason."
)


def summary(verdicts: list[GenericVerdict]) -> str:
    """A line for each exercise, then a line for each problem, and what to do."""
    rows = [row_of(exercise, figures) for exercise, figures in figures_of(verdicts)["exercises"].items()]
    advice = [ADVICE] if any(verdict.survives for verdict in verdicts) else []
    return "\n".join([*rows, *(f"  {problem}" for problem in problems(verdicts)), *advice])


def row_of(exercise: str, figures: dict[str, int]) -> str:
    return (
        f"{exercise}: {figures['mutants']} generic mutants, {figures['excused']} excused; "
        f"{figures['caught']} of the others lose points ({score(figures)})."
    )


def score(figures: dict[str, int]) -> str:
    """The share of the mutants that lose points, of those that are not excused."""
    counted = figures["mutants"] - figures["excused"]
    return f"{100 * figures['caught'] / counted:.1f} %" if counted else "-"


def problems(verdicts: list[GenericVerdict]) -> Iterable[str]:
    """A sentence for each problem. One is enough for the audit to fail."""
    yield from (f"survives: {one.mutant.name}  ({one.mutant.operator})" for one in verdicts if one.survives)
    singles = sum(verdict.is_excused and verdict.excuse not in RULE_NAMES for verdict in verdicts)
    if singles > MOST_SINGLE:
        yield f"{singles} single changes are excused; at most {MOST_SINGLE} may be."
    yield from unneeded_entries(verdicts)


def unneeded_entries(verdicts: list[GenericVerdict]) -> Iterable[str]:
    """A sentence for each single entry of the tried exercises that excuses nothing any more."""
    for verdict in verdicts:
        mutant = verdict.mutant
        if mutant.place_and_text in entries_of(mutant.exercise) and (verdict.caught_by or verdict.excuse in RULE_NAMES):
            why = f"{verdict.caught_by} catches" if verdict.caught_by else f'the rule "{verdict.excuse}" excuses'
            yield f"{file_of(mutant.exercise)}: remove an entry, because {why} this change: {mutant.place_and_text}"
    exercises = dict.fromkeys(verdict.mutant.exercise for verdict in verdicts)
    every = [mutant for exercise in exercises for mutant in generic_mutants(exercise)]
    for exercise, change in unknown_entries(every, exercises):
        yield f"{file_of(exercise)}: remove or correct an entry, because no mutant has this change: {change}"


def file_of(exercise: str) -> str:
    return f"grader/staff/exercises/{exercise}/excused.toml"


def figures_of(verdicts: list[GenericVerdict]) -> dict[str, Any]:
    """The totals by exercise, how many mutants each rule excuses, and the single entries."""
    excused = [verdict for verdict in verdicts if verdict.is_excused]
    by_rule = Counter(verdict.excuse for verdict in excused if verdict.excuse in RULE_NAMES)
    return {
        "exercises": {
            exercise: counts([verdict for verdict in verdicts if verdict.mutant.exercise == exercise])
            for exercise in dict.fromkeys(verdict.mutant.exercise for verdict in verdicts)
        },
        "rules": {rule.name: by_rule[rule.name] for rule in RULES},
        "single": {verdict.mutant.name: verdict.excuse for verdict in excused if verdict.excuse not in RULE_NAMES},
        "survivors": [verdict.mutant.name for verdict in verdicts if verdict.survives],
    }


def counts(verdicts: list[GenericVerdict]) -> dict[str, int]:
    return {
        "mutants": len(verdicts),
        "excused": sum(verdict.is_excused for verdict in verdicts),
        "caught": sum(bool(verdict.caught_by) for verdict in verdicts),
    }


def write_figures(verdicts: list[GenericVerdict], file: Path = FIGURES) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures_of(verdicts), indent=1) + "\n", encoding="utf-8")


def read_figures() -> dict[str, Any]:
    """The figures of the last audit of all generic mutants, {} if there was none."""
    return dict(json.loads(FIGURES.read_text(encoding="utf-8"))) if FIGURES.is_file() else {}


def markdown() -> list[str]:
    """The part of AUDIT.md on generic mutants."""
    figures = read_figures()
    if not figures:
        return ["`grader audit --generic` was not run yet."]
    every = list(figures["exercises"].values())
    total = {key: sum(row[key] for row in every) for key in ("mutants", "excused", "caught")}
    rows = [*figures["exercises"].items(), ("all", total)]
    cells = ((name, row["mutants"], row["excused"], row["caught"], score(row)) for name, row in rows)
    reasons = {rule.name: rule.reason for rule in RULES}
    return [
        "| exercise | mutants | excused | caught | score |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(map(str, row))} |" for row in cells),
        "\nRules that excuse a class of changes, and how many mutants they excuse:\n",
        *(f"- {name}, {count}: {reasons.get(name, '')}" for name, count in figures["rules"].items()),
        f"\n{len(figures['single'])} single changes are excused too:\n",
        *(f"- `{name}`: {why}" for name, why in figures["single"].items()),
    ]
