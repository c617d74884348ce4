"""The known mistakes, and what each does to the facets of an answer.

Staff machines ask the mutants themselves. Students' machines have a recording of their answers.
"""

from collections.abc import Sequence
from typing import Protocol

from grader.judging.asked import Asked, Effect
from grader.judging.exchange import Exchange
from grader.judging.mutants import Mutant

TOGETHER = " + "  # between the names of mistakes in the same submission

Mistake = tuple[Mutant, ...]  # one mutant, or several in the same submission


def name_of(mistake: Mistake) -> str:
    return TOGETHER.join(mutant.name for mutant in mistake)


class Mistakes(Protocol):
    """The known mistakes, and what each would have answered."""

    known: list[Mutant]
    doubts_allowed: float  # the share of the wrong facets that may speak against a group before it is asked

    def cpu_seconds(self) -> float:
        """The CPU seconds that answers have taken so far; 0 if they were recorded."""

    def asked(self, exchange: Exchange) -> Asked:
        """The exchange with the reference's answer."""

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        """What these mistakes do to the answer."""

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        """The facets that the mutant is likely to change, None if that is not known."""

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        """For each answer the facets that the two change only together; empty if there are none."""

    def can_combine(self, mistake: Mistake) -> bool:
        """Whether several mutants together can be asked."""

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        """Those of the mutants that give the submission's answer, as far as chance allows."""
