"""How observations are compared: what agrees, what differs and in which words.

Measures on trained weights are tested too. The second observation comes from a worker that ran a
submission, so it may be anything that the wire can carry.
"""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.judging.compare import FLOOR, RTOL, Difference, compare, place_words, words
from grader.judging.measure import accuracy, cross_entropy, relu_network
from grader.sandbox.wire import DTYPES

pytestmark = pytest.mark.filterwarnings("error")
thorough = settings(deadline=None, max_examples=200, database=None)

LOGITS = np.array([[-1.5, 0.25, 2.0], [0.5, -3.0, 1.0]], np.float32)
EXPECTED: dict[str, Any] = {
    "loss": 0.75,
    "losses": {"train": [1.5, 1.25, 1.0], "valid": []},
    "curves": [[3.0, 2.0], [3.0, math.nan]],
    "weights": [LOGITS, np.zeros(3, np.float32), np.array(2.5)],
    "steps": 12,
    "layers": ["Linear: weight 3x4", "Linear: weight 2x3"],
    "training mode": [True],
    "changed": [],
    "the model returned": "the one given",
    "nothing": None,
    "order": np.arange(6),
    "mask": np.array([True, False]),
}
PLAIN = (type(None), bool, str)

shapes = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
arrays = st.sampled_from(sorted(DTYPES)).flatmap(lambda dtype: npst.arrays(dtype, shapes))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars | arrays | st.sampled_from([*EXPECTED.values(), *EXPECTED]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from([*EXPECTED]), inner, max_size=4)
    ),
    max_leaves=8,
)


def sentence(expected: Any, got: Any, **options: Any) -> str:
    difference = compare(expected, got, ("it",), **options)
    assert difference is not None
    assert difference.sentence.startswith(place_words(difference.place))
    return difference.sentence


def changed(**entries: Any) -> dict[str, Any]:
    return EXPECTED | {name.replace("_", " "): value for name, value in entries.items()}


# What agrees


def test_an_observation_agrees_with_itself():
    assert compare(EXPECTED, EXPECTED) is None


@given(anything)
@thorough
def test_any_observation_agrees_with_itself(tree):
    assert compare(tree, tree) is None


def test_float_noise_agrees():
    noise = 1 + RTOL / 2
    got = changed(
        loss=0.75 * noise,
        losses={"train": [1.5 * noise, 1.25, 1.0 / noise], "valid": []},
        weights=[LOGITS * np.float32(noise), np.full(3, RTOL * FLOOR / 2), np.array(2.5 / noise)],
    )
    assert compare(EXPECTED, got) is None


def test_noise_is_measured_by_the_largest_number_beside_it():
    expected = np.array([1000.0, 0.0])
    assert compare(expected, np.array([1000.0, 1000 * RTOL / 2])) is None
    assert compare(expected, np.array([1000.0, 1000 * RTOL * 2])) is not None
    assert compare([np.array(1000.0), np.array(0.0)], [np.array(1000.0), np.array(1000 * RTOL / 2)]) is not None


def test_a_wider_tolerance_can_be_asked_for():
    assert compare(1.0, 1.01) is not None
    assert compare(1.0, 1.01, rtol=0.02) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinities_agree_with_themselves_alone(value):
    for shape in ((), (1,), (2, 2)):
        expected = np.full(shape, value)
        assert compare(expected, expected.copy()) is None
        for other in {math.nan, math.inf, -math.inf, 0.0, 1.7e308} - {value}:
            assert compare(expected, np.full(shape, other)) is not None
            assert compare(np.full(shape, other), expected) is not None


@pytest.mark.parametrize(
    "expected, got",
    [
        (1.0, 1),
        (1, 1.0),
        (0.5, np.array(0.5)),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.array([1.0, 2.0]), [1, 2]),
        (np.arange(3), np.arange(3, dtype=np.float32)),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (2**63, 2**63),
        ([2**63, -1], [2**63, -1]),
    ],
)
def test_the_same_numbers_agree_whatever_holds_them(expected, got):
    assert compare(expected, got) is None


# What differs


@pytest.mark.parametrize("name", EXPECTED)
def test_a_change_anywhere_is_found_there(name):
    others = [math.nan, "other", [1.0] * 9, {}, np.zeros((3, 3)), [None], 7.5]
    others += [None] if name != "nothing" else []
    others += [[]] if name != "changed" else []
    for other in others:
        difference = compare(EXPECTED, EXPECTED | {name: other})
        assert difference is not None and difference.place[0].startswith(name)


@given(anything)
@thorough
def test_whatever_comes_back_is_compared_and_only_a_dict_agrees_with_a_dict(got):
    difference = compare(EXPECTED, got)
    assert difference is None if got is EXPECTED else isinstance(difference, Difference)


@pytest.mark.parametrize("name", EXPECTED)
@given(got=anything)
@settings(thorough, max_examples=80)
def test_whatever_comes_back_in_place_of_a_value_agrees_only_if_it_equals_it(name, got):
    expected = EXPECTED[name]
    for scaled in ((), (name,)):
        difference = compare({name: expected}, {name: got}, up_to_scale=scaled)
        if difference is None:
            assert numbers_like(expected, got)
        else:
            assert len(difference.sentence) < 2000


def numbers_like(expected: Any, got: Any) -> bool:
    """Whether the values have the same structure, and finite numbers at the same places."""
    if isinstance(expected, PLAIN) or isinstance(got, PLAIN):
        return type(expected) is type(got) and expected == got
    if isinstance(expected, dict) or isinstance(got, dict):
        return expected.keys() == got.keys() and all(numbers_like(expected[key], got[key]) for key in expected)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(numbers_like, expected, got))
    a, b = np.asarray(expected), np.asarray(got)
    return (
        (a.dtype == bool) == (b.dtype == bool) and a.shape == b.shape and np.array_equal(np.isfinite(a), np.isfinite(b))
    )


@pytest.mark.parametrize(
    "expected", [0.0, 1.0, 1, 0, [1.0], [0.0, 1.0], np.array(1.0), np.array([0.0, 1.0]), np.arange(2)]
)
def test_only_numbers_agree_with_numbers(expected):
    same_as_booleans = np.asarray(expected).astype(bool)
    as_list = np.asarray(expected).tolist()
    for got in (
        math.nan,
        None,
        str(expected),
        "",
        [],
        {},
        [[]],
        [None],
        same_as_booleans,
        same_as_booleans.tolist(),
        np.zeros(0),
        np.full(np.shape(expected), math.nan),
        [as_list],
        {"0": as_list},
        [as_list, as_list],
    ):
        assert compare(expected, got) is not None, got
        assert compare({"x": expected}, {"x": got}, up_to_scale=("x",)) is not None, got


@pytest.mark.parametrize(
    "expected, got",
    [
        (True, 1),
        (True, 1.0),
        (False, 0),
        (True, np.array(True)),
        ([True, False], [1, 0]),
        ([True, False], np.array([True, False])),
        (np.array([True, False]), np.array([1.0, 0.0])),
        (np.array([True, False]), [1, 0]),
        (np.array([1.0, 0.0]), np.array([True, False])),
        ([1.0, True], [1.0, 1.0]),
        ("1.0", 1.0),
        ("", []),
        ([], ""),
        ([], {}),
        ([], None),
        ([], np.zeros(0)),
        ({}, []),
        (None, math.nan),
        (None, 0),
        (["a", "b"], "ab"),
        ({"a": 1.0}, [["a", 1.0]]),
        ([[1.0], [2.0]], np.array([[1.0], [2.0]])),
    ],
    ids=repr,
)
def test_values_of_different_kinds_differ(expected, got):
    assert compare(expected, got) is not None
    assert compare({"x": expected}, {"x": got}, up_to_scale=("x",)) is not None


@pytest.mark.parametrize("count", [23, 61706, 2**31, 2**40])
def test_whole_numbers_agree_exactly_or_not_at_all(count):
    assert compare({"parameters": count}, {"parameters": float(count)}) is None
    assert compare([count, 1], [count, 1]) is None
    for expected, got in [(count, count + 1), (count, count - 1), (count, count + 0.01)]:
        assert compare(expected, got) is not None
        assert compare([expected, 1], [got, 1]) is not None
        assert compare(np.array([expected]), np.array([got])) is not None


