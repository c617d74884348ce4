"""`grader naming`: are mistakes named when a function has two or three of them?

Real functions have several mistakes at once.  So pairs and triples of the known mistakes in the
same function are drawn at random, and all checks are run on each, as in a graded run and as on a
student's machine.
"""

import argparse
import json
import random
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from grader.assignment import STAFF, GraderError, read_assignment
from grader.feedback.progress import Progress
from grader.judging.mutants import can_be_combined, read_mutants
from grader.judging.record import Record
from grader.judging.reference import read_solution
from grader.judging.settings import Settings
from grader.staff.grading.trial import Trial, hold_trial
from grader.staff.proving.audit import SEED, AuditGroup, AuditLane
from grader.staff.proving.cache import AnswerCache
from grader.staff.proving.cases import Case, CaseKind, place
from grader.staff.proving.lanes import CONTEXT, in_lanes
from grader.staff.proving.naming_report import Named, Naming, NamingVerdict, markdown, summary

HELP = (
    "Draws pairs and triples of known mistakes in the same function, runs all checks on each, as in a graded run and as "
    "on a student's machine, and counts the failed checks that name a mistake which is there, none, or another one.  The "
    "figures are written to grader/staff/docs/NAMING.md, except with --only or --sample.  Exit status: 0 if at least 90 % of "
    "the failed checks name a right one and at most 1 % another one, else 1; with --sample at least 50 % are enough."
)
EXAMPLE = "grader naming --only run_model"
REPORT = STAFF / "docs" / "NAMING.md"
N_PAIRS, N_TRIPLES = 200, 60  # for each exercise
GROUP = 20  # cases that are asked the same questions
N_SAMPLE = 3  # pairs, and as many triples, with --sample
LEAST_OF_SAMPLE = 50.0  # percent: a few cases may all be hard ones


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="only mistakes in these exercises")
    parser.add_argument(
        "--pairs", type=int, default=N_PAIRS, metavar="N", help=f"for each exercise (default: {N_PAIRS})"
    )
    parser.add_argument(
        "--triples", type=int, default=N_TRIPLES, metavar="N", help=f"for each exercise (default: {N_TRIPLES})"
    )
    parser.add_argument(
        "--sample", action="store_true", help=f"only {N_SAMPLE} pairs and {N_SAMPLE} triples of all exercises"
    )
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="what to draw: each day has other pairs (default: always the same; with --sample: today)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict to this file")


def main(options: argparse.Namespace) -> int:
    """Draw, run, count, print; 0 if mistakes are named well enough."""
    naming = Naming(run_cases(drawn(options)))
    print(summary(naming))
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(naming.as_json(), indent=1) + "\n", encoding="utf-8")
    if not options.only and not options.sample:
        REPORT.write_text(markdown(naming), encoding="utf-8")
        print(f"Written to {REPORT}.")
    if options.sample:
        return 0 if naming.share(Named.RIGHT) >= LEAST_OF_SAMPLE else 1
    return 0 if naming.is_good else 1


def drawn(options: argparse.Namespace) -> list[Case]:
    """The pairs and triples that are asked for.  Raises GraderError for a wrong name."""
    exercises = read_assignment().exercises
    unknown = [name for name in options.only if name not in exercises]
    if unknown:
        raise GraderError(f"There is no exercise {unknown[0]!r}; there are {', '.join(exercises)}.")
    day = options.date or (date.today() if options.sample else None)
    rng = random.Random(day.isoformat() if day else 1)
    cases = []
    for exercise in options.only or exercises:
        for size, count in ((2, options.pairs), (3, options.triples)):
            cases += cases_of(exercise, size, count, rng)
    if not options.sample:
        return cases
    print(f"A sample.  To repeat it:  grader naming --sample --date {day}", flush=True)
    by_size = [[case for case in cases if len(case.mutants) == size] for size in (2, 3)]
    return [case for group in by_size for case in rng.sample(group, min(N_SAMPLE, len(group)))]


def cases_of(exercise: str, size: int, count: int, rng: random.Random) -> list[Case]:
    """Up to `count` different sets of mistakes in the same function of an exercise.

    A function with more known mistakes is drawn more often.
    """
    mutants = [one for one in read_mutants() if one.exercise == exercise and not one.equivalent and not one.same_as]
    by_function = {name: list(group) for name, group in groupby(mutants, lambda mutant: mutant.function)}
    mutants = [one for one in mutants if len(by_function[one.function]) >= size]
    found: dict[str, Case] = {}
    for _ in range(20 * count):
        if len(found) == count or not mutants:
            break
        first = rng.choice(mutants)
        others = [one for one in by_function[first.function] if one is not first]
        together = tuple(sorted([first, *rng.sample(others, size - 1)], key=mutants.index))
        if can_be_combined(together, read_solution):
            name = " + ".join(mutant.name for mutant in together)
            found[name] = Case(name, CaseKind.SEVERAL, together)
    return list(found.values())


def run_cases(cases: list[Case]) -> list[NamingVerdict]:
    """The verdicts on these cases, two functions at a time."""
    verdicts: list[NamingVerdict] = []
    with tempfile.TemporaryDirectory(prefix="grader-naming-") as temporary:
        folder = Path(temporary)
        staged = [case.staged_in(folder) for case in cases]
        given: tuple[Any, ...] = place(folder, "reference", ()), {}, Progress(len(cases), CONTEXT.Value("i", 0))
        for result in in_lanes(NamingLane, given, [AuditGroup(group) for group in groups(staged)], folder):
            verdicts += result
    AnswerCache().shrink()
    return verdicts


class NamingLane(AuditLane):
    """What one process has that judges several mistakes at once."""

    def verdict(self, case: Case) -> NamingVerdict:
        verdict = super().verdict(case)
        alike = {("graded", check) for check in self.alike(case, verdict.graded, {"seed": SEED})}
        alike |= {("laptop", check) for check in self.alike(case, verdict.laptop, {"live": False})}
        return NamingVerdict(case, verdict.graded, verdict.laptop, frozenset(alike))

    def alike(self, case: Case, trial: Trial, how: dict[str, Any]) -> Iterator[str]:
        """The checks that say the same of the mistakes that were named instead of the real ones."""
        by_name = {mutant.name: mutant for mutant in read_mutants()}  # what was recorded of them has no changes
        for check, named in trial.named.items():
            mutants = tuple(by_name[mutant.name] for mutant in named)
            if not set(mutants) <= set(case.mutants) and can_be_combined(mutants, read_solution):
                with tempfile.TemporaryDirectory() as folder:
                    other = Case("the mistakes that were named", CaseKind.SEVERAL, mutants).staged_in(Path(folder))
                    items = [item for item in self.checks if item.name == check]
                    said = hold_trial(Settings(other.folder, asks=self.asker, **how), items, name=False).records[check]
                if without_lines(said) == without_lines(trial.records[check]):
                    yield check


def without_lines(record: Record) -> str:
    """What a check says, without the numbers of lines."""
    feedback = record.feedback
    return re.sub(r"line \d+", "line", f"{feedback.sentence}\n{feedback.details}") if feedback else ""


def groups(cases: list[Case]) -> list[list[Case]]:
    """At most GROUP cases of one function each: they are asked the same questions."""
    by_function: dict[str, list[Case]] = {}
    for case in cases:
        by_function.setdefault(case.mutants[0].function, []).append(case)
    return [group[i : i + GROUP] for group in by_function.values() for i in range(0, len(group), GROUP)]
