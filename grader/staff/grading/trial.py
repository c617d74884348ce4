"""Runs every check on many of the staff's own submissions, in one process.

The audit and the calibration consist of such trials.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from grader.assignment import CHECKS
from grader.collect import collect_from
from grader.hints import Hints
from grader.items import new_record, run_check
from grader.judging.mistakes import Mistakes
from grader.judging.mutants import Mutant
from grader.judging.record import Record, Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.judging.thresholds import Measured

LOOKS_UP = frozenset(["globals", "getattr", "eval", "exec", "__import__", "builtins"])
OUTSIDE = ""  # no function has this name


def collect_checks() -> list[pytest.Function]:
    """Every check, visible and hidden, in the order in which they run."""
    return collect_from(CHECKS)


@dataclass
class Trial:
    """The results of one submission.

    There is a record of each check, the functions that each check depends on, and the mistakes that
    were named.
    """

    records: dict[str, Record] = field(default_factory=dict)
    depends_on: dict[str, set[str]] = field(default_factory=dict)
    named: dict[str, tuple[Mutant, ...]] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)

    def showing(self, mutant: Mutant) -> set[str]:
        """The checks that depend on the function whose mistake the mutant has."""
        return {name for name, places in self.depends_on.items() if not places.isdisjoint(mutant.places)}

    @property
    def names(self) -> set[str]:
        """The names of all mistakes that were named."""
        return {mutant.name for mutants in self.named.values() for mutant in mutants}

    @property
    def most(self) -> float:
        return sum(record.max_points for record in self.records.values())

    @property
    def earned(self) -> float:
        return sum(record.points for record in self.records.values())

    @property
    def lost(self) -> float:
        return self.most - self.earned

    @property
    def failing(self) -> dict[str, Record]:
        return {name: record for name, record in self.records.items() if record.status != Status.PASSED}


def hold_trial(
    settings: Settings, checks: Sequence[pytest.Function], mistakes: Mistakes | None = None, name: bool = True
) -> Trial:
    """Run these checks on a submission, as the plugin does, and `name` its mistakes.

    They are looked for among `mistakes`, or among the run's own if that is None.
    """
    trial, run = Trial(), Run(settings)
    hints = Hints(run, checks, trial.records)
    try:
        for item in checks:
            record = trial.records[item.name] = new_record(item, run.assignment)
            if name and record.hidden:
                hints.ask_again()
            run_check(item, run, record)
        trial.measured = run.measured
        for exchange in run.exchanges:
            trial.depends_on.setdefault(exchange.check, set()).update(exchange.depends_on)
        if name:
            trial.named = hints.named(mistakes)
    finally:
        run.close()
    return trial


def trains(item: pytest.Function) -> bool:
    return item.get_closest_marker("trains") is not None


def number(item: pytest.Function) -> str:
    return str(getattr(item.obj, "__number__", ""))
