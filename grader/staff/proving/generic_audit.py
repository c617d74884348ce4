"""`grader audit --generic`: do the checks catch mistakes that nobody chose?

Each generic mutant is run through the checks that ask the code with its change, the cheapest first,
until one takes points off.  What passes all quick checks is really trained and graded.
"""

import tempfile
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from grader.assignment import read_assignment
from grader.feedback.progress import Progress
from grader.intake.files import exercise_file, write_files
from grader.items import exercise_of, exercises_of, function_of, new_record, run_check
from grader.judging.reference import read_solution, reference_files
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox
from grader.sandbox.outcome import Outcome
from grader.staff.grading.trial import collect_checks, trains
from grader.staff.proving.cache import AnswerCache
from grader.staff.proving.called_code import reachable
from grader.staff.proving.crowd import Crowd, guard
from grader.staff.proving.excuses import excuse_of
from grader.staff.proving.generic import Generic
from grader.staff.proving.lanes import CONTEXT, in_lanes

SEED = b"the inputs that every generic mutant is asked with"
GROUP = 120  # mutants at most that are asked together: enough groups for two lanes


@dataclass(frozen=True)
class GenericVerdict:
    """The check that took points off a generic mutant, "" if none did; and why it may keep them."""

    mutant: Generic
    caught_by: str
    excuse: str = ""

    @property
    def is_excused(self) -> bool:
        return bool(self.excuse) and not self.caught_by

    @property
    def survives(self) -> bool:
        return not self.excuse and not self.caught_by


def audit_generic(mutants: list[Generic]) -> list[GenericVerdict]:
    """What becomes of each mutant, in their order.

    One that is excused is not trained: only an excuse that is wrong costs time. Raises GraderError
    at once for a file of excuses that is not written right.
    """
    excuses = [excuse_of(mutant) for mutant in mutants]
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as temporary:
        tasks = [GenericGroup(group) for group in groups(mutants)]
        progress = Progress(len(mutants), CONTEXT.Value("i", 0))
        for verdicts in in_lanes(GenericLane, (progress,), tasks, Path(temporary)):
            found |= {verdict.mutant.name: verdict.caught_by for verdict in verdicts}
    AnswerCache().shrink()
    return [GenericVerdict(one, found[one.name], excuse) for one, excuse in zip(mutants, excuses, strict=True)]


def groups(mutants: list[Generic]) -> list[list[Generic]]:
    """At most GROUP mutants of one function or class together; the largest groups first."""

    def place(mutant: Generic) -> tuple[str, str]:
        return mutant.exercise, mutant.part

    alike = [list(group) for _, group in groupby(sorted(mutants, key=place), place)]
    parts = [group[i : i + GROUP] for group in alike for i in range(0, len(group), GROUP)]
    return sorted(parts, key=len, reverse=True)


@dataclass(frozen=True)
class GenericGroup:
    """A lane's task: the verdicts on mutants that are asked the same questions."""

    mutants: list[Generic]

    def __call__(self, lane: "GenericLane") -> list[GenericVerdict]:
        return lane.verdicts(self.mutants)


class GenericLane:
    """What one process of the audit has: the checks, and remembered answers."""

    def __init__(self, sandbox: Sandbox, progress: Progress) -> None:
        self.asker, self.progress = Crowd(sandbox, cache=AnswerCache()), progress
        self.checks = sorted(collect_checks(), key=cost)
        self.files = reference_files(read_assignment().exercises)
        self.reference = self.open_run(self.files)
        self.asked: dict[str, list[Call]] = {}
        self.answers: dict[str, dict[str, Outcome]] = {}

    def open_run(self, files: dict[str, bytes]) -> Run:
        folder = Path(tempfile.mkdtemp())
        write_files(files, folder)
        return Run(Settings(folder, seed=SEED, asks=self.asker, has_clock=False))

    def verdicts(self, mutants: list[Generic]) -> list[GenericVerdict]:
        """The check that catches each mutant; a mutant that is caught is asked nothing more."""
        runs = {mutant: self.open_run(self.files_of(mutant)) for mutant in mutants}
        found: dict[Generic, str] = {}
        for item in self.checks:
            left = {one: run for one, run in runs.items() if one not in found and is_worth(item, one)}
            if left and mutants[0].exercise in exercises_of(item):
                found |= dict.fromkeys(self.caught(item, left), item.name)
        for mutant, run in runs.items():
            run.close()
            self.progress.step(mutant.name)
        return [GenericVerdict(mutant, found.get(mutant, "")) for mutant in mutants]

    def files_of(self, mutant: Generic) -> dict[str, bytes]:
        return {**self.files, exercise_file(mutant.exercise): mutant.text().encode()}

    def caught(self, item: pytest.Function, runs: dict[Generic, Run]) -> list[Generic]:
        """Those of the mutants that lose points in a check."""
        self.ask_reference(item)
        concerned = {mutant: run for mutant, run in runs.items() if self.may_show(item, run)}
        self.asker.crowd = [run.submission.folder for run in concerned.values()]
        for folder in self.asker.crowd:
            guard(folder, is_on=cost(item)[0] == 0)
        found = []
        for mutant, run in concerned.items():
            if self.loses_points(item, run):
                found.append(mutant)
                self.asker.crowd.remove(run.submission.folder)
        self.asker.memory = {}
        return found

    def ask_reference(self, item: pytest.Function) -> None:
        """Learn what a check asks, and the reference's answers."""
        if item.name not in self.asked:
            assert not self.loses_points(item, self.reference), f"the reference fails {item.name}"
            self.asked[item.name] = [exchange.call for exchange in self.reference.exchanges]
            self.answers[item.name] = self.asker.memory
        self.asker.memory = dict(self.answers[item.name])

    def may_show(self, item: pytest.Function, run: Run) -> bool:
        """Whether a check asks code that is another one than the reference's."""
        one, other = run.submission.folder, self.reference.submission.folder
        return any(self.asker.code_of(one, call) != self.asker.code_of(other, call) for call in self.asked[item.name])

    def loses_points(self, item: pytest.Function, run: Run) -> bool:
        run.exchanges.clear()
        record = new_record(item, run.assignment)
        run_check(item, run, record)
        return record.points < record.max_points


def is_worth(item: pytest.Function, mutant: Generic) -> bool:
    """Whether a check that trains is run: on what is not excused, if it trains the changed code."""
    if not trains(item):
        return True
    function, texts = function_of(item), (mutant.text(), read_solution(mutant.exercise))
    is_trained = mutant.exercise != exercise_of(item) or len({reachable(text, function) for text in texts}) > 1
    return is_trained and not excuse_of(mutant)


def cost(item: pytest.Function) -> tuple[int, str]:
    """What orders the checks: quick ones, those with a time limit, those that train."""
    is_long = item.get_closest_marker("timeout") is not None
    return 2 if trains(item) else int(is_long), item.name
