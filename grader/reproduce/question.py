"""The question of a check that a script asks again: the one that the check failed by."""

from dataclasses import dataclass
from typing import Any

import pytest

from grader.items import ATTEMPTS, failure_of, new_check
from grader.judging.checks import Check, differences_in
from grader.judging.exchange import Exchange, Verdict, part
from grader.judging.failures import Blocked, CheckFailed, MissedThreshold, NotImportable
from grader.judging.run import Run
from grader.sandbox import wire


@dataclass(frozen=True)
class Question:
    """One question of a check, and how the check ended.

    `expected` is what the submission's answer is compared with, None if the check judges it in
    another way.  `failure` is None if the check passed.  `is_needed`: another check asks it first.
    """

    exchange: Exchange
    arguments: dict[str, Any]
    expected: Any
    failure: CheckFailed | None
    is_needed: bool = False


def question_of(item: pytest.Function, run: Run) -> Question | CheckFailed:
    """Run a check, and pick its question; the failure alone if there is no file to ask."""
    for attempt in range(ATTEMPTS):
        check = new_check(run, item, attempt)
        failure = failure_of(item, check)
        if not isinstance(failure, MissedThreshold):
            break
    needed = [one for one in run.exchanges if one.check == item.name and not one.key]
    if isinstance(failure, Blocked) and needed:
        return with_expected(check, needed[-1], failure, f"{check.n_questions}.{len(needed) - 1}", is_needed=True)
    if isinstance(failure, NotImportable):
        return failure
    failed = [one for one in check.exchanges if one.verdict is Verdict.FAILED]
    asked = [*failed, *(check.exchanges[-1:] if failure else check.exchanges)]
    if not asked:
        assert failure is not None
        return failure
    place = asked[0].key.rpartition(":")[2]
    return with_expected(check, asked[0], failure, place if place.isdecimal() else "")


def with_expected(
    check: Check, exchange: Exchange, failure: CheckFailed | None, place: str, is_needed: bool = False
) -> Question:
    """The question with the reference's answer, if the check compares the two.

    A failure may have another reason than a difference between them.
    """
    arguments = exchange.call.arguments
    expected = part(check.observe(place, exchange.probe, arguments), exchange.keys) if place else None
    is_answered = exchange.answer.observation is not None
    if expected is not None and failure and is_answered and not differences_in(exchange, expected):
        expected = None
    return Question(exchange, wire.decode(wire.encode(arguments)), plain(expected), failure, is_needed)


def plain(value: Any) -> Any:
    """A value as it travels: lists for tuples, numbers of Python's own."""
    return None if value is None else wire.decode(wire.encode(value))
