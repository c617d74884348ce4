"""The known mistakes, and what each does to the facets of an answer.

Staff machines ask the mutants themselves. Students' machines have a recording of their answers.
"""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from grader.judging.compare import Place
from grader.judging.exchange import Answer, Exchange, Verdict, answer_of, part
from grader.judging.facets import fingerprint, keys_of, paths_of, same_fingerprint, same_value, value_at
from grader.judging.mutants import Mutant, can_be_combined, read_mutants, texts_with
from grader.judging.reference import Golden
from grader.sandbox.client import Asker, SandboxError

# Kinds of problem that no mutant has: to ask them all would only take time.
NO_MISTAKE_GIVES = ("timeout: ", "memory: ", "disk: ", "crash: ", "garbled: ")
TOGETHER = " + "  # between the names of mistakes in the same submission
RAISED = "raised"  # in a recording, in place of a facet's number: the mistake's exception

Mistake = tuple[Mutant, ...]  # one mutant, or several in the same submission


def name_of(mistake: Mistake) -> str:
    return TOGETHER.join(mutant.name for mutant in mistake)


class Effect(NamedTuple):
    """What a mistake does to the facets of one answer, as bit masks (see Asked.bits).

    `changes`: the facets that differ from the reference's. `gives`: the facets in which it answers
    as the submission does, among those that the submission got wrong. `unknown`: those whose value
    nobody knows.
    """

    changes: int
    gives: int
    unknown: int = 0


NOTHING = Effect(0, 0)


@dataclass(frozen=True, eq=False)
class Asked:
    """One exchange as the diagnosis sees it.

    `expected` is the reference's answer: its observation, or the fingerprints of its facets.  Bit i
    of a mask stands for facet i; one more bit stands for an exception in place of an answer.
    """

    exchange: Exchange
    paths: list[Place]
    expected: list[Any]
    are_fingerprints: bool = False

    @property
    def everything(self) -> int:
        return (2 << len(self.paths)) - 1

    @property
    def raised_bit(self) -> int:
        return 1 << len(self.paths)

    @cached_property
    def got(self) -> list[Any]:
        """The submission's facets."""
        observation = part(self.exchange.answer.observation, self.exchange.keys)
        return [value_at(observation, path) for path in self.paths]

    @cached_property
    def got_fingerprints(self) -> list[Any]:
        return [fingerprint(value, self.exchange.rtol) for value in self.got]

    @cached_property
    def wrong(self) -> int:
        """The facets that the submission got wrong."""
        if self.exchange.answer.raised:
            return self.raised_bit
        if self.exchange.verdict == Verdict.AGREED:
            return 0
        compared = self.got_fingerprints if self.are_fingerprints else self.got
        differing = self.differing(self.expected, compared, self.are_fingerprints)
        # a check may have failed for a reason that no facet shows
        return differing or (self.raised_bit if self.exchange.verdict == Verdict.FAILED else 0)

    @property
    def right(self) -> int:
        """The facets that the submission got right."""
        return 0 if self.exchange.answer.raised else self.everything & ~self.wrong

    def differing(self, one: Sequence[Any], other: Sequence[Any], are_fingerprints: bool) -> int:
        pairs = enumerate(zip(one, other, strict=True))
        return sum(1 << i for i, (a, b) in pairs if not self.is_same(i, a, b, are_fingerprints))

    def is_same(self, i: int, one: Any, other: Any, are_fingerprints: bool) -> bool:
        path, rtol, scaled = self.paths[i], self.exchange.rtol, self.exchange.up_to_scale
        if are_fingerprints:
            return same_fingerprint(one, other, rtol, bool(path) and path[0] in scaled)
        return same_value(one, other, path, rtol, scaled)

    def effect_of_answer(self, answer: Answer) -> Effect:
        """The effect of a mistake that gives this answer."""
        if answer.raised:
            return self.effect_of_exception(answer.raised)
        observation = part(answer.observation, self.exchange.keys)
        values = [value_at(observation, path) for path in self.paths]
        compared = [fingerprint(value, self.exchange.rtol) for value in values] if self.are_fingerprints else values
        changes = self.differing(self.expected, compared, self.are_fingerprints)
        gives = sum(1 << i for i, value in enumerate(values) if self.is_given(i, value, are_fingerprints=False))
        return Effect(changes, gives & changes)

    def recording_of(self, answer: Answer) -> dict[str, Any]:
        """What is recorded of a mistake's answer: fingerprints of the facets that it changes."""
        if answer.raised:
            return {RAISED: answer.raised}
        observation = part(answer.observation, self.exchange.keys)
        values = [value_at(observation, path) for path in self.paths]
        changes = self.differing(self.expected, values, are_fingerprints=False)
        rtol = self.exchange.rtol
        return {str(i): fingerprint(value, rtol) for i, value in enumerate(values) if changes >> i & 1}

    def facets_in(self, recorded: dict[str, Any]) -> int:
        """The facets, by number, of which something was recorded."""
        return self.everything if RAISED in recorded else sum(1 << int(i) for i in recorded)

    def effect_of_fingerprints(self, recorded: dict[str, Any]) -> Effect:
        """The effect of a mistake with this recording; None stands for the reference's value."""
        if RAISED in recorded:
            return self.effect_of_exception(recorded[RAISED])
        facets = {int(i): value for i, value in recorded.items() if value is not None}
        changes = sum(1 << i for i in facets)
        gives = sum(1 << i for i, value in facets.items() if self.is_given(i, value, are_fingerprints=True))
        return Effect(changes, gives)

    def is_given(self, i: int, value: Any, are_fingerprints: bool) -> bool:
        """Whether this is the submission's wrong value of facet i."""
        if self.exchange.answer.raised or not self.wrong >> i & 1:
            return False
        got = self.got_fingerprints if are_fingerprints else self.got
        return self.is_same(i, value, got[i], are_fingerprints)

    def effect_of_exception(self, raised: str) -> Effect:
        gives = self.raised_bit if self.exchange.answer.raised == raised else 0
        return Effect(self.everything, gives)


def asked_of(exchange: Exchange, expected: Any, is_compared: bool = True) -> Asked:
    """An exchange with the reference's observation.

    Chance plays a part in an answer that the check does not compare: each key is one facet then.
    """
    observation = part(expected, exchange.keys)
    paths = paths_of(observation) if is_compared else keys_of(observation)
    return Asked(exchange, paths, [value_at(observation, path) for path in paths])


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
        unsure = [mistake for mistake in mistakes if self.changes_of(asked, mistake) != 0]
        answers = dict(zip(unsure, self.answers(asked.exchange, unsure), strict=True))
        return [asked.effect_of_answer(answers[mistake]) if mistake in answers else NOTHING for mistake in mistakes]

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
        recorded = self.recorded[mutant.name].get(key, {})
        if RAISED in recorded:
            return asked.everything
        return sum(1 << int(i) for i in recorded)

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
