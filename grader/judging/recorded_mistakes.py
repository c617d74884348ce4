"""The known mistakes as far as they were recorded, for students' machines.

What several of them do together follows from each of them alone, and from recorded pairs.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from grader.judging.asked import NOTHING, Asked, Effect, asked_of
from grader.judging.cover import union
from grader.judging.exchange import Exchange
from grader.judging.mistakes import Mistake, Mistakes, name_of
from grader.judging.mutants import Mutant
from grader.judging.reference import Golden

Effects = Mapping[Mistake, Effect]


class InferredMistakes(Mistakes):
    """Knows what each mistake does alone, and what the recorded pairs of likely mistakes do.

    A facet that several mistakes change has the value that a pair was recorded with.  Without such
    a recording nobody knows it.
    """

    def __init__(self, golden: Golden) -> None:
        self.golden, self.doubts_allowed = golden, 0.0
        self.in_pairs = {name for name, entry in golden.mistakes.items() if entry["in_pairs"]}

    def known_effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> Effects:
        """The effects of these mistakes: each is one mutant, or a recorded pair."""
        raise NotImplementedError

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        parts = dict.fromkeys(part for mistake in mistakes for part in self.parts(asked, mistake))
        known = self.known_effects(asked, list(parts))
        return [self.inferred(asked, mistake, known) for mistake in mistakes]

    def parts(self, asked: Asked, mistake: Mistake) -> list[Mistake]:
        """What the effect of a mistake follows from: its mutants, and its recorded pairs."""
        return [*((mutant,) for mutant in mistake), *self.recorded_pairs(asked, mistake)]

    def recorded_pairs(self, asked: Asked, mistake: Mistake) -> list[Mistake]:
        return [pair for pair in combinations(mistake, 2) if self.recorded_of(pair, asked)]

    def recorded_of(self, pair: Mistake, asked: Asked) -> int:
        """The facets whose values were recorded for this pair."""
        return asked.facets_in(self.golden.pairs.get(name_of(pair), {}).get(asked.exchange.key, {}))

    def inferred(self, asked: Asked, mistake: Mistake, known: Effects) -> Effect:
        singles = [known[(mutant,)] for mutant in mistake]
        pairs = [(known[pair], self.recorded_of(pair, asked)) for pair in self.recorded_pairs(asked, mistake)]
        for effect in [*(effect for effect, _ in pairs), *singles]:
            if effect.changes & asked.raised_bit:
                return effect  # an exception hides what the others change
        changes = union(effect.changes & recorded for effect, recorded in pairs)
        gives = union(effect.gives & recorded for effect, recorded in pairs)
        settled = union(recorded for _, recorded in pairs)
        changes |= union(single.changes for single in singles) & ~settled
        gives |= union(single.gives for single in singles) & ~settled
        unknown = self.unknown(mistake, singles) & ~settled
        return Effect(changes, gives & ~unknown, unknown)

    def unknown(self, mistake: Mistake, singles: Sequence[Effect]) -> int:
        """The facets that two of the mistakes change, but were not recorded with."""
        pairs = combinations(zip(mistake, singles, strict=True), 2)
        return union(
            single.changes & second.changes
            for (one, single), (other, second) in pairs
            if not {one.name, other.name} <= self.in_pairs
        )

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        (effect,) = self.effects(asked, [(mutant,)])
        return effect.changes

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        return [self.recorded_of(pair, one) for one in asked] if name_of(pair) in self.golden.pairs else []

    def can_combine(self, mistake: Mistake) -> bool:
        pairs = combinations(mistake, 2)
        return all(other.name not in self.golden.mistakes[one.name]["overlaps"] for one, other in pairs)

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        asked = self.asked(exchange)
        effects = self.effects(asked, [(mutant,) for mutant in mutants])
        same = Effect(asked.wrong, asked.wrong)
        return [mutant for mutant, effect in zip(mutants, effects, strict=True) if effect == same]


class RecordedMistakes(InferredMistakes):
    """What was recorded of the mutants' answers in the visible checks, for students' machines."""

    def __init__(self, golden: Golden) -> None:
        super().__init__(golden)
        self.known = [
            Mutant(name, entry["exercise"], (), entry["hint"], caught_by=tuple(entry["caught_by"]))
            for name, entry in golden.mistakes.items()
        ]

    @property
    def for_visible(self) -> Mistakes:
        return self

    def asked(self, exchange: Exchange) -> Asked:
        if exchange.expected is not None:
            return asked_of(exchange, exchange.expected.observation)
        recorded = self.golden.references.get(exchange.key, [])
        return Asked(exchange, [tuple(path) for path, _ in recorded], [value for _, value in recorded], True)

    def known_effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> Effects:
        return {mistake: self.effect(asked, mistake) for mistake in mistakes}

    def effect(self, asked: Asked, mistake: Mistake) -> Effect:
        answers = (
            self.golden.mistakes[mistake[0].name]["answers"]
            if len(mistake) == 1
            else self.golden.pairs[name_of(mistake)]
        )
        recorded = answers.get(asked.exchange.key)
        return NOTHING if recorded is None else asked.effect_of_fingerprints(recorded)


class AsRecorded(InferredMistakes):
    """Asks the mutants, but only what was recorded for students' machines.

    So a graded run names the mistakes behind visible checks that a student's machine names, though
    its inputs, and with them all values, are others.
    """

    def __init__(self, live: Mistakes, golden: Golden) -> None:
        super().__init__(golden)
        self.live = live
        by_name = {mutant.name: mutant for mutant in live.known}
        self.known = [by_name[name] for name in golden.mistakes if name in by_name]

    @property
    def for_visible(self) -> Mistakes:
        return self

    def asked(self, exchange: Exchange) -> Asked:
        return self.live.asked(exchange)

    def known_effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> Effects:
        return dict(zip(mistakes, self.live.effects(asked, mistakes), strict=True))
