"""An endless loop is waited for twice, and a function that is only slow is asked on."""

import pytest

from grader.judging.timeouts import SHARE_IN_A_HURRY, TimeOuts
from grader.sandbox.outcome import Failure, Kind
from grader.sandbox.raised import Frame

HURRY = SHARE_IN_A_HURRY


def stopped(line, function="train_epoch"):
    return Failure(Kind.TIMEOUT, frames=(Frame("src/run_model.py", line, function, "while True:"),))


RAISED = Failure(Kind.RAISED, "ValueError")


@pytest.fixture
def timeouts():
    return TimeOuts()


def test_a_question_that_was_never_answered_is_asked_once_more_in_less_time(timeouts):
    assert timeouts.share("loss") == 1
    timeouts.note("loss", stopped(4))
    assert (timeouts.share("loss"), timeouts.share("others")) == (HURRY, 1)
    assert not timeouts.deserves_more("loss", stopped(5))
    assert timeouts.note("loss", stopped(5)).frames[0].line == 4  # one cause has one line
    assert [*timeouts.endless] == ["loss"]


@pytest.mark.parametrize("failure", [None, RAISED])
def test_a_question_that_is_answered_sometimes_is_always_asked(timeouts, failure):
    for how in (stopped(4), failure, stopped(4)):
        timeouts.note("loss", how)
    assert not timeouts.endless
    assert timeouts.share("loss") == HURRY
    assert timeouts.note("loss", stopped(4)) == stopped(4)
    assert not timeouts.endless


def test_a_slow_answer_has_all_its_time_once_more(timeouts):
    timeouts.note("loss", stopped(4))
    timeouts.note("loss", None)
    assert timeouts.share("loss") == 1


def test_what_stops_in_a_known_loop_is_not_waited_for(timeouts):
    for _ in range(2):
        timeouts.note("loss", stopped(4))
    assert timeouts.share("history") == HURRY
    assert not timeouts.deserves_more("history", stopped(4))
    timeouts.note("history", stopped(4))
    assert [*timeouts.endless] == ["loss", "history"]


def test_what_stops_elsewhere_is_asked_again_with_all_its_time(timeouts):
    for _ in range(2):
        timeouts.note("loss", stopped(4))
    assert timeouts.deserves_more("history", stopped(60, "run_model"))
    assert not timeouts.deserves_more("history", None)
    assert not timeouts.deserves_more("history", RAISED)
    timeouts.note("history", stopped(60, "run_model"))
    assert "history" not in timeouts.endless


def test_without_samples_a_question_stands_for_its_loop(timeouts):
    for question in ("loss", "history", "loss"):
        timeouts.note(question, Failure(Kind.TIMEOUT))
    assert [*timeouts.endless] == ["loss"]
