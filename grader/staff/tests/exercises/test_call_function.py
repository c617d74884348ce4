"""The probe of pure functions, asked through the sandbox."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from grader.exercises.probes import call_function
from grader.sandbox.client import Call
from grader.staff.tests.submissions import toy

SCALE = """
import numpy as np

def scale(x, factor=2.0):
    {body}
"""


@pytest.fixture
def ask(sandbox, tmp_path):
    """Ask for the function `scale` of a toy.py with this body, by default once for x = [1, -2]."""

    def ask_scale(body, calls=None):
        folder = toy(Path(tempfile.mkdtemp(dir=tmp_path)) / "s", SCALE.format(body=body))
        calls = [{"x": np.array([1.0, -2.0])}] if calls is None else calls
        return sandbox.ask(folder, Call(call_function.name, {"exercise": "toy", "function": "scale", "calls": calls}))

    return ask_scale


def test_arguments_and_values_of_every_kind(ask):
    calls = [{"x": x} for x in (3, 0.5, True, "text", [1, [2.5, "a"]], {"a": [False]})]
    assert ask("return x", calls).observation == {
        "value": [3, 0.5, True, "text", [1, [2.5, "a"]], {"a": [False]}],
        "changed": [[]] * 6,
        "raised": ["nothing"] * 6,
    }
    array = ask("return {'twice': (factor * x, np.float32(1.5), np.bool_(True))}").observation["value"][0]["twice"]
    np.testing.assert_array_equal(array[0], [2, -4])
    assert array[1:] == [1.5, True]


def test_the_arguments_that_a_call_changes_are_named(ask):
    calls = [{"x": np.ones(2), "factor": factor} for factor in ([1.0], 3.0)]
    observation = ask("x *= 2\n    if type(factor) is list: factor.append(0)\n    return 0", calls).observation
    assert observation["changed"] == [["x", "factor"], ["x"]]
    nan = [{"x": np.array([np.nan]), "factor": float("nan")}]
    assert ask("return 0", nan).observation["changed"] == [[]]


def test_a_value_is_read_before_the_next_call_changes_it(ask):
    calls = [{"x": 1.0}, {"x": 2.0}]
    observation = ask("kept[:] = x\n    return kept\n\nkept = np.zeros(1)", calls).observation
    assert [value.tolist() for value in observation["value"]] == [[1.0], [2.0]]


def test_each_call_tells_what_it_raised_and_where(ask):
    body = "if x < 0: raise type('Negative', (ValueError,), {})('too small')\n    return 1 / x"
    outcome = ask(body, [{"x": -1}, {"x": 2}, {"x": 0}])
    assert outcome.observation["raised"] == ["ValueError", "nothing", "ZeroDivisionError"]
    assert outcome.observation["value"] == [None, 0.5, None]
    assert "Call 1 of scale raised Negative (line 5): too small" in outcome.output
    assert "Call 3 of scale raised ZeroDivisionError (line 6): division by zero" in outcome.output


def test_a_stub_is_still_to_do(ask):
    failure = ask('raise NotImplementedError("to do: scale")').failure
    assert failure.exception == "NotImplementedError"
    assert failure.frames[-1].file == "src/toy.py"


def test_what_can_be_read_as_numbers_is_noted(ask):
    outcome = ask("import fractions, torch\n    return [fractions.Fraction(1, 2), torch.ones(2)]")
    assert outcome.observation["value"][0][0] == 0.5
    assert outcome.observation["value"][0][1].tolist() == [1, 1]
    assert outcome.notes == [
        "An entry of what scale returned is a Fraction; it was taken as a number.",
        "An entry of what scale returned is a Tensor of shape (2,); it was taken as a NumPy array.",
    ]


@pytest.mark.parametrize(
    "returned, sentence",
    [
        ("None", "What scale returned should be a number, a boolean, a string, an array, or a list, tuple or dict"),
        ("[lambda: 0]", "An entry of what scale returned should be a number"),
        ("{1: 2}", "it is a dict of 1 key."),
        ("np.array(['a'])", "What scale returned should be a NumPy array of numbers; it is an ndarray of shape (1,)."),
    ],
)
def test_other_values_are_unusable(ask, returned, sentence):
    failure = ask(f"return {returned}").failure
    assert failure.kind == "unusable"
    assert sentence in failure.message
