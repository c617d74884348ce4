"""Whether two observations agree, and how they differ, in words.  NumPy only."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RTOL = 2e-4  # float32 noise after a few steps or layers; a real mistake differs far more
FLOOR = 0.05  # numbers smaller than this may be off by as much as this one
MAX_WORDS = 400  # characters of a value in a sentence
DIGITS = 5
MORE_DIGITS = (8, 12, 17)  # for two values that look the same with fewer


Place = tuple[str | int, ...]  # keys and indices on the way to a value, such as ("losses", "train", 3)


@dataclass(frozen=True)
class Difference:
    """The first place where two observations differ.

    `text` says in words what was `expected` and what the submission `got`.  These two may be single
    numbers of arrays; then `where` says which.  `remark` says how the two are related, if known.
    """

    place: Place
    text: str
    expected: Any = field(default=None, compare=False)
    got: Any = field(default=None, compare=False)
    where: str = field(default="", compare=False)
    remark: str = field(default="", compare=False)

    @property
    def sentence(self) -> str:
        return f"{place_words(self.place)}: {self.text}" if self.place else self.text

    @property
    def is_not_a_number(self) -> bool:
        """Whether the submission returned NaN there."""
        return is_numeric(self.got) and bool(np.isnan(np.asarray(self.got, np.float64)).any())


def place_words(place: Place) -> str:
    """A place as it would be written in Python: losses["train"][3]."""
    first, *rest = place
    return f"{first}{''.join(f'[{step}]' if isinstance(step, int) else f'[{chr(34)}{step}{chr(34)}]' for step in rest)}"


def compare(
    expected: Any, got: Any, place: Place = (), rtol: float = RTOL, up_to_scale: Collection[str] = ()
) -> Difference | None:
    """The first difference between two observations, None if they agree within float noise.

    Arrays agree if they differ by at most `allowed(rtol, scale)`, with the largest expected size as
    scale.  Whole numbers must be equal.  Below the top-level keys in `up_to_scale`, all numbers may
    be the same positive multiple of the expected ones.  `got` may be anything that the wire can
    carry.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        return compare_dicts(expected, got, place, rtol, up_to_scale)
    if is_numeric(expected):
        return compare_numbers(expected, got, place, rtol, scaled=bool(place) and place[0] in up_to_scale)
    if isinstance(expected, list) and isinstance(got, list):
        return compare_lists(expected, got, place, rtol, up_to_scale)
    return None if type(expected) is type(got) and expected == got else plain_difference(place, expected, got)


def is_numeric(value: Any) -> bool:
    """A number, an array, or a list of numbers (not of booleans)."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in value)
    return isinstance(value, (int, float, np.ndarray)) and not isinstance(value, bool)


def is_mask(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == bool


def compare_dicts(
    expected: dict[str, Any], got: dict[str, Any], place: Place, rtol: float, up_to_scale: Collection[str]
) -> Difference | None:
    if expected.keys() != got.keys():
        return plain_difference(place, sorted(expected), sorted(got))
    for key in expected:
        if different := compare(expected[key], got[key], (*place, key), rtol, up_to_scale):
            return different
    return None


def compare_lists(
    expected: list[Any], got: list[Any], place: Place, rtol: float, up_to_scale: Collection[str]
) -> Difference | None:
    for i, (a, b) in enumerate(zip(expected, got, strict=False)):
        if different := compare(a, b, (*place, i), rtol, up_to_scale):
            return different
    if len(expected) == len(got):
        return None
    if not expected or not got:
        return plain_difference(place, expected, got)
    missing, extra = expected[len(got) :], got[len(expected) :]
    more = f" (missing: {words(missing)})" if missing else f" (too many: {words(extra)})"
    return Difference(place, f"expected {entries(expected)}, got {len(got)}{more}", expected, got)


def compare_numbers(expected: Any, got: Any, place: Place, rtol: float, scaled: bool) -> Difference | None:
    if not (is_numeric(got) or got == []) or is_mask(expected) != is_mask(got):
        return plain_difference(place, expected, got)
    if np.shape(expected) != np.shape(got):
        return shape_difference(place, expected, got)
    a, b = np.asarray(expected, np.float64), np.asarray(got, np.float64)
    with np.errstate(all="ignore"):  # what overflows does not agree
        if close(a, b, 0 if is_whole(expected) else rtol) or (scaled and proportional(a, b, rtol)):
            return None
        return number_difference(place, a, b)


def is_whole(value: Any) -> bool:
    """Whether a number, or each in a list or array, is an integer: a count must be exact."""
    return np.asarray(value).dtype.kind in "iu"


def close(a: np.ndarray, b: np.ndarray, rtol: float) -> bool:
    """Whether b equals a within rtol times the largest finite size in a.  NaN equals NaN."""
    finite = a[np.isfinite(a)]
    scale = float(np.abs(finite).max()) if finite.size else 0.0
    return bool(np.allclose(b, a, rtol=0, atol=allowed(rtol, scale), equal_nan=True))


def allowed(rtol: float, scale: float) -> float:
    """How far apart numbers may be, if `scale` is the size of the largest one."""
    return rtol * (FLOOR + scale)


def proportional(a: np.ndarray, b: np.ndarray, rtol: float) -> bool:
    """Whether b is a positive multiple of a."""
    ratio = positive_ratio(a, b)
    return ratio > 0 and close(a, b / ratio, rtol)


def positive_ratio(a: np.ndarray, b: np.ndarray) -> float:
    """How many times a is nearest to b, 0 if there is no such positive number."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()) or not (a * a).sum() > 0:
        return 0.0
    ratio = float((a * b).sum() / (a * a).sum())
    return ratio if ratio > 1e-6 else 0.0


