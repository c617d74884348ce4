"""What was expected and what the submission answered, as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.judging.compare import Difference, is_numeric, words_of_both
from grader.judging.sentences import changes_in, is_change, is_sentence, sentences_for
from grader.sandbox.probe import Probe
from grader.texts import safe

MOST_VALUES = 12  # rows of a table
MOST_NUMBERS = 6  # of an array in a cell
MOST_TEXT = 500  # characters of a cell


@dataclass(frozen=True)
class Value:
    """One value: `what` it is, the `expected` one, and the one `found`.

    `told` is the line of the check's text that says the same.  Every text is cut and readable.
    """

    what: str
    expected: str
    found: str
    told: str = ""

    def __post_init__(self) -> None:
        for name in ("what", "expected", "found"):
            object.__setattr__(self, name, safe(getattr(self, name), MOST_TEXT))
        object.__setattr__(self, "told", safe(self.told))


def values_of(differences: Iterable[Difference], probe: Probe, function: str) -> tuple[Value, ...]:
    """A row for each difference in a function's answer to a probe."""
    return tuple(value_of(difference, probe, function) for difference in list(differences)[:MOST_VALUES])


def value_of(difference: Difference, probe: Probe, function: str) -> Value:
    label = label_of(difference, probe)
    if is_change(difference) and (changes := changes_in(difference)):
        return Value(what_of(difference, label), "no change", f"changed: {', '.join(changes)}")
    shown, found = in_words(difference.expected, difference.got)
    full = sentences_for(difference, function, label).full
    remark = f" ({difference.remark})" if difference.remark else ""
    return Value(
        what_of(difference, label),
        shown,
        f"{found}{remark}",
        also(full) if full.endswith(f"{difference.text}.") else "",  # other sentences say more than a table
    )


def in_words(expected: Any, got: Any) -> tuple[str, str]:
    """Two values in words; of arrays that differ in shape, only that."""
    if is_numeric(expected) and is_numeric(got) and np.shape(expected) == np.shape(got):
        expected, got = (small_as_list(value) for value in (expected, got))
    return words_of_both(expected, got)


def small_as_list(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) and value.size <= MOST_NUMBERS else value


def label_of(difference: Difference, probe: Probe) -> str:
    """What the probe calls the part of its answer that differs."""
    return probe.label(str(difference.place[0])) if difference.place else "result"


def also(sentence: str) -> str:
    """How a check's text tells of a difference after the first one."""
    return f"Also: {sentence}"


def what_of(difference: Difference, label: str) -> str:
    """What differs, as in "losses, valid, entry 2"."""
    first, *rest = difference.place or (label,)
    steps = [f"entry {step}" if isinstance(step, int) else step for step in rest]
    return ", ".join(filter(None, [str(first) if is_sentence(label) else label, *steps, difference.where]))