def test_counts_that_differ_by_little_are_told_in_full():
    assert sentence(1234567, 1234568) == "it: expected 1234567, got 1234568"
    assert "expected 1234567, got 1234568" in sentence([1234567] * 9, [1234567] * 8 + [1234568])


@pytest.mark.parametrize(
    "got", [2**63, -(2**63), [2**63], [2**63, 2**63 - 1], [2**63, -1], np.array([2**64 - 1], np.uint64)]
)
def test_huge_integers_are_only_numbers(got):
    for expected in (1.0, [1.0], np.array([1.0, 2.0]), 2**62, [2**62, 1]):
        assert compare(expected, got) is not None
        assert compare({"x": expected}, {"x": got}, up_to_scale=("x",)) is not None or np.ndim(got) == np.ndim(expected)


def test_shapes_must_be_the_same_and_nothing_is_broadcast():
    for shape in [(), (1,), (1, 3), (2, 1), (3, 2), (6,), (2, 3, 1), (0,), (2, 0)]:
        assert compare(np.zeros((2, 3)), np.zeros(shape)) is not None
        assert compare(np.zeros(shape), np.zeros((2, 3))) is not None


# Multiples


def test_a_positive_multiple_agrees_where_the_scale_is_left_open():
    got = {"losses": [3.0, 1.5, 4.5], "steps": [1.0, 2.0]}
    expected = {"losses": [1.0, 0.5, 1.5], "steps": [1.0, 2.0]}
    assert compare(expected, got, up_to_scale=("losses",)) is None
    assert compare(expected, got) is not None
    assert compare(expected, got, up_to_scale=("steps",)) is not None


@pytest.mark.parametrize(
    "got",
    [
        [0.0, 0.0, 0.0],
        [-1.0, -0.5, -1.5],
        [1e-9, 5e-10, 1.5e-9],
        [3.0, 1.5, 4.6],
        [3.0, 1.5],
        [3.0, 1.5, math.inf],
        [3.0, 1.5, math.nan],
        [math.inf] * 3,
        [1e308, 1e308, 1e308],
        [1e308, -1e308, 1e308],
        [1.0, 1.0, 1.0],
        [2**63, 1, 1],
        3.0,
        [],
    ],
)
def test_nothing_but_a_positive_multiple_agrees(got):
    assert compare({"losses": [1.0, 0.5, 1.5]}, {"losses": got}, up_to_scale=("losses",)) is not None


def test_zeros_agree_with_zeros_alone_where_the_scale_is_left_open():
    assert compare({"x": [0.0, 0.0]}, {"x": [0.0, 0.0]}, up_to_scale=("x",)) is None
    assert compare({"x": [0.0, 0.0]}, {"x": [1.0, 1.0]}, up_to_scale=("x",)) is not None


def test_the_scale_is_left_open_below_a_top_level_key_at_any_depth():
    expected, got = {"x": {"train": [[1.0, 2.0]]}, "y": [1.0, 2.0]}, {"x": {"train": [[2.0, 4.0]]}, "y": [2.0, 4.0]}
    difference = compare(expected, got, up_to_scale=("x",))
    assert difference is not None and difference.place == ("y",)


def test_a_key_with_punctuation_is_one_step_of_a_place():
    difference = compare({"a, b[1]": [1.0, 2.0]}, {"a, b[1]": [2.0, 4.0]}, up_to_scale=("a, b[1]",))
    assert difference is None


@pytest.mark.parametrize(
    ("got", "is_nan"), [("banana", False), (math.nan, True), ([1.0, math.nan], True), (2.0, False)]
)
def test_only_a_value_is_not_a_number_never_a_word(got, is_nan):
    difference = compare(1.0, got)
    assert difference is not None and difference.is_not_a_number is is_nan


# Places


def test_a_difference_names_its_place():
    expected = {"losses": {"train": [[1.0], [2.0]]}, "weights": [np.zeros(2), np.ones(2)]}
    got = {"losses": {"train": [[1.0], [3.0]]}, "weights": [np.zeros(2), np.ones(2)]}
    difference = compare(expected, got)
    assert difference == Difference(("losses", "train", 1), "expected [2], got [3] (1.5 times as large)")
    assert difference.sentence == 'losses["train"][1]: expected [2], got [3] (1.5 times as large)'
    difference = compare(expected, expected | {"weights": [np.zeros(2), np.array([1.0, 2.0])]})
    assert difference is not None and difference.place == ("weights", 1)