def plain_difference(place: Place, expected: Any, got: Any) -> Difference:
    shown, found = words_of_both(expected, got)
    return Difference(place, f"expected {shown}, got {found}", expected, got)


def entries(values: Any) -> str:
    return f"{len(values)} {'entry' if len(values) == 1 else 'entries'}"


def shape_difference(place: Place, expected: Any, got: Any) -> Difference:
    if isinstance(expected, list) and isinstance(got, list):
        return Difference(place, f"expected {entries(expected)}, got {len(got)}: {words(got)}", expected, got)
    if isinstance(expected, np.ndarray) and isinstance(got, np.ndarray):
        swapped = (
            expected.any() and expected.ndim > 1 and expected.shape == got.shape[::-1] and close(expected.T, got, RTOL)
        )
        remark = "the axes are swapped" if swapped else ""
        text = f"expected an array of shape {expected.shape}, got {got.shape}{in_brackets(remark)}"
        return Difference(place, text, expected, got, remark=remark)
    return plain_difference(place, expected, got)


def number_difference(place: Place, a: np.ndarray, b: np.ndarray) -> Difference:
    remark = pattern_of(a, b)
    if a.ndim == 0 or a.size <= 6:
        shown, found = words_of_both(a.tolist(), b.tolist())
        text = f"expected {shown}, got {found}{in_brackets(remark)}"
        return Difference(place, text, a, b, remark=remark)
    gap = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), np.inf)
    gap[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
    worst = tuple(int(i) for i in np.unravel_index(int(gap.argmax()), a.shape))
    where = f"at {worst}" if len(worst) > 1 else f"entry {worst[0]}"
    at = where if len(worst) > 1 else f"in {where}"
    expected, got = float(a[worst]), float(b[worst])
    shown, found = words_of_both(expected, got)
    text = f"the largest difference is {at}: expected {shown}, got {found}{in_brackets(remark)}"
    return Difference(place, text, expected, got, where, remark)


def in_brackets(remark: str) -> str:
    return f" ({remark})" if remark else ""


def pattern_of(a: np.ndarray, b: np.ndarray) -> str:
    """The name of the difference, if it is a known pattern: a ratio, a missing activation, ..."""
    if not np.isfinite(b).all():
        return "some numbers are infinite or nan" if np.isfinite(a).all() else ""
    if not np.isfinite(a).all() or not a.any():
        return ""
    if a.size > 2 and np.ptp(a) > 0 and np.ptp(b) == 0:
        return "the same number everywhere"
    if a.ndim == 2 and a.min() < 0 <= b.min():
        return activation(b)
    if a.ndim == 2 and len(b) > 1 and close(b[:1].repeat(len(b), 0), b, RTOL):
        return "the same for every example"
    return ratio_pattern(a, b) or order_pattern(a, b)


def order_pattern(a: np.ndarray, b: np.ndarray) -> str:
    """Whether the right numbers are in the wrong places, or all numbers are off by one amount."""
    if a.size < 3 or np.ptp(a) == 0:
        return ""
    if a.ndim == 2 and a.shape[0] == a.shape[1] and close(a.T, b, RTOL):
        return "the axes are swapped"
    if close(np.sort(a, axis=None), np.sort(b, axis=None), RTOL):
        return "the same numbers in another order"
    offset = float(np.median(b - a))
    if close(a + offset, b, RTOL):
        return f"all {'larger' if offset > 0 else 'smaller'} by {abs(offset):.3g}"
    return ""


def activation(b: np.ndarray) -> str:
    if np.allclose(b.sum(axis=1), 1, atol=1e-4):
        return "every row sums to 1: is there a softmax after the last layer?"
    return "never negative: is there an activation after the last layer?"


def ratio_pattern(a: np.ndarray, b: np.ndarray) -> str:
    ratio = float((a * b).sum() / (a * a).sum())
    size = abs(ratio)
    if not 1e-6 <= size < np.inf or not close(a * ratio, b, RTOL):
        return ""
    if abs(size - 1) < 0.005:
        return "the opposite sign" if ratio < 0 else ""
    sign = ", with the opposite sign" if ratio < 0 else ""
    return (f"{size:.3g} times as large" if size > 1 else f"{1 / size:.3g} times too small") + sign


def words_of_both(expected: Any, got: Any) -> tuple[str, str]:
    """Two values in words, with so many digits that one sees them differ."""
    shown, found = words(expected), words(got)
    for digits in MORE_DIGITS:
        if shown == found:
            shown, found = words(expected, digits), words(got, digits)
    return shown, found


def words(value: Any, digits: int = DIGITS) -> str:
    """A value in a few words: whole numbers in full, others with some digits, long values cut."""
    text = uncut_words(value, digits)
    return text if len(text) <= MAX_WORDS else f"{text[:MAX_WORDS]}..."


def uncut_words(value: Any, digits: int) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"
    if isinstance(value, str):
        return f'"{value}"' if len(value) < 200 else f'"{value[:200]}..."'
    if isinstance(value, list):
        return "nothing" if not value else f"[{listed([words(item, digits) for item in value[:8]], len(value))}]"
    if isinstance(value, dict):
        shown = [f"{words(key)}: {words(value[key], digits)}" for key in list(value)[:8]]
        return f"{{{listed(shown, len(value))}}}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return str(value)


def listed(shown: list[str], count: int) -> str:
    return ", ".join(shown) + (f", ... {count} in all" if count > len(shown) else "")
