"""What is right and wrong with the checks, counted from an audit's verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.judging.mutants import Mutant, read_mutants
from grader.staff.grading.trial import Trial
from grader.staff.proving.cases import Case, CaseKind
from grader.staff.proving.threads import MARGIN


@dataclass(frozen=True, eq=False)
class CaseVerdict:
    """What the judge said of a case.

    `graded` is a run with live mutants; `laptop`, for single mistakes only, is one with the visible
    checks and what was recorded for students' machines.
    """

    case: Case
    graded: Trial
    laptop: Trial = field(default_factory=Trial)

    @property
    def name(self) -> str:
        return self.case.name

    @property
    def misplaced(self) -> set[str]:
        """The checks that lose points although nothing that they ask depends on the mistake."""
        return set(self.graded.failing) - self.graded.showing(self.case.mutants[0])

    @property
    def missing_claims(self) -> set[str]:
        """The checks with a threshold that the mutant names and nevertheless passes."""
        return self.case.caught_by - {record.number for record in self.graded.failing.values()}


class Findings:
    """An audit's verdicts, sorted by what they show.

    `is_whole`: everything was tried, so a check that catches nothing is worth a note.
    """

    def __init__(
        self,
        verdicts: list[CaseVerdict],
        checks: list[pytest.Function],
        tolerance_used: float = 0.0,
        is_whole: bool = True,
    ) -> None:
        self.checks, self.tolerance_used, self.is_whole = checks, tolerance_used, is_whole
        self.kin = Kin(read_mutants())
        of_kind = {kind: [verdict for verdict in verdicts if verdict.case.kind is kind] for kind in CaseKind}
        self.mutants, self.pairs = of_kind[CaseKind.MUTANT], of_kind[CaseKind.PAIR]
        self.styles, self.equivalents = of_kind[CaseKind.STYLE], of_kind[CaseKind.EQUIVALENT]
        self.survivors = [verdict for verdict in self.mutants if not verdict.graded.lost]
        self.misplaced = [verdict for verdict in self.mutants if verdict.misplaced]
        self.not_caught = [verdict for verdict in self.mutants if verdict.missing_claims]
        self.wrong_hints = [verdict for verdict in [*self.mutants, *self.pairs] if self.wrongly_named(verdict)]
        rightly = [verdict for verdict in self.mutants if verdict not in self.wrong_hints]
        self.named = [verdict for verdict in rightly if verdict.graded.named]
        self.visible = [verdict for verdict in self.mutants if "failed" in statuses(verdict.laptop)]
        self.named_on_laptop = [verdict for verdict in self.visible if verdict in rightly and verdict.laptop.named]
        self.short = [verdict for verdict in [*self.styles, *self.equivalents] if verdict.graded.lost]

    @property
    def problems(self) -> bool:
        wrong = self.survivors or self.misplaced or self.wrong_hints or self.short or self.not_caught
        return bool(wrong) or self.tolerance_used * MARGIN > 1

    def wrongly_named(self, verdict: CaseVerdict) -> set[str]:
        """The mistakes that were named and are not in the case, in any words."""
        own = {self.kin.of(mutant.name) for mutant in verdict.case.mutants}
        named = verdict.graded.names | verdict.laptop.names
        return {name for name in named if self.kin.of(name) not in own}

    def only_caught_by(self, check: str) -> list[str]:
        """The mutants that lose points in this check alone."""
        return [verdict.name for verdict in self.mutants if list(verdict.graded.failing) == [check]]

    def caught_by(self, check: str) -> list[str]:
        """The mutants that lose points in this check."""
        return [verdict.name for verdict in self.mutants if check in verdict.graded.failing]

    @property
    def idle(self) -> list[pytest.Function]:
        """The checks that catch no mutant."""
        return [item for item in self.checks if not self.caught_by(item.name)]

    def as_json(self) -> dict[str, Any]:
        """The totals, then the entries behind them."""
        short_styles = [verdict for verdict in self.styles if verdict.graded.lost]
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
            "per_mutant": {verdict.name: self.mutant_as_json(verdict) for verdict in self.mutants},
            "per_pair": {verdict.name: self.mutant_as_json(verdict) for verdict in self.pairs},
            "per_style": {verdict.name: verdict.graded.earned for verdict in self.styles},
            "per_check": {
                item.name: {"catches": len(self.caught_by(item.name)), "alone": self.only_caught_by(item.name)}
                for item in self.checks
            },
            "idle_checks": [item.name for item in self.idle],
        }

    def mutant_as_json(self, verdict: CaseVerdict) -> dict[str, Any]:
        return {
            "lost": verdict.graded.lost,
            "fails": {name: record.status for name, record in verdict.graded.failing.items()},
            "named": sorted(verdict.graded.names),
            "named_on_laptop": sorted(verdict.laptop.names),
            "wrong": sorted(self.wrongly_named(verdict)),
            "misplaced": sorted(verdict.misplaced) if verdict.case.kind is CaseKind.MUTANT else [],
        }


class Kin:
    """Which mutants are the same mistake in other words."""

    def __init__(self, mutants: Iterable[Mutant]) -> None:
        self.same_as = {mutant.name: mutant.same_as for mutant in mutants}

    def of(self, name: str) -> str:
        """The mutant that this one is the same as in other words, at the end of the chain."""
        while self.same_as.get(name):
            name = self.same_as[name]
        return name


def statuses(trial: Trial) -> set[str]:
    return {record.status for record in trial.records.values()}