def test_a_difference_of_whole_observations_has_no_place():
    assert compare(0.5, "text") == Difference((), 'expected 0.5, got "text"')
    assert compare(LOGITS, LOGITS[:1]) == Difference((), "expected an array of shape (2, 3), got (1, 3)")
    assert compare([["a"]], []) == Difference((), 'expected [["a"]], got nothing')


def test_missing_and_extra_keys_are_named():
    assert sentence({"a": 1, "b": 2}, {"a": 1}) == 'it: expected ["a", "b"], got ["a"]'
    assert sentence({"a": 1}, {"a": 1, "c": 2}) == 'it: expected ["a"], got ["a", "c"]'


def test_missing_and_extra_entries_are_named():
    assert sentence(["a", "b"], ["a"]) == 'it: expected 2 entries, got 1 (missing: ["b"])'
    assert sentence(["a"], ["a", "c", "d"]) == 'it: expected 1 entry, got 3 (too many: ["c", "d"])'
    assert sentence([], ["weight"]) == 'it: expected nothing, got ["weight"]'
    assert sentence([1.0, 2.0], [1.0]) == "it: expected 2 entries, got 1: [1]"


def test_the_first_entry_that_differs_is_named_before_a_wrong_count():
    assert sentence(["a", "b"], ["x"]).startswith("it[0]: ")


def test_a_wrong_shape_is_told_as_a_shape():
    assert sentence(np.zeros((2, 3)), np.zeros((3, 2))) == "it: expected an array of shape (2, 3), got (3, 2)"
    assert sentence(0.5, np.zeros(2)) == "it: expected 0.5, got an array of shape (2,)"
    assert sentence(0.5, [0.5, 0.25]) == "it: expected 0.5, got [0.5, 0.25]"
    assert sentence(np.zeros(2), 0.5) == "it: expected an array of shape (2,), got 0.5"


def test_the_worst_entry_of_a_large_array_is_named():
    got = np.zeros((4, 5))
    got[1, 2], got[3, 4] = 0.5, -2.0
    assert sentence(np.zeros((4, 5)), got) == "it: the largest difference is at (3, 4): expected 0, got -2"
    got[2, 0] = math.nan
    assert "at (2, 0): expected 0, got nan" in sentence(np.zeros((4, 5)), got)
    assert sentence([0.0] * 9, [0.0] * 8 + [1.0]) == "it: the largest difference is in entry 8: expected 0, got 1"


def test_an_infinity_that_is_expected_is_not_the_worst_entry():
    expected = np.array([math.inf, math.nan, *[1.0] * 6])
    got = np.array([math.inf, math.nan, *[1.0] * 5, 2.0])
    assert "in entry 7: expected 1, got 2" in sentence(expected, got)


# Words


@pytest.mark.parametrize(
    "factor, remark",
    [
        (4.0, "4 times as large"),
        (0.25, "4 times too small"),
        (1.5, "1.5 times as large"),
        (-1.0, "the opposite sign"),
        (-4.0, "4 times as large, with the opposite sign"),
        (-0.1, "10 times too small, with the opposite sign"),
    ],
)
def test_a_ratio_is_recognised(factor, remark):
    for expected in ([1.0, 2.0, 0.5], LOGITS, np.array([0.3] * 8)):
        assert sentence(expected, np.asarray(expected) * factor).endswith(f" ({remark})")


def test_a_softmax_is_recognised():
    got = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    assert sentence(LOGITS, got).endswith("(every row sums to 1: is there a softmax after the last layer?)")


def test_an_activation_is_recognised():
    assert sentence(LOGITS, np.maximum(LOGITS, 0)).endswith(
        "(never negative: is there an activation after the last layer?)"
    )


def test_a_constant_is_recognised():
    assert sentence(LOGITS, np.full((2, 3), 0.1)).endswith("(the same number everywhere)")
    assert sentence([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]).endswith("(the same number everywhere)")
    assert sentence([6, 7], [5, 5]) == "it: expected [6, 7], got [5, 5]"


def test_outputs_that_do_not_depend_on_the_example_are_recognised():
    assert sentence(LOGITS, LOGITS[[0, 0]]).endswith("(the same for every example)")


