"""The known mistakes, and what each does to the facets of an answer.

Staff machines ask the mutants themselves. Students' machines have a recording of their answers.
"""

import os
import shutil
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

from grader.judging.asked import NOTHING, Asked, Effect, asked_of
from grader.judging.exchange import Answer, Exchange, answer_of
from grader.judging.mutants import Mutant, can_be_combined, read_mutants, texts_with
from grader.judging.reference import Golden
from grader.sandbox.client import Asker, SandboxError

# Kinds of problem that no mutant has: to ask them all would only take time.
NO_MISTAKE_GIVES = ("timeout: ", "memory: ", "disk: ", "crash: ", "garbled: ")
TOGETHER = " + "  # between the names of mistakes in the same submission

Mistake = tuple[Mutant, ...]  # one mutant, or several in the same submission


def name_of(mistake: Mistake) -> str:
    return TOGETHER.join(mutant.name for mutant in mistake)


class Mistakes(Protocol):
    """The known mistakes, and what each would have answered."""

    known: list[Mutant]
    doubts_allowed: float  # the share of the wrong facets that may speak against a group before it is asked

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


class LiveMistakes(Mistakes):
    """Asks the mutants themselves, in the staff's own sandbox, several in one worker.

    Their recorded answers to other inputs (`golden`) make most questions unnecessary: a facet that
    a mutant did not change there, it can't change here.  They are not asked after `ends`.
    """

    def __init__(
        self,
        sandbox: Asker,
        reference: Path,
        folder: Path,
        exercises: tuple[str, ...],
        golden: Golden | None = None,
    ) -> None:
        self.doubts_allowed = 0.5  # two mistakes may do together what neither does alone
        self.sandbox, self.reference, self.folder = sandbox, reference, folder
        self.known = [m for m in read_mutants() if not m.equivalent and m.exercise in exercises]
        golden = golden or Golden()
        self.recorded = {name: entry["answers"] for name, entry in golden.mistakes.items()}
        self.recorded_keys, self.recorded_pairs = set().union(*self.recorded.values()), golden.pairs
        self.ends: float | None = None
        self.staged: dict[str, Path] = {}
        self.texts: dict[str, str] = {}

    def asked(self, exchange: Exchange) -> Asked:
        expected = exchange.expected
        if expected is None:
            outcome = self.sandbox.ask(self.reference, exchange.call)
            return asked_of(exchange, answer_of(outcome).observation, is_compared=False)
        return asked_of(exchange, expected.observation)

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        if asked.exchange.answer.raised.startswith(NO_MISTAKE_GIVES):
            return [Effect(self.changes_of(asked, mistake), 0) for mistake in mistakes]
        known = asked.known_effects
        unsure = [mistake for mistake in mistakes if mistake not in known and self.changes_of(asked, mistake) != 0]
        for mistake, answer in zip(unsure, self.answers(asked.exchange, unsure), strict=True):
            known[mistake] = asked.effect_of_answer(answer)
        return [known.get(mistake, NOTHING) for mistake in mistakes]

    def changes_of(self, asked: Asked, mistake: Mistake) -> int:
        """The facets that a mistake may change, by what was recorded."""
        changes = 0
        for mutant in mistake:
            expected = self.expected_changes(asked, mutant)
            changes |= asked.everything if expected is None else expected
        return changes

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        key = asked.exchange.key
        if mutant.name not in self.recorded or key not in self.recorded_keys:
            return None
        return asked.facets_in(self.recorded[mutant.name].get(key, {}))

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        """As recorded; a question without a recording may show anything of a pair that meets."""
        recorded = self.recorded_pairs.get(name_of(pair))
        if recorded is None:
            return []
        keys = [one.exchange.key for one in asked]
        return [
            one.facets_in(recorded.get(key, {})) if key in self.recorded_keys else one.everything
            for one, key in zip(asked, keys, strict=True)
        ]

    def can_combine(self, mistake: Mistake) -> bool:
        return can_be_combined(mistake, self.reference_text)

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        answers = self.answers(exchange, [(mutant,) for mutant in mutants])
        return [mutant for mutant, answer in zip(mutants, answers, strict=True) if exchange.is_answered_by(answer)]

    def answers(self, exchange: Exchange, mistakes: Sequence[Mistake]) -> list[Answer]:
        """What these mistakes answer."""
        if not mistakes:
            return []
        if self.ends is not None and time.monotonic() > self.ends:
            raise SandboxError("there is no time left.")
        return [answer_of(outcome) for outcome in self.sandbox.ask_each(list(map(self.place, mistakes)), exchange.call)]

    def reference_text(self, exercise: str) -> str:
        if exercise not in self.texts:
            self.texts[exercise] = (self.reference / "src" / f"{exercise}.py").read_text(encoding="utf-8")
        return self.texts[exercise]

    def place(self, mistake: Mistake) -> Path:
        """The folder where a mistake is staged; done when it is first needed.

        Raises MutantError if the texts of several mutants overlap.
        """
        name = name_of(mistake)
        if name not in self.staged:
            texts = texts_with(mistake, self.reference_text)
            folder = self.folder / name.replace(" ", "")
            shutil.copytree(self.reference, folder, copy_function=os.link)  # a tenth of a copy's time
            for exercise, text in texts.items():
                file = folder / "src" / f"{exercise}.py"
                file.unlink()
                file.write_text(text, encoding="utf-8")
            self.staged[name] = folder
        return self.staged[name]


