"""An exchange as the diagnosis sees it: its facets, and what a mistake does to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from grader.judging.compare import Place
from grader.judging.cover import union
from grader.judging.exchange import Answer, Exchange, Verdict, part
from grader.judging.facets import fingerprint, keys_of, paths_of, same_fingerprint, same_value, value_at

RAISED = "raised"  # in a recording, in place of a facet's number: the mistake's exception


class Effect(NamedTuple):
    """What a mistake does to the facets of one answer, as bit masks (see Asked).

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
    known_effects: dict[Any, Effect] = field(default_factory=dict)  # by the mistakes, so that each is asked once

    @property
    def everything(self) -> int:
        return (2 << len(self.paths)) - 1

    @property
    def raised_bit(self) -> int:
        return 1 << len(self.paths)

    @cached_property
    def got(self) -> list[Any]:
        """The submission's facets."""
        return self.values_in(self.exchange.answer)

    def values_in(self, answer: Answer) -> list[Any]:
        """The facets of an answer."""
        observation = part(answer.observation, self.exchange.keys)
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

    @property
    def concerned(self) -> int:
        """The facets that a mistake must change to have a part in what is wrong.

        Whatever several mistakes change may make them raise an exception together.
        """
        return self.everything if self.wrong == self.raised_bit else self.wrong

    def wrong_in(self, keys: Collection[str]) -> int:
        """The wrong facets in these keys of the observation; all of them if there are none."""
        if not keys:
            return self.wrong
        return self.wrong & union(1 << i for i, path in enumerate(self.paths) if path and path[0] in keys)

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
        values = self.values_in(answer)
        compared = [fingerprint(value, self.exchange.rtol) for value in values] if self.are_fingerprints else values
        changes = self.differing(self.expected, compared, self.are_fingerprints)
        gives = sum(1 << i for i, value in enumerate(values) if self.is_given(i, value, are_fingerprints=False))
        return Effect(changes, gives & changes)

    def recording_of(self, answer: Answer) -> dict[str, Any]:
        """What is recorded of a mistake's answer: fingerprints of the facets that it changes."""
        if answer.raised:
            return {RAISED: answer.raised}
        values = self.values_in(answer)
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