def test_numbers_that_are_not_finite_are_recognised():
    assert sentence(LOGITS, LOGITS * math.inf).endswith("(some numbers are infinite or nan)")
    assert sentence(1.0, math.nan) == "it: expected 1, got nan (some numbers are infinite or nan)"


def test_nothing_is_said_of_a_difference_that_looks_like_nothing():
    for expected, got in [([1.0, 2.0], [2.0, 1.0]), ([math.nan, 1.0], [1.0, 2.0]), ([0.0, 0.0], [1.0, 2.0])]:
        assert sentence(expected, got).endswith(words([float(value) for value in got]))


def test_two_values_are_said_with_so_many_digits_that_they_differ():
    assert compare(1.47812, 1.47813, ("it",), rtol=1e-9).sentence == "it: expected 1.47812, got 1.47813"
    expected, got = np.array([1.5, 1.25]), np.array([1.5 + 1e-11, 1.25])
    assert compare(expected, got, ("it",), rtol=1e-15).text == "expected [1.5, 1.25], got [1.50000000001, 1.25]"


@pytest.mark.parametrize(
    "value, text",
    [
        (1 / 3, "0.33333"),
        (61706, "61706"),
        (1234567.0, "1234567"),
        (1234567.25, "1.2346e+06"),
        (1e300, "1e+300"),
        (-0.0, "-0"),
        (True, "True"),
        (None, "None"),
        ("a", '"a"'),
        ([1, 2.5, "a", [None]], '[1, 2.5, "a", [None]]'),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, ... 20 in all]"),
        ({"a": 1.0, "b": [0.5]}, '{"a": 1, "b": [0.5]}'),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (math.nan, "nan"),
    ],
)
def test_values_are_said_in_a_few_words(value, text):
    assert words(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        ["x" * 1000] * 1000,
        [[["x" * 100] * 50] * 50] * 50,
        {str(number): [number] * 1000 for number in range(1000)},
        {"x" * 10**5: {"y" * 10**5: None}},
        [{"a": np.zeros(10**5)}] * 8,
    ],
    ids=["text", "texts", "deep", "dict", "long keys", "arrays"],
)
def test_no_value_takes_more_than_a_few_lines(value):
    assert len(words(value)) < 1000
    assert len(sentence(1.0, value)) < 1100
    assert len(sentence({"a": 1.0}, {"a": 1.0, "b": value, "c" * 10**5: 1})) < 1100


# Measures

X = np.random.default_rng(0).normal(size=(5, 4))
Y = np.array([0, 1, 2, 1, 0])
WEIGHTS: list[Any] = [np.ones((3, 4)), np.arange(3.0), np.eye(3) - 0.5, np.zeros(3)]

some_weights = (
    st.lists(arrays | anything, max_size=5) | anything | st.permutations(WEIGHTS) | st.lists(st.sampled_from(WEIGHTS))
)


def predicts_nothing(weights: Any) -> bool:
    logits = relu_network(weights, X)
    assert len(logits) == len(X)
    return bool(np.isnan(logits).all()) and accuracy(logits, Y) == 0 and math.isnan(cross_entropy(logits, Y))


def test_a_network_with_relu_between_its_layers_is_computed():
    w1, b1, w2, b2 = WEIGHTS
    hidden = np.maximum(X @ w1.T + b1, 0)
    assert np.allclose(relu_network(WEIGHTS, X), hidden @ w2.T + b2)
    assert np.allclose(relu_network(WEIGHTS[:2], X), X @ w1.T + b1)
    assert np.allclose(relu_network([array.astype(np.float32) for array in WEIGHTS], X), hidden @ w2.T + b2, atol=1e-5)


