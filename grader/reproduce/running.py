"""What a script of `grader reproduce` uses while it runs, on a student's own machine."""

import importlib
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from grader.judging.compare import RTOL, compare, words
from grader.judging.exchange import part
from grader.judging.sentences import sentences_for
from grader.sandbox.worker import set_seeds as set_seeds

Keys = Collection[str]
MOST_SHOWN = 40  # numbers of an array


class Here:
    """The files of src/, as the kit's functions see them.  `notes` are what they remark."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def load(self, exercise: str) -> ModuleType:
        return importlib.import_module(f"src.{exercise}")

    def get(self, exercise: str, name: str) -> Any:
        return getattr(self.load(exercise), name)


def show(function: str, got: Any, keys: Keys = ()) -> None:
    """Print what your function did, as far as the check is about it."""
    for key, value in entries(part(got, keys)):
        text = shown(value, 4)
        print(f"{key or function}:", f"\n    {text}" if "\n" in text else text)


def compare_with(
    expected: Any,
    got: Any,
    function: str,
    *,
    rtol: float = RTOL,
    up_to_scale: Keys = (),
    labels: Mapping[str, str] | None = None,
) -> None:
    """Print the expected and the actual values, and what is wrong in the words of the check.

    Args:
        expected: what the check compares; `got` may have more.
        got: what your function did.
        function: its name.
        rtol: how far apart numbers may be, relative to the largest one.
        up_to_scale: where numbers may all be the same multiple of the expected ones.
        labels: what keys are called in sentences.
    """
    sentences = []
    for key, value in entries(expected):
        mine = got.get(key) if key and isinstance(got, dict) else got
        difference = compare(value, mine, (key,) if key else (), rtol, up_to_scale)
        if difference is None:
            print(f"{key or function}: as expected")
            continue
        print(f"{key or function}:\n  expected  {shown(value)}\n  got       {shown(mine)}")
        label = (labels or {}).get(key, key or "result")
        sentences.append(sentences_for(difference, function, label).full)
    print("\n".join(sentences) if sentences else "All of it is as the check expects.")


def entries(value: Any) -> list[tuple[str, Any]]:
    """The entries of a dict; any other value is one entry without a name."""
    return list(value.items()) if isinstance(value, dict) and value else [("", value)]


def shown(value: Any, indent: int = 12) -> str:
    """A value in a line or a few: small arrays in full."""
    if isinstance(value, np.ndarray) and (value.ndim > 2 or value.size > MOST_SHOWN):
        return words(value)
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=5, suppress_small=True, separator=", ", prefix=" " * indent)
    if isinstance(value, list) and has_arrays(value):
        rows = [f"{place}: {shown(entry, indent + len(str(place)) + 2)}" for place, entry in enumerate(value)]
        return f"\n{' ' * indent}".join(rows)
    return words(value)


def has_arrays(value: Any) -> bool:
    return isinstance(value, np.ndarray) or (isinstance(value, list) and any(map(has_arrays, value)))
