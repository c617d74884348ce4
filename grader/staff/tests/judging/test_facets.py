"""Facets of answers and their fingerprints: what is compared, and what a mistake explains."""

import numpy as np
import pytest

from grader.judging.compare import RTOL
from grader.judging.facets import COUNT, MISSING, fingerprint, paths_of, same_fingerprint, value_at

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(size=(5, 7)).astype(np.float32)


def test_a_key_or_an_entry_of_a_list_of_cases_is_a_facet():
    answer = {"loss": [1.0, 2.0], "modes": [False], "raised": ["nothing", "ValueError"], "curves": [[3.0], [4.0, 5.0]]}
    assert paths_of(answer) == [
        ("loss",),
        ("modes",),
        ("raised", 0),
        ("raised", 1),
        ("raised", COUNT),
        ("curves", 0),
        ("curves", 1),
        ("curves", COUNT),
    ]
    assert value_at(answer, ("curves", 1)) == [4.0, 5.0]
    assert value_at(answer, ("raised", COUNT)) == 2


def test_what_an_answer_lacks_is_missing():
    assert value_at({"raised": ["nothing"]}, ("raised", 3)) is MISSING
    assert value_at(None, ("loss",)) is MISSING


@pytest.mark.parametrize(
    "value", [LOGITS, LOGITS[0, :3], 2.5, [1.0, 2.0, 3.0, 4.0, 5.0], np.array([1.0, np.nan, np.inf, -np.inf, 2.0, 3.0])]
)
def test_float_noise_has_the_same_fingerprint_and_another_value_has_not(value):
    noisy, other = np.asarray(value) * (1 + 1e-6), np.asarray(value) + 0.1
    assert same_fingerprint(fingerprint(value, RTOL), fingerprint(noisy, RTOL), RTOL, scaled=False)
    assert not same_fingerprint(fingerprint(value, RTOL), fingerprint(other, RTOL), RTOL, scaled=False)


def test_one_wrong_number_among_many_changes_the_fingerprint():
    other = LOGITS.copy()
    other[3, 2] += 0.05
    assert not same_fingerprint(fingerprint(LOGITS, RTOL), fingerprint(other, RTOL), RTOL, scaled=False)


def test_up_to_scale_a_positive_multiple_is_the_same():
    one, twice, opposite = (fingerprint(factor * LOGITS, RTOL) for factor in (1, 2, -1))
    assert same_fingerprint(one, twice, RTOL, scaled=True)
    assert not same_fingerprint(one, twice, RTOL, scaled=False)
    assert not same_fingerprint(one, opposite, RTOL, scaled=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["nothing", "ValueError"], ["ValueError", "nothing"]),
        ([1.0, 2.0], [1.0, 2.0, 3.0]),
        (LOGITS, LOGITS.T),
        ({"a": 1.0}, {"b": 1.0}),
        (True, 1),
        ("x" * 100, "x" * 99 + "y"),
        (np.array([True, False]), np.array([1.0, 0.0])),
        ([1, 2, 3], [1, 2, 4]),
        (MISSING, None),
    ],
)
def test_values_of_another_form_have_other_fingerprints(one, other):
    assert same_fingerprint(fingerprint(one, RTOL), fingerprint(one, RTOL), RTOL, scaled=False)
    assert not same_fingerprint(fingerprint(one, RTOL), fingerprint(other, RTOL), RTOL, scaled=False)
