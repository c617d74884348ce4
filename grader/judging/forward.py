"""How the forward pass of a network differs from the reference's: the first step that differs.

The steps are recorded beside the submission's code (grader/exercises/forward.py), so they may be
forged: they are only shown, and never decide points.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

MOST_PASSES, MOST_STEPS, MOST_CHARACTERS = 8, 60, 80
NOT_OWN = " (not its own)"  # marks a layer whose weights are not among the network's parameters
AGAIN = " (again)"  # marks a layer that the same pass used before
RAISED = "  <- raises"
AROUND = 2  # rows of the table that are shown before and after a difference
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
NOT_OWN_MEANS = (
    "PyTorch does not find this layer, so it is never trained.  It may be in a plain Python list or made in forward.  "
    "Make every layer in __init__, as an attribute of its own or in nn.ModuleList."
)


@dataclass(frozen=True)
class Shown:
    """What to show of a difference: one sentence, and both networks step by step; or nothing.

    `table` is the text of those of the `rows` that are near a difference.
    """

    sentence: str = ""
    table: str = ""
    rows: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Pass:
    """One forward pass: see grader/exercises/forward.py."""

    training: bool
    shape: tuple[int, ...]
    steps: list[str]
    receives: list[tuple[int, ...]]
    raised: bool


def shown(expected: Any, found: Any, parameters: Sequence[Any] = ()) -> Shown:
    """The first difference between two networks' passes, in the words of a student.

    `parameters` are the numbers of parameters of both networks, if they are known.
    """
    pairs = list(zip(read_passes(expected), read_passes(found), strict=False))
    sentences = [first_difference(wanted, got) for wanted, got in pairs]
    first = next((place for place, sentence in enumerate(sentences) if sentence), None)
    if first is None:
        return Shown()
    wrong = [got for (_, got), sentence in zip(pairs, sentences, strict=True) if sentence]
    wanted, got = pairs[first]
    told = ", ".join([*when(got, wrong, [got for _, got in pairs]), sentences[first]])
    pairs_of_steps = rows(wanted, got, parameters)
    return Shown(told[0].upper() + told[1:], table(pairs_of_steps), pairs_of_steps)


def when(got: Pass, wrong: Sequence[Pass], passes: Sequence[Pass]) -> list[str]:
    """The beginnings of the sentence, if not all passes are wrong."""
    begins = []
    if len({one.training for one in passes}) > len({one.training for one in wrong}):
        begins.append(f"in {'training' if got.training else 'evaluation'} mode")
    if len({one.shape[1:] for one in passes}) > 1 == len({one.shape for one in wrong}):
        begins.append(f"for an input of shape {got.shape}")
    return begins


def read_passes(value: Any) -> list[Pass]:
    """The passes that a worker sent, without what is none: it may have sent anything."""
    passes = value[:MOST_PASSES] if isinstance(value, list) else []
    return [one for one in map(read_pass, passes) if one is not None]


def read_pass(value: Any) -> Pass | None:
    match value:
        case {
            "training": bool(training),
            "shape": list(shape),
            "steps": list(steps),
            "receives": list(receives),
            "raised": bool(raised),
        } if (
            len(steps) == len(receives) <= MOST_STEPS
            and all(map(is_step, steps))
            and all(map(is_shape, [shape, *receives]))
        ):
            return Pass(training, tuple(shape), steps, [tuple(sizes) for sizes in receives], raised)
    return None


def is_step(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS and value.isprintable()


def is_shape(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 8 and all(type(size) is int for size in value)


# The sentence


def first_difference(wanted: Pass, got: Pass) -> str:
    """The first step that differs, in a sentence; "" if none does, or if it can't be seen."""
    if not wanted.steps or not got.steps:
        return ""
    steps = zip_longest(wanted.steps, got.steps)
    at = next((place for place, (left, right) in enumerate(steps) if left != right), None)
    if at is None:
        return misfit(got)
    step = got.steps[at] if at < len(got.steps) else ""
    expected = wanted.steps[at] if at < len(wanted.steps) else ""
    if not step and got.raised:
        return ""  # the exception says more
    if step.endswith(NOT_OWN):
        return f"{step.removesuffix(NOT_OWN)} is not one of the network's own layers.  {NOT_OWN_MEANS}"
    if expected == "flatten" and step.startswith("Linear("):
        what = "the maps are" if any("Conv" in step for step in got.steps[:at]) else "the input is"
        return f"{what} never flattened: {receives(got, at)}."
    return f"{place(got.steps, at)} expected {expected or 'nothing more'}, found {step or 'nothing more'}.{batch(step, got)}"


