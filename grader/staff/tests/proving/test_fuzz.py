"""A few submissions broken at random: each ends in a valid results.json.

And some answers altered at random: none gets points or ends as the grader's error.  `make fuzz`
tries thousands.
"""

import random

import numpy as np
import pytest

from grader.sandbox import wire
from grader.staff.proving.altered import alter_all, alter_one
from grader.staff.proving.fuzz import judge_all
from grader.staff.proving.fuzz_answers import judge_answers
from grader.staff.proving.fuzz_cases import make_broken


@pytest.mark.slow
def test_whatever_is_handed_in_has_valid_results():
    judged = list(judge_all(cheap=12, whole=0, jobs=1))
    assert [one.number for one in judged] == list(range(12))
    assert [one for one in judged if one.problem] == []
    assert {"sound source in a zip"} < {one.how for one in judged}  # and sources, broken in several ways


def test_a_submission_follows_from_its_number(tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()
    first, again, other = (make_broken(number, tmp_path / name) for name, number in [("a", 0), ("b", 0), ("c", 1)])
    assert (first.how, first.exercise) == (again.how, again.exercise)
    assert content_of(first.path) == content_of(again.path) != content_of(other.path)


def content_of(path):
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [file.read_bytes() for file in files]


ANSWER = {"loss": 2.5, "predictions": np.arange(6), "weights": [np.ones((2, 3), np.float32)], "unchanged": True}


@pytest.mark.slow
def test_no_altered_answer_gets_points_or_an_error():
    judged = judge_answers(range(300), with_training=False)
    assert judged.one > 150 and judged.all > 50
    assert judged.problems == []


def test_every_value_is_altered():
    altered = alter_all(ANSWER, random.Random(1))
    assert altered.keys() == ANSWER.keys() and altered["unchanged"] is False and altered["loss"] < 0
    assert altered["weights"][0].dtype == np.float32 and (altered["weights"][0] < -1).all()
    assert (altered["predictions"] < 0).all()


def test_altered_answers_can_mostly_be_sent():
    rng, sent = random.Random(1), 0
    for _ in range(300):
        try:
            wire.encode(alter_one(ANSWER, rng))
            sent += 1
        except wire.WireError:
            pass
    assert sent > 250