class RecordedMistakes(Mistakes):
    """What was recorded of the mutants' answers in the visible checks, and of likely pairs."""

    def __init__(self, golden: Golden) -> None:
        self.golden, self.doubts_allowed = golden, 0.0
        self.in_pairs = {name for name, entry in golden.mistakes.items() if entry["in_pairs"]}
        self.known = [
            Mutant(name, entry["exercise"], (), entry["hint"], caught_by=tuple(entry["caught_by"]))
            for name, entry in golden.mistakes.items()
        ]

    def asked(self, exchange: Exchange) -> Asked:
        if exchange.expected is not None:
            return asked_of(exchange, exchange.expected.observation)
        recorded = self.golden.references.get(exchange.key, [])
        return Asked(exchange, [tuple(path) for path, _ in recorded], [value for _, value in recorded], True)

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        return [self.effect(asked, mistake) for mistake in mistakes]

    def effect(self, asked: Asked, mistake: Mistake) -> Effect:
        """The effect of one mistake, or what follows for several from them and from their pairs.

        A facet that several of them change has the value that a pair was recorded with.  Without
        such a recording nobody knows it.
        """
        singles = [self.recorded_effect(asked, self.golden.mistakes[mutant.name]["answers"]) for mutant in mistake]
        if len(singles) == 1:
            return singles[0]
        changes = gives = settled = unknown = 0
        for pair in combinations(mistake, 2):
            recorded = self.golden.pairs.get(name_of(pair), {})
            effect = self.recorded_effect(asked, recorded)
            settled |= asked.facets_in(recorded.get(asked.exchange.key, {}))
            changes, gives = changes | effect.changes, gives | effect.gives
        for single in singles:
            if single.changes & asked.raised_bit:
                return single  # an exception hides what the others change
            changes, gives = changes | single.changes & ~settled, gives | single.gives & ~settled
        for (one, single), (other, second) in combinations(zip(mistake, singles, strict=True), 2):
            if asked.are_fingerprints or not {one.name, other.name} <= self.in_pairs:
                unknown |= single.changes & second.changes & ~settled
        return Effect(changes, gives & ~unknown, unknown)

    def recorded_effect(self, asked: Asked, answers: dict[str, Any]) -> Effect:
        recorded = answers.get(asked.exchange.key)
        return NOTHING if recorded is None else asked.effect_of_fingerprints(recorded)

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        return self.effect(asked, (mutant,)).changes

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        recorded = self.golden.pairs.get(name_of(pair))
        return [] if recorded is None else [one.facets_in(recorded.get(one.exchange.key, {})) for one in asked]

    def can_combine(self, mistake: Mistake) -> bool:
        pairs = combinations(mistake, 2)
        return all(other.name not in self.golden.mistakes[one.name]["overlaps"] for one, other in pairs)

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        asked = self.asked(exchange)
        return [m for m in mutants if self.effect(asked, (m,)) == Effect(asked.wrong, asked.wrong)]
