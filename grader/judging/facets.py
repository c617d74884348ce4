"""Facets: the smallest parts of an answer that are compared, and that a mistake explains.

A facet is a path in the reference's observation, such as ("losses", "train").  A list of numbers
and an array are one facet; dicts, and lists of separate cases, have a facet for each entry.

A fingerprint stands for a facet's value on students' machines: a few numbers, or the value itself
if it is small.
"""

import hashlib
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np

from grader.judging.compare import Place, allowed, compare, is_mask, is_numeric, is_whole, positive_ratio

MAX_CASES = 32  # a longer list is one facet
COUNT = "len()"  # the facet for how many entries a list has
N_PROJECTIONS = 4
MOST_PROJECTED = 2**18  # numbers
MAX_TEXT = 60  # characters of a text that is its own fingerprint
SPREAD = 3.0  # a sum of N numbers with random signs may be off by this times sqrt(N) tolerances
FINE_RTOL = 1e-6  # finer tolerances need more digits in a fingerprint


class Missing:
    """The value of a facet that an observation lacks."""


MISSING = Missing()


def paths_of(value: Any, place: Place = ()) -> list[Place]:
    """The facets of an observation, in order."""
    if isinstance(value, dict) and value:
        return [path for key in value for path in paths_of(value[key], (*place, key))]
    if is_list_of_cases(value):
        entries = [path for i, entry in enumerate(value) for path in paths_of(entry, (*place, i))]
        return [*entries, (*place, COUNT)]
    return [place]


def keys_of(value: Any) -> list[Place]:
    """The keys of an observation; all of it, if it has none."""
    return [(key,) for key in value] if isinstance(value, dict) and value else [()]


def is_list_of_cases(value: Any) -> bool:
    """Whether each entry of a list is a case of its own.

    Lists of numbers are one value; lists of booleans are sets of modes.
    """
    is_list = isinstance(value, list) and 0 < len(value) <= MAX_CASES
    return is_list and not is_numeric(value) and not isinstance(value[0], bool)


def value_at(observation: Any, path: Place) -> Any:
    """The value of a facet, MISSING if the observation has none."""
    for step in path:
        if step == COUNT and isinstance(observation, list):
            return len(observation)
        is_there = (isinstance(observation, dict) and step in observation) or (
            isinstance(observation, list) and isinstance(step, int) and step < len(observation)
        )
        if not is_there:
            return MISSING
        observation = observation[step]
    return observation


def same_value(one: Any, other: Any, path: Place, rtol: float, up_to_scale: Collection[str]) -> bool:
    """Whether two values of a facet are the same within float noise."""
    if isinstance(one, Missing) or isinstance(other, Missing):
        return one is other
    return compare(one, other, path, rtol, up_to_scale) is None


# Fingerprints


def fingerprint(value: Any, rtol: float) -> Any:
    """What stands for a value in a recording: plain data for JSON."""
    if isinstance(value, Missing):
        return ["missing"]
    if is_numeric(value):
        return numeric_fingerprint(value, digits=16 if rtol < FINE_RTOL else 7)
    if isinstance(value, list):
        return ["list", *(fingerprint(entry, rtol) for entry in value)]
    if isinstance(value, dict):
        return {str(key): fingerprint(entry, rtol) for key, entry in value.items()}
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[:8]} #{hashlib.sha256(value.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return value


def numeric_fingerprint(value: Any, digits: int) -> list[Any]:
    """The kind, the shape and the largest size of numbers; then the numbers, or projections.

    Of more numbers than the reference gives, only the shape counts: projections take 32 bytes each.
    """
    if np.size(value) > MOST_PROJECTED:
        return ["many", list(np.shape(value))]
    kind = "mask" if is_mask(value) else "whole" if is_whole(value) else "float"
    numbers = np.asarray(value, np.float64)
    finite = np.isfinite(numbers)
    if numbers.size <= N_PROJECTIONS:
        shown = [float(number) for number in numbers.ravel()]
        return ["numbers", kind, list(numbers.shape), *(rounded(number, digits) for number in shown)]
    flat = np.where(finite, numbers, 0.0).ravel()
    scale = rounded(float(np.abs(flat).max()), 3)
    odd = "" if finite.all() else hashlib.sha256(not_finite(numbers).tobytes()).hexdigest()[:8]
    with np.errstate(all="ignore"):
        projections = signs(flat.size) @ flat
    return ["sums", kind, list(numbers.shape), scale, odd, *(rounded(float(p), digits) for p in projections)]


def not_finite(numbers: np.ndarray) -> np.ndarray:
    """Where numbers are NaN (2), infinite (1 or -1), or neither (0), as int8."""
    signs_of_infinite = np.where(np.isinf(numbers), np.sign(numbers), 0)
    return np.where(np.isnan(numbers), 2, signs_of_infinite).astype(np.int8)


def rounded(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")


@lru_cache(maxsize=8)
def signs(size: int) -> np.ndarray:
    """Fixed random signs, shape (N_PROJECTIONS, size), float64."""
    return np.random.default_rng(size).choice([-1.0, 1.0], (N_PROJECTIONS, size))


def same_fingerprint(one: Any, other: Any, rtol: float, scaled: bool) -> bool:
    """Whether the fingerprints of two values of a facet are the same within float noise.

    `scaled`: one value may be any positive multiple of the other.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_fingerprint(one[key], other[key], rtol, scaled) for key in one)
    if not isinstance(one, list) or not isinstance(other, list):
        return type(one) is type(other) and bool(one == other)
    if len(one) != len(other) or one[0] != other[0]:
        return False
    if one[0] in ("numbers", "sums"):
        return same_numbers(one, other, rtol, scaled)
    return all(same_fingerprint(a, b, rtol, scaled) for a, b in zip(one[1:], other[1:], strict=True))


def same_numbers(one: list[Any], other: list[Any], rtol: float, scaled: bool) -> bool:
    """As same_fingerprint, for numbers or projections of numbers."""
    head = 3 if one[0] == "numbers" else 5
    if one[2] != other[2] or (one[1] == "mask") != (other[1] == "mask"):
        return False
    if head == 5 and one[4] != other[4]:
        return False
    a, b = np.array(one[head:], np.float64), np.array(other[head:], np.float64)
    finite = np.abs(a[np.isfinite(a)])
    scale = one[3] if head == 5 else float(finite.max()) if finite.size else 0.0
    spread = 1.0 if head == 3 else SPREAD * float(np.sqrt(np.prod(one[2])))
    near = spread * (0.0 if one[1] == "whole" else allowed(rtol, scale))
    with np.errstate(all="ignore"):
        if np.allclose(b, a, rtol=0, atol=near, equal_nan=True):
            return True
        ratio = positive_ratio(a, b) if scaled else 0.0
        return ratio > 0 and np.allclose(b / ratio, a, rtol=0, atol=near)