@pytest.mark.parametrize(
    "weights",
    [
        None,
        0,
        2.5,
        True,
        "weights",
        {},
        [],
        {"0": WEIGHTS[0], "1": WEIGHTS[1]},
        {0: WEIGHTS[0], 1: WEIGHTS[1]},
        np.ones((2, 3, 4)),
        WEIGHTS[:1],
        WEIGHTS[:3],
        WEIGHTS[1:],
        WEIGHTS[::-1],
        WEIGHTS + WEIGHTS,
        [WEIGHTS],
        [array.tolist() for array in WEIGHTS],
        [None, None],
        [WEIGHTS[0], 0.0],
        [WEIGHTS[0], np.array(0.0)],
        [WEIGHTS[0], np.zeros(1)],
        [WEIGHTS[0], np.zeros((1, 3))],
        [np.zeros((3, 4)), np.eye(3)[Y]],
        [np.zeros((3, 1)), np.zeros(3)],
        [np.zeros(4), np.zeros(1)],
        [np.array(1.0), np.array(1.0)],
        [np.zeros((1, 3, 4)), np.zeros(3)],
        [np.zeros((5, 3, 4)), np.zeros(3)],
        [np.full((3, 4), math.nan), np.zeros(3)],
        [np.zeros((3, 4)), np.full(3, math.nan)],
    ],
    ids=lambda weights: repr(weights)[:40],
)
def test_weights_that_are_no_network_predict_nothing(weights):
    assert predicts_nothing(weights)


@given(some_weights)
@thorough
def test_whatever_weights_come_back_the_measures_are_numbers(weights):
    logits = relu_network(weights, X)
    assert logits.dtype == np.float64 and logits.ndim == 2 and len(logits) == len(X)
    assert isinstance(cross_entropy(logits, Y), float)
    assert not accuracy(logits, Y) > 100


@pytest.mark.parametrize(
    "weights",
    [
        [np.zeros((2**24, 4), np.int8), np.zeros(2**24, np.int8)],
        [np.zeros((0, 4)), np.zeros(0), np.zeros((2**24, 0)), np.zeros(2**24, np.int8)],
        [np.zeros((2**22, 4), np.float16), np.zeros(2**22, np.float16), np.zeros((3, 2**22), np.int8), np.zeros(3)],
    ],
    ids=["wide", "wide behind nothing", "wide inside"],
)
def test_a_network_too_large_for_the_graders_memory_predicts_nothing(weights):
    assert predicts_nothing(weights)


def test_weights_so_large_that_they_overflow_give_no_loss():
    huge = [np.full((3, 4), 1e308), np.full(3, -1e308), np.full((3, 3), 1e308), np.full(3, -math.inf)]
    logits = relu_network(huge, X)
    assert not cross_entropy(logits, Y) <= 10
    assert not accuracy(logits, Y) > 50


def test_cross_entropy_is_the_mean_over_examples():
    logits = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1.0]])
    assert cross_entropy(logits, np.array([0, 0, 1])) == pytest.approx(
        (math.log(2) + 0 + math.log(1 + math.exp(-1))) / 3
    )
    assert cross_entropy(logits, np.array([0, 1, 1])) > 300
    assert cross_entropy(logits.astype(np.int16), np.array([0, 0, 1], np.uint8)) < 1


def test_small_integers_do_not_overflow():
    assert cross_entropy(np.array([[-128, 127]], np.int8), np.array([0])) == pytest.approx(255)


def test_accuracy_is_in_percent():
    logits = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, math.nan], [0.5, 0.75]])
    assert accuracy(logits, np.array([1, 0, 1, 0])) == 50
    assert accuracy(logits, np.array([1, 0, 1, 1], np.int8)) == 75


@pytest.mark.parametrize(
    "logits",
    [
        None,
        [],
        [[0.0, 1.0]] * 5,
        "logits",
        1.0,
        np.array(1.0),
        np.zeros(5),
        np.zeros((5, 0)),
        np.zeros((0, 3)),
        np.zeros((1, 3)),
        np.zeros((4, 3)),
        np.zeros((6, 3)),
        np.zeros((5, 3, 1)),
        np.eye(3, dtype=bool)[Y],
    ],
    ids=lambda logits: repr(logits)[:30],
)
def test_what_is_no_logits_for_each_example_has_no_measure(logits):
    assert math.isnan(accuracy(logits, Y))
    assert math.isnan(cross_entropy(logits, Y))


def test_logits_of_too_few_classes_have_no_loss():
    assert math.isnan(cross_entropy(np.zeros((5, 2)), Y))


@given(anything)
@thorough
def test_whatever_logits_come_back_the_measures_are_numbers(logits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(accuracy(logits, Y), float)
        assert isinstance(cross_entropy(logits, Y), float)
