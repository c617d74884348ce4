"""A probe for pure functions of any exercise: numbers and arrays in, numbers and arrays out."""

from __future__ import annotations

from copy import deepcopy
from traceback import extract_tb
from typing import Any

import numpy as np

from grader.exercises.returned import kind_of, name_of_exception, number, to_array
from grader.sandbox.probe import Submission, Unusable, probe

LABELS = {"value": "returned value", "changed": "{function} changes its arguments"}  # see judging/sentences.py


@probe("{exercise}", "{function}", labels=LABELS)
def call_function(
    submission: Submission, exercise: str, function: str, calls: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    """Call a function of an exercise's file once for each of `calls`, its keyword arguments.

    Arguments are numbers, strings, arrays, and lists and dicts of these.  The observation has
    three lists with an entry for each call:

        raised: the name of the exception, "ValueError" for its subclasses too, or "nothing".  Its
            text and line are printed.  NotImplementedError is not caught: the function is to do.
        value: what the call returned, or None if it raised.  Numbers, booleans, strings, arrays,
            and lists, tuples (as lists) and dicts of these; anything else is unusable.
        changed: the names of the arguments that the call changed.
    """
    called, file = submission.get(exercise, function), submission.load(exercise).__file__
    observation: dict[str, list[Any]] = {"raised": [], "value": [], "changed": []}
    for place, arguments in enumerate(calls, 1):
        given, value, raised = deepcopy(arguments), None, "nothing"
        try:
            value = plain(called(**arguments), f"what {function} returned", submission)
        except (NotImplementedError, Unusable):
            raise
        except Exception as error:
            raised = name_of_exception(error)
            print(f"Call {place} of {function} raised {type(error).__name__}{line_in(file, error)}: {error}")
        observation["raised"].append(raised)
        observation["value"].append(value)
        observation["changed"].append([name for name in given if not same(given[name], arguments[name])])
    return observation


def line_in(file: str | None, error: Exception) -> str:
    """The last line of a file that an exception passed through, in words; "" if it passed none."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == file]
    return f" (line {lines[-1]})" if lines else ""


def plain(value: Any, what: str, submission: Submission) -> Any:
    """A returned value as plain data: copies of its arrays, tuples as lists.  Raises Unusable."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(entry, f"an entry of {what}", submission) for entry in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(entry, f"an entry of {what}", submission) for key, entry in value.items()}
    if isinstance(value, (int, float, np.number, np.bool_)):
        return value
    if isinstance(getattr(value, "shape", None), tuple) and value.shape != ():
        return np.array(to_array(value, what, submission))
    if hasattr(value, "__float__"):
        return number(value, what, submission)
    expected = "a number, a boolean, a string, an array, or a list, tuple or dict of these"
    raise Unusable(f"{what[0].upper()}{what[1:]} should be {expected}; it is {kind_of(value)}.")


def same(a: Any, b: Any) -> bool:
    """Whether two arguments are equal: types, dtypes and all numbers (NaN equals NaN)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(a == b) or (a != a and b != b)
