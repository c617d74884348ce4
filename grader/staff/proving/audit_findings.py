"""What an audit found, counted."""

from collections.abc import Iterable
from typing import Any

import pytest

from grader.judging.mutants import Mutant, read_mutants
from grader.staff.grading.trial import Trial
from grader.staff.proving.cases import Case
from grader.staff.proving.threads import MARGIN


class Findings:
    """What the audit found, counted."""

    def __init__(
        self, cases: list[Case], checks: list[pytest.Function], tolerance_used: float = 0.0, whole: bool = True
    ) -> None:
        self.checks, self.tolerance_used, self.whole = checks, tolerance_used, whole
        self.mutants = [case for case in cases if case.is_mutant]
        self.styles = [case for case in cases if not case.mutants]
        self.equivalents = [case for case in cases if case.mutants and case.is_correct]
        self.pairs = [case for case in cases if len(case.mutants) == 2]
        self.kin = Kin(read_mutants())
        self.survivors = [case for case in self.mutants if not case.graded.lost]
        self.misplaced = [case for case in self.mutants if misplaced(case)]
        self.not_caught = [case for case in self.mutants if self.missing_claims(case)]
        self.wrong_hints = [case for case in [*self.mutants, *self.pairs] if self.wrongly_named(case)]
        self.named = [case for case in self.mutants if case.graded.named and case not in self.wrong_hints]
        self.visible = [case for case in self.mutants if "failed" in statuses(case.laptop)]
        self.named_on_laptop = [case for case in self.visible if case.laptop.named and case not in self.wrong_hints]
        self.short = [case for case in [*self.styles, *self.equivalents] if case.graded.lost]

    @property
    def problems(self) -> bool:
        wrong = self.survivors or self.misplaced or self.wrong_hints or self.short or self.not_caught
        return bool(wrong) or self.tolerance_used * MARGIN > 1

    def wrongly_named(self, case: Case) -> set[str]:
        """The mistakes that were named and are not in the case, in any words."""
        own = {self.kin.of(mutant.name) for mutant in case.mutants}
        named = [*case.graded.named.values(), *case.laptop.named.values()]
        return {mutant.name for mutant in named if self.kin.of(mutant.name) not in own}

    def missing_claims(self, case: Case) -> set[str]:
        """The checks with long training that the mutant names and that it passes."""
        return case.caught_by - {record.number for record in case.graded.failing.values()}

    def only_caught_by(self, name: str) -> list[str]:
        """The mutants that lose points in this check alone."""
        return [case.name for case in self.mutants if list(case.graded.failing) == [name]]

    def caught_by(self, name: str) -> list[str]:
        return [case.name for case in self.mutants if name in case.graded.failing]

    @property
    def idle(self) -> list[pytest.Function]:
        """The checks that catch no mutant."""
        return [item for item in self.checks if not self.caught_by(item.name)]

    def as_json(self) -> dict[str, Any]:
        """The totals, then what they are made of."""
        short_styles = [case for case in self.styles if case.graded.lost]
        return {
            "mutants": len(self.mutants),
            "survivors": len(self.survivors),
            "misplaced": len(self.misplaced),
            "wrong_hints": len(self.wrong_hints),
            "named": len(self.named),
            "styles": len(self.styles),
            "styles_short": len(short_styles),
            "visible": len(self.visible),
            "named_on_laptop": len(self.named_on_laptop),
            "pairs": len(self.pairs),
            "equivalent": len(self.equivalents),
            "tolerance_used_by_a_second_thread": self.tolerance_used,
            "equivalent_short": len(self.short) - len(short_styles),
            "per_mutant": {case.name: self.mutant_as_json(case) for case in self.mutants},
            "per_pair": {case.name: self.mutant_as_json(case) for case in self.pairs},
            "per_style": {case.name: case.graded.earned for case in self.styles},
            "per_check": {
                item.name: {"catches": len(self.caught_by(item.name)), "alone": self.only_caught_by(item.name)}
                for item in self.checks
            },
            "idle_checks": [item.name for item in self.idle],
        }

    def mutant_as_json(self, case: Case) -> dict[str, Any]:
        return {
            "lost": case.graded.lost,
            "fails": {name: record.status for name, record in case.graded.failing.items()},
            "named": sorted({mutant.name for mutant in case.graded.named.values()}),
            "named_on_laptop": sorted({mutant.name for mutant in case.laptop.named.values()}),
            "wrong": sorted(self.wrongly_named(case)),
            "misplaced": sorted(misplaced(case)) if len(case.mutants) == 1 else [],
        }


class Kin:
    """Which mutants are the same mistake in other words."""

    def __init__(self, mutants: Iterable[Mutant]) -> None:
        self.same_as = {mutant.name: mutant.same_as for mutant in mutants}

    def of(self, name: str) -> str:
        """The first in words of this mistake."""
        while self.same_as.get(name):
            name = self.same_as[name]
        return name


def statuses(trial: Trial) -> set[str]:
    return {record.status for record in trial.records.values()}


def misplaced(case: Case) -> set[str]:
    """The checks that lose points though nothing that they ask depends on the mistake."""
    return set(case.graded.failing) - case.graded.showing(case.mutants[0])
