"""Finds the known mistakes that together explain what a submission answered.

Real functions have several mistakes at once.  So no mistake need explain everything: the fewest
mistakes are told that together give the facets that are wrong, each for the checks that it
explains.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from grader.judging.cover import Suspect, best_cover, covered_by, is_possible, union
from grader.judging.exchange import BUILT_ON, Exchange, Verdict
from grader.judging.mistakes import Asked, Effect, Mistake, Mistakes
from grader.judging.mutants import Mutant
from grader.judging.record import Record, Status

MOST_COMBINATIONS = 200  # of a function's mistakes that are tried together
MOST_QUESTIONS = 3  # that combinations are asked


def diagnose(
    exchanges: Iterable[Exchange], records: Mapping[str, Record], mistakes: Mistakes
) -> dict[str, tuple[Mutant, ...]]:
    """The known mistakes behind each failed check, by the check's name; a check may have none.

    A mistake is told for a check only if it gives a wrong value, or the exception, that the
    submission gave there.

    Args:
        exchanges: what all checks asked the submission.
        records: how each check ended, by its name.
        mistakes: the known mistakes.
    """
    judged = [one for one in exchanges if one.check in records]
    failed = [one for one in judged if is_failed(one, records)]
    found: dict[str, Diagnosis] = {}
    for function in sorted({one.function for one in failed}, key=lambda name: name in BUILT_ON):
        own = [one for one in judged if one.function == function and not one.only_here]
        relevant = [one for one in own if one.verdict == Verdict.AGREED or is_failed(one, records)]
        below = [mutant for name in BUILT_ON.get(function, ()) if name in found for mutant in found[name].told]
        diagnosis = found[function] = Diagnosis(function, relevant, below, mistakes)
        diagnosis.settle_ties([one for one in own if one.verdict == Verdict.OPEN])
    hints: dict[str, list[Mutant]] = {}
    for exchange in failed:
        told = hints.setdefault(exchange.check, [])
        number = records[exchange.check].number
        told += [mutant for mutant in told_for(exchange, number, found) if mutant not in told]
    return {check: tuple(told) for check, told in hints.items() if told}


def is_failed(exchange: Exchange, records: Mapping[str, Record]) -> bool:
    return exchange.verdict == Verdict.FAILED and records[exchange.check].status == Status.FAILED


def told_for(exchange: Exchange, number: str, found: Mapping[str, "Diagnosis"]) -> list[Mutant]:
    """The mistakes to tell for a failed exchange.

    Nobody asks the mutants an expensive question.  There a mistake is told if it is known to fail
    this check, or if it raised the same exception elsewhere.
    """
    if not exchange.only_here:
        return found[exchange.function].explaining(exchange)
    related = [found[name] for name in sorted(exchange.depends_on & found.keys())]
    if exchange.answer.raised:
        return [mutant for one in related for mutant in one.raising(exchange.answer.raised)]
    return [mutant for one in related for mutant in one.told if number in mutant.failing_checks]


class Diagnosis:
    """The mistakes of one function.

    Args:
        function: its name.
        exchanges: the questions to it whose answers are right or wrong.
        below: the mistakes that were found in functions that it calls.
        mistakes: the known mistakes.
    """

    def __init__(
        self, function: str, exchanges: Sequence[Exchange], below: Sequence[Mutant], mistakes: Mistakes
    ) -> None:
        self.mistakes = mistakes
        self.asked = [mistakes.asked(exchange) for exchange in exchanges]
        self.offsets = [sum(len(one.paths) + 1 for one in self.asked[:i]) for i in range(len(self.asked))]
        self.wrong = union(one.wrong << offset for one, offset in self.questions)
        self.right = union(one.right << offset for one, offset in self.questions)
        self.known = [*below, *(mutant for mutant in mistakes.known if mutant.function == function)]
        self.suspects: list[Suspect] = []
        self.chosen: list[Suspect] = []
        if self.wrong:
            self.find()

    @property
    def questions(self) -> list[tuple[Asked, int]]:
        return list(zip(self.asked, self.offsets, strict=True))

    @property
    def told(self) -> list[Mutant]:
        """The mistakes that were found, in the order of the known ones."""
        members = {mutant for suspect in self.chosen for mutant in suspect.mistake}
        return [mutant for mutant in self.known if mutant in members]

    def find(self) -> None:
        """Try single mistakes: first those that are not likely to spoil what is right, then all.

        What no single mistake explains is tried with several.
        """
        likely = [mutant for mutant in self.known if not self.expected_changes(mutant) & self.right]
        self.consider([(mutant,) for mutant in likely])
        if self.unexplained:
            self.consider([(mutant,) for mutant in self.known if mutant not in likely])
        if self.unexplained and len(self.suspects) > 1:
            self.consider_together()

    def consider(self, mistakes: Sequence[Mistake]) -> None:
        self.suspects += [suspect for suspect in self.suspects_among(mistakes) if suspect.changes & self.wrong]
        self.suspects.sort(key=lambda suspect: self.known.index(suspect.mistake[0]))
        self.chosen = best_cover(self.suspects, self.wrong, self.right)

    @property
    def unexplained(self) -> int:
        return self.wrong & ~covered_by(self.chosen)

    def expected_changes(self, mutant: Mutant) -> int:
        """The facets that a mutant is known to change; an unknown effect counts as none."""
        known = ((self.mistakes.expected_changes(one, mutant), offset) for one, offset in self.questions)
        return union((changes or 0) << offset for changes, offset in known)

    def suspects_among(self, mistakes: Sequence[Mistake]) -> list[Suspect]:
        """What these mistakes do.

        Only those that explain something are asked the questions that the submission answered
        rightly.
        """
        effects = dict.fromkeys(mistakes, Effect(0, 0))
        for is_wrong in (True, False):
            for one, offset in self.questions:
                if bool(one.wrong) == is_wrong:
                    asked = [mistake for mistake in mistakes if is_wrong or effects[mistake].gives]
                    for mistake, effect in zip(asked, self.mistakes.effects(one, asked), strict=True):
                        effects[mistake] = added(effects[mistake], effect, offset)
        return [Suspect(mistake, effect.changes, effect.gives) for mistake, effect in effects.items()]

    def consider_together(self) -> None:
        """Try several mistakes at once for what is still unexplained."""
        for size in (2, 3):
            candidates = self.combinations_of(size)
            if not candidates or not self.unexplained:
                return
            questions = [(one, offset) for one, offset in self.questions if one.wrong << offset & self.unexplained]
            for one, offset in questions[:MOST_QUESTIONS]:
                effects = self.mistakes.effects(one, candidates)
                for mistake, effect in zip(candidates, effects, strict=True):
                    if effect.gives << offset & self.unexplained:
                        self.suspects.append(self.together(mistake, effect.gives << offset))
            self.chosen = best_cover(self.suspects, self.wrong, self.right)

    def together(self, mistake: Mistake, gives: int) -> Suspect:
        """Several mistakes as one suspect.

        What is right although several of them change it is no reason to rule them out.
        """
        alone = {(mutant,) for mutant in mistake}
        changes = [suspect.changes for suspect in self.suspects if suspect.mistake in alone]
        hidden = union(one & other for one, other in combinations(changes, 2)) & self.right
        return Suspect(mistake, union(changes) & ~hidden, gives)

    def combinations_of(self, size: int) -> list[Mistake]:
        """Several mistakes that may explain something together, likely ones first."""
        unexplained = self.unexplained
        chosen = {mutant for suspect in self.chosen for mutant in suspect.mistake}
        singles = [suspect for suspect in self.suspects if len(suspect.mistake) == 1]
        singles.sort(key=lambda suspect: (suspect.mistake[0] not in chosen, not suspect.gives))
        found: list[Mistake] = []
        for group in combinations(singles, size):
            mistake = tuple(sorted((one.mistake[0] for one in group), key=self.known.index))
            meet = union(one.changes for one in group) & unexplained
            if meet and is_possible(group, self.right) and self.mistakes.can_combine(mistake):
                found.append(mistake)
            if len(found) == MOST_COMBINATIONS:
                break
        return found

    def settle_ties(self, open_exchanges: Sequence[Exchange]) -> None:
        """Choose between mistakes that explain the same by answers that chance plays a part in."""
        for i, suspect in enumerate(self.chosen):
            alike = [one for one in self.suspects if one.explains_as(suspect, self.right)]
            for exchange in open_exchanges:
                if len(alike) > 1:
                    left = self.mistakes.answers_alike(exchange, [one.mistake[0] for one in alike])
                    alike = [one for one in alike if one.mistake[0] in left] or alike
            self.chosen[i] = alike[0] if alike else suspect

    def explaining(self, exchange: Exchange) -> list[Mutant]:
        """The fewest of the mistakes found that give what is wrong in this exchange."""
        for one, offset in self.questions:
            if one.exchange is exchange:
                wrong = one.wrong << offset
                chosen = best_cover(self.chosen, wrong, 0)
                members = {mutant for suspect in chosen for mutant in suspect.mistake}
                return [mutant for mutant in self.told if mutant in members]
        return []

    def raising(self, raised: str) -> list[Mutant]:
        """The mistakes found that explain this exception elsewhere."""
        same = [one.exchange for one in self.asked if one.wrong and one.exchange.answer.raised == raised]
        return list(dict.fromkeys(mutant for exchange in same for mutant in self.explaining(exchange)))


def added(so_far: Effect, effect: Effect, offset: int) -> Effect:
    return Effect(so_far.changes | effect.changes << offset, so_far.gives | effect.gives << offset)
