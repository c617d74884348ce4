"""The known mistakes as far as they were recorded, for students' machines.

What several of them do together follows from each of them alone, and from recorded pairs.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from grader.judging.asked import NOTHING, Asked, Effect, asked_of
from grader.judging.cover import union
from grader.judging.exchange import Exchange
from grader.judging.mistakes import Mistake, Mistakes, name_of
from grader.judging.mutants import Mutant
from grader.judging.reference import Golden

Effects = Mapping[Mistake, Effect]


class RecordedMistakes(Mistakes):
    """What was recorded of the mutants' answers in the visible checks, for students' machines.

    A facet that several mistakes change has the value that a pair was recorded with.  Without such
    a recording nobody knows it.
    """

    def __init__(self, golden: Golden) -> None:
        self.golden, self.doubts_allowed = golden, 0.0
        self.in_pairs = {name for name, entry in golden.mistakes.items() if entry["in_pairs"]}
        self.known = [
            Mutant(name, entry["exercise"], (), entry["hint"], caught_by=tuple(entry["caught_by"]))
            for name, entry in golden.mistakes.items()
        ]

    def cpu_seconds(self) -> float:
        return 0.0

    def asked(self, exchange: Exchange) -> Asked:
        if exchange.expected is not None:
            return asked_of(exchange, exchange.expected.observation)
        recorded = self.golden.references.get(exchange.key, [])
        return Asked(exchange, [tuple(path) for path, _ in recorded], [value for _, value in recorded], True)

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        return self.recorded_effect(asked, (mutant,)).changes

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        return [self.new_in(pair, one) for one in asked] if name_of(pair) in self.golden.pairs else []

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        parts = [part for mistake in mistakes for part in (*singles_of(mistake), *self.likely_pairs(mistake))]
        known = {part: self.recorded_effect(asked, part) for part in dict.fromkeys(parts)}
        return [self.inferred(asked, mistake, known) for mistake in mistakes]

    def likely_pairs(self, mistake: Mistake) -> list[Mistake]:
        """The pairs among several mistakes whose effects are known: likely ones of a function."""
        pairs = combinations([mutant for mutant in mistake if mutant.name in self.in_pairs], 2)
        return [(one, other) for one, other in pairs if one.function == other.function]

    def inferred(self, asked: Asked, mistake: Mistake, known: Effects) -> Effect:
        if len(mistake) == 1:
            return known[mistake]
        pairs = [(pair, self.new_in(pair, asked)) for pair in self.likely_pairs(mistake)]
        pairs = [(pair, new) for pair, new in pairs if new]
        not_avoided = [single for single in singles_of(mistake) if not is_avoided(single, mistake, pairs)]
        for part in [*(pair for pair, _ in pairs), *not_avoided]:
            if known[part].changes & asked.raised_bit:
                return known[part]  # an exception hides what the others change
        alone = [single for single in singles_of(mistake) if not known[single].changes & asked.raised_bit]
        settled = union(new for _, new in pairs)
        changes = union(known[single].changes for single in alone) & ~settled
        gives = union(known[single].gives for single in alone) & ~settled
        changes |= union(known[pair].changes & new for pair, new in pairs)
        gives |= union(known[pair].gives & new for pair, new in pairs)
        unknown = self.unknown(mistake, known) & ~settled
        return Effect(changes, gives & ~unknown, unknown)

    def unknown(self, mistake: Mistake, known: Effects) -> int:
        """The facets that two of the mistakes change, of which nobody knows what both give."""
        pairs = combinations(mistake, 2)
        unknown = [pair for pair in pairs if not {mutant.name for mutant in pair} <= self.in_pairs]
        return union(known[(one,)].changes & known[(other,)].changes for one, other in unknown)

    def can_combine(self, mistake: Mistake) -> bool:
        pairs = combinations(mistake, 2)
        return all(other.name not in self.golden.mistakes[one.name]["overlaps"] for one, other in pairs)

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        asked = self.asked(exchange)
        effects = self.effects(asked, [(mutant,) for mutant in mutants])
        same = Effect(asked.wrong, asked.wrong)
        return [mutant for mutant, effect in zip(mutants, effects, strict=True) if effect == same]

    def recorded_effect(self, asked: Asked, mistake: Mistake) -> Effect:
        recorded = self.recorded(asked, mistake)
        return NOTHING if recorded is None else asked.effect_of_fingerprints(recorded)

    def recorded(self, asked: Asked, mistake: Mistake) -> dict[str, Any] | None:
        if len(mistake) == 1:
            answers: dict[str, Any] = self.golden.mistakes[mistake[0].name]["answers"]
        else:
            answers = self.golden.pairs.get(name_of(mistake), {})
        return answers.get(asked.exchange.key)

    def new_in(self, pair: Mistake, asked: Asked) -> int:
        """The facets of which a pair gives what neither does alone."""
        return asked.facets_in(self.recorded(asked, pair) or {})


def singles_of(mistake: Mistake) -> list[Mistake]:
    return [(mutant,) for mutant in mistake]


def is_avoided(single: Mistake, mistake: Mistake, pairs: Sequence[tuple[Mistake, int]]) -> bool:
    """Whether a mistake gives something else with each of the others than alone."""
    return sum(single[0] in pair for pair, _ in pairs) == len(mistake) - 1
