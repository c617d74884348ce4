"""Finds the known mistakes that together explain what a submission answered.

Real functions have several mistakes at once.  So no mistake need explain everything: the fewest
mistakes are told that together give the facets that are wrong, each for the checks that it
explains.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, islice

from grader.judging.asked import Asked, Effect
from grader.judging.cover import (
    MOST_SUSPECTS,
    Group,
    Meetings,
    Suspect,
    best_part,
    groups_by_doubts,
    is_established,
    union,
)
from grader.judging.exchange import Exchange
from grader.judging.mistakes import Mistake, Mistakes
from grader.judging.mutants import Mutant

MOST_COMBINATIONS = 200  # of two, and of three mistakes of a function, that are asked together
AT_ONCE = 20
CPU_S = 2.0  # for the pairs, and for the triples, of a function


class Diagnosis:
    """The mistakes of one function.

    Args:
        function: its name.
        asked: the questions to it whose answers are right or wrong.
        below: the mistakes that were found in functions that it calls.
        mistakes: the known mistakes.
        first: the names of those that are tried together before others.
    """

    def __init__(
        self,
        function: str,
        asked: Sequence[Asked],
        below: Sequence[Mutant],
        mistakes: Mistakes,
        first: Collection[str],
    ) -> None:
        self.mistakes, self.asked, self.first = mistakes, asked, first
        self.offsets = [sum(len(one.paths) + 1 for one in asked[:i]) for i in range(len(self.asked))]
        self.wrong = union(one.wrong << offset for one, offset in self.questions)
        self.right = union(one.right << offset for one, offset in self.questions)
        self.concerned = union(one.concerned << offset for one, offset in self.questions)
        self.known = [*below, *(mutant for mutant in mistakes.known if mutant.function == function)]
        self.order = {mutant.name: place for place, mutant in enumerate(self.known)}
        self.suspects: list[Suspect] = []
        self.found: Group = ()
        self.explains_all = False
        if self.wrong:
            self.find()

    @property
    def questions(self) -> list[tuple[Asked, int]]:
        return list(zip(self.asked, self.offsets, strict=True))

    @property
    def told(self) -> list[Mutant]:
        """The mistakes that were found."""
        return [suspect.mutant for suspect in self.found]

    def find(self) -> None:
        """Look for one mistake that explains all, then for two, then for three; else for a part."""
        if self.first and self.is_explained_by_the_first():
            return
        likely = [mutant for mutant in self.known if not self.expected_changes(mutant) & self.right]
        self.suspects = self.suspects_among(likely)
        if self.look_for(1):
            return
        others = self.suspects_among([mutant for mutant in self.known if mutant not in likely])
        self.suspects = sorted([*self.suspects, *others], key=lambda suspect: self.order[suspect.mutant.name])
        if not any(map(self.look_for, (1, 2, 3))):
            self.found = best_part(self.suspects, self.wrong, self.right)

    @cached_property
    def likeliest(self) -> list[Suspect]:
        """So many that all sets of three can be tried: first those that explain a part."""
        by_part = sorted(self.suspects, key=lambda suspect: (not suspect.gives, not suspect.changes & self.wrong))
        chosen = by_part[:MOST_SUSPECTS]
        return [suspect for suspect in self.suspects if suspect in chosen]

    def is_explained_by_the_first(self) -> bool:
        """Whether the mistakes that are tried first explain all: one of them, or all together."""
        self.suspects = self.suspects_among([mutant for mutant in self.known if mutant.name in self.first])
        if self.look_for(1):
            return True
        group = tuple(self.suspects)
        if len(group) > 1 and self.mistakes.can_combine(together(group)) and self.confirmed_now([group]):
            self.found, self.explains_all = group, True
        return self.explains_all

    def look_for(self, size: int) -> bool:
        """Look for so many mistakes that explain all that is wrong and spoil nothing else."""
        meetings = self.meetings if size > 1 else {}
        most = int(self.wrong.bit_count() * self.mistakes.doubts_allowed) if size > 1 else 0
        suspects = self.likeliest if size > 1 else self.suspects
        groups = groups_by_doubts(suspects, size, meetings, self.wrong, self.right, most)
        self.found = next(self.confirmed(groups) if size > 1 else iter(groups), ())
        self.explains_all = bool(self.found)
        return self.explains_all

    def confirmed(self, groups: Iterable[Group]) -> Iterator[Group]:
        """The groups that explain all if they are asked together.

        Only the likeliest are asked, for so many CPU seconds: they may be expensive to ask.  By the
        clock, a busy machine would find fewer.
        """
        before = self.mistakes.cpu_seconds()
        possible = (group for group in groups if self.mistakes.can_combine(together(group)))
        for first in range(0, MOST_COMBINATIONS, AT_ONCE):
            if first and self.mistakes.cpu_seconds() - before > CPU_S:
                return
            yield from self.confirmed_now(list(islice(possible, AT_ONCE)))

    @cached_property
    def meetings(self) -> Meetings:
        """The facets that pairs of suspects are known to change only together."""
        pairs = combinations([suspect.mutant for suspect in self.likeliest], 2)
        known = {pair: self.mistakes.meetings(self.asked, pair) for pair in pairs}
        return {
            pair: union(mask << offset for mask, offset in zip(masks, self.offsets, strict=True))
            for pair, masks in known.items()
            if masks
        }

    def confirmed_now(self, groups: list[Group]) -> list[Group]:
        """Those of the groups that explain all.

        If nobody knows some of their values, each mistake must have explained something alone.
        """
        unsure: set[Group] = set()
        for one, _ in sorted(self.questions, key=lambda question: -question[0].wrong.bit_count()):
            effects = self.mistakes.effects(one, [together(group) for group in groups])
            pairs = [(group, effect) for group, effect in zip(groups, effects, strict=True) if agrees(one, effect)]
            groups = [group for group, _ in pairs]
            unsure |= {group for group, effect in pairs if effect.unknown & one.wrong}
        return [group for group in groups if group not in unsure or all(is_established(one, group) for one in group)]

    def expected_changes(self, mutant: Mutant) -> int:
        """The facets that a mutant is known to change; an unknown effect counts as none."""
        known = ((self.mistakes.expected_changes(one, mutant), offset) for one, offset in self.questions)
        return union((changes or 0) << offset for changes, offset in known)

    def suspects_among(self, mutants: Sequence[Mutant]) -> list[Suspect]:
        """The mutants that may have a part in what is wrong, and what each changes and gives."""
        suspects = [Suspect(mutant, 0, 0) for mutant in mutants]
        suspects = self.ask(suspects, [(one, offset) for one, offset in self.questions if one.wrong])
        active = [suspect.mutant for suspect in suspects if suspect.changes & self.concerned]
        suspects = [one for one in suspects if one.mutant in active or self.raises_with(one.mutant, active)]
        return self.ask(suspects, [(one, offset) for one, offset in self.questions if not one.wrong])

    def raises_with(self, mutant: Mutant, others: Sequence[Mutant]) -> bool:
        """Whether a mistake is recorded to raise an exception together with another one."""
        raised = [one for one in self.asked if one.wrong & one.raised_bit]
        if not raised:
            return False
        pairs = [(mutant, o) if self.order[mutant.name] < self.order[o.name] else (o, mutant) for o in others]
        meetings = (zip(raised, self.mistakes.meetings(raised, pair), strict=False) for pair in pairs)
        return any(mask & one.raised_bit for masks in meetings for one, mask in masks)

    def ask(self, suspects: list[Suspect], questions: Sequence[tuple[Asked, int]]) -> list[Suspect]:
        """The suspects with what they change and give in the answers to these questions too."""
        for one, offset in questions:
            effects = self.mistakes.effects(one, [(suspect.mutant,) for suspect in suspects])
            suspects = [
                Suspect(
                    suspect.mutant,
                    suspect.changes | effect.changes << offset,
                    suspect.gives | effect.gives << offset,
                    suspect.raises | (one.everything if effect.changes & one.raised_bit else 0) << offset,
                )
                for suspect, effect in zip(suspects, effects, strict=True)
            ]
        return suspects

    def settle_ties(self, open_exchanges: Sequence[Exchange]) -> None:
        """Choose between mistakes that explain the same by answers that chance plays a part in."""
        for suspect in self.found:
            if not suspect.gives or suspect.gives != suspect.changes & self.wrong:
                continue  # it was found together with others, and what is like it alone is not like it there
            alike = [one for one in self.suspects if (one.changes, one.gives) == (suspect.changes, suspect.gives)]
            for exchange in open_exchanges:
                if len(alike) > 1:
                    left = self.mistakes.answers_alike(exchange, [one.mutant for one in alike])
                    alike = [one for one in alike if one.mutant in left] or alike
            self.found = tuple(alike[0] if one is suspect else one for one in self.found)

    def explaining(self, exchange: Exchange, keys: Collection[str] = ()) -> list[Mutant]:
        """Those of the mistakes found that give what is wrong in this exchange, or in some keys."""
        told: list[Suspect] = []
        for one, offset in self.questions:
            if one.exchange is exchange:
                for bit in bits_of(one.wrong_in(keys)):
                    concerned = one.concerned if bit == one.raised_bit else bit
                    behind = self.behind(bit << offset, concerned << offset, told)
                    told += [suspect for suspect in behind if suspect not in told]
        return [suspect.mutant for suspect in self.found if suspect in told]

    def behind(self, bit: int, concerned: int, told: Sequence[Suspect]) -> Sequence[Suspect]:
        """The mistake that gives a wrong facet alone; if none does, those that give it together."""
        alone = [suspect for suspect in self.found if suspect.gives & bit]
        if alone:
            return [] if any(suspect in told for suspect in alone) else alone[:1]
        return [suspect for suspect in self.found if suspect.changes & concerned] if self.explains_all else []

    def explaining_alike(self, exchange: Exchange) -> list[Mutant]:
        """The mistakes found that explain the same exception, or the same keys, elsewhere."""
        raised, told = exchange.answer.raised, []
        for one in self.asked:
            other = one.exchange
            if raised and without_numbers(other.answer.raised) == without_numbers(raised):
                told += self.explaining(other)
            elif other.probe == exchange.probe and not raised and not other.answer.raised:
                told += self.explaining(other, exchange.keys)
        return list(dict.fromkeys(told))


def without_numbers(raised: str) -> str:
    """An exception's words: the sizes of arrays in it differ with the inputs."""
    return re.sub(r"\d+", "0", raised)


def agrees(asked: Asked, effect: Effect) -> bool:
    """Whether an effect gives all that is wrong and spoils nothing, as far as it is known."""
    missing = asked.wrong & ~(effect.gives | effect.unknown)
    return not missing and not effect.changes & asked.right & ~effect.unknown


def together(group: Group) -> Mistake:
    return tuple(suspect.mutant for suspect in group)


def bits_of(mask: int) -> Iterator[int]:
    """The bits of a mask, one by one."""
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit
