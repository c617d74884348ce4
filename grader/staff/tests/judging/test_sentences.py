"""What a student reads of a difference."""

import pytest

from grader.judging.compare import compare
from grader.judging.sentences import is_wrong, sentences_for


@pytest.mark.parametrize(
    ("expected", "got", "full", "public"),
    [
        (
            {"loss": 1.5},
            {"loss": 0.5},
            "The loss is wrong: expected 1.5, got 0.5 (3 times too small).",
            "The loss is wrong.",
        ),
        (
            {"losses": {"train": [[0.5], [0.25]]}},
            {"losses": {"train": []}},
            'The losses are wrong, at losses["train"]: expected [[0.5], [0.25]], got nothing.',
            "The losses are wrong.",
        ),
        (
            {"raised": {"patience=0": "ValueError"}},
            {"raised": {"patience=0": "nothing"}},
            "f(patience=0) should raise ValueError; it raised nothing.",
            "f raises the wrong exception, or none, for some arguments.",
        ),
        (
            {"raised": ["nothing"]},
            {"raised": ["KeyError"]},
            "f should raise nothing; it raised KeyError.",
            "f raises the wrong exception, or none, for some arguments.",
        ),
        (
            {"by hidden": {"hidden=(-2, 3)": "ValueError"}},
            {"by hidden": {"hidden=(-2, 3)": "RuntimeError"}},
            "f(hidden=(-2, 3)) should raise ValueError; it raised RuntimeError.",
            "f raises the wrong exception, or none, for some arguments.",
        ),
        (
            {"shapes": {"stride=0": "ValueError"}},
            {"shapes": {"stride=0": [1, 2]}},
            "f(stride=0) should raise ValueError; it raised nothing.",
            "f raises the wrong exception, or none, for some arguments.",
        ),
        (
            {"shapes": {"stride=1": [1.0, 2.0]}},
            {"shapes": {"stride=1": "ValueError"}},
            "f(stride=1) should raise nothing; it raised ValueError.",
            "f raises the wrong exception, or none, for some arguments.",
        ),
        (
            {"modes changed": []},
            {"modes changed": ["the mode of its dropout layer", "the mode of out"]},
            "f does not restore the training/evaluation mode of its dropout layer, out.",
            "f changes something that it should leave as it was.",
        ),
        (
            {"changed": []},
            {"changed": ["weights", "the mode of the model", "the mode of out"]},
            "f does not restore the training/evaluation mode of the model, out.  "
            "f changes weights.  It should leave them as they were.",
            "f changes something that it should leave as it was.",
        ),
        (
            {"steps": [3, 4]},
            {"steps": [3, 5]},
            "The number of steps is wrong: expected [3, 4], got [3, 5].",
            "The number of steps is wrong.",
        ),
        (
            {"shapes": {"stride=1": [1.0, 2.0]}},
            {"shapes": {"stride=1": [1.0, 3.0]}},
            "The output shape is wrong for stride=1: expected [1, 2], got [1, 3].",
            "The output shape is wrong.",
        ),
        (
            {"valid losses": [[2.0, 1.0], [3.0]]},
            {"valid losses": [[2.0, 1.0], [3.0, 4.0]]},
            "The validation losses are wrong in entry 1: expected 1 entry, got 2: [3, 4].",
            "The validation losses are wrong.",
        ),
        ({"training mode": [True]}, {"training mode": [False]}, "f should train.", "f should train."),
        ([1.0], "text", 'The result is wrong: expected [1], got "text".', "The result is wrong."),
    ],
)
def test_a_difference_is_told_in_a_sentence(expected, got, full, public):
    difference = compare(expected, got)
    labels = {
        "training mode": "{function} should train",
        "steps": "number of steps",
        "shapes": "output shape",
        "valid losses": "validation losses",
    }
    key = str(difference.place[0]) if difference.place else "result"
    label = labels.get(key, key)
    assert sentences_for(difference, "f", label) == (full, public)


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("loss", "The loss is wrong"),
        ("weights after update", "The weights after update are wrong"),
        ("state of the layers", "The state of the layers is wrong"),
        ("model's state afterwards", "The model's state afterwards is wrong"),
        ("shapes of weights and biases", "The shapes of weights and biases are wrong"),
    ],
)
def test_the_verb_fits_the_first_noun_of_a_label(label, told):
    assert is_wrong(label) == told


def test_whatever_a_submission_says_that_it_raised_or_changed_makes_a_sentence():
    for got in ([{}], 5, [["x"]], None, "nothing"):
        for key in ("raised", "modes changed"):
            difference = compare({key: []}, {key: got})
            assert all(sentence.endswith(".") for sentence in sentences_for(difference, "f", key))