def batch(step: str, got: Pass) -> str:
    """A further sentence on a step that changes the number of examples, or wants to."""
    number = re.match(r"(?:reshape to |view|reshape)\(\(?(\d+),", step)
    asked = "1" if step.startswith("flatten the whole") else number[1] if number else ""
    if not asked or not got.shape or got.shape[0] == int(asked):
        return ""
    return f"  The batch has {got.shape[0]} examples; this step makes {asked} of them."


def misfit(got: Pass) -> str:
    """What reaches a layer that raised, though all steps are as expected."""
    return f"{receives(got, len(got.steps) - 1)}." if got.raised and "(" in got.steps[-1] else ""


def receives(got: Pass, at: int) -> str:
    """What a layer receives, in words."""
    step, shape = got.steps[at], got.receives[at]
    if step.startswith("Linear(") and shape:
        return f"{step} receives rows of {shape[-1]} number{'' if shape[-1] == 1 else 's'}"
    return f"{step} receives an input of shape {shape}"


def place(steps: Sequence[str], at: int) -> str:
    """Where a step is, as in "After the second ReLU:"."""
    if at == 0:
        return "as the first step:"
    last, count = steps[at - 1], steps[:at].count(steps[at - 1])
    if steps.count(last) == 1 or last.endswith((NOT_OWN, AGAIN)) or count > len(ORDINALS):
        return f"after {last}:"
    return f"after the {ORDINALS[count - 1]} {last}:"


# The table


def table(pairs: Sequence[tuple[str, str]]) -> str:
    """Both networks side by side, one line for each step, without what is far from a difference."""
    width = max(len(left) for left, _ in pairs)
    different = [place for place, (left, right) in enumerate(pairs) if left != right]
    lines = [f"  {'expected':<{width}}   found"]
    for place, (left, right) in enumerate(pairs):
        if any(abs(place - other) <= AROUND for other in different):
            lines.append(f"  {left:<{width}} {' ' if left == right else '!'} {right}")
        elif lines[-1] != "  ...":
            lines.append("  ...")
    return "\n".join(["What the network does, step by step:", *lines])


def rows(wanted: Pass, got: Pass, parameters: Sequence[Any] = ()) -> list[tuple[str, str]]:
    """Each expected step and what is there, and the numbers of parameters, if they are known."""
    counts = [(count(parameters[0]), count(parameters[1]))] if len(parameters) == 2 else []
    return [*rows_of_steps(wanted, got), *counts]


def rows_of_steps(wanted: Pass, got: Pass) -> list[tuple[str, str]]:
    """Each expected step and what is there; of a pass that raised, up to the step that did."""
    if not got.raised or not got.steps:
        return aligned(wanted.steps, got.steps)
    pairs = aligned(wanted.steps, [*got.steps[:-1], got.steps[-1] + RAISED])
    last = next(place for place, (_, right) in enumerate(pairs) if right.endswith(RAISED))
    return pairs[: last + 1]


def count(value: Any) -> str:
    return f"{value:,} parameters" if type(value) is int else f"a {type(value).__name__} as parameters"


def aligned(expected: list[str], got: list[str]) -> list[tuple[str, str]]:
    """Pairs of steps: equal ones, and between them pairs of one kind.

    A gap is "(none)", or "(missing)" at the right.
    """
    pairs: list[tuple[str, str]] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, expected, got, autojunk=False).get_opcodes():
        left, right = expected[a:b], got[c:d]
        pairs += zip(left, right, strict=True) if what == "equal" else aligned_by_kind(left, right)
    return pairs


def aligned_by_kind(expected: list[str], got: list[str]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, kinds(expected), kinds(got), autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        left, right = expected[a:b], got[c:d]
        longest = max(len(left), len(right))
        left += ["(none)"] * (longest - len(left))
        right += ["(missing)"] * (longest - len(right))
        pairs += zip(left, right, strict=True)
    return pairs


def kinds(steps: Sequence[str]) -> list[str]:
    """The kind of each step: its text up to its sizes."""
    return [re.split(r"[ (]", step)[0] for step in steps]
