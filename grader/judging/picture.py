"""What a check hands over to be drawn: plain data of one kind.

grader/feedback/pictures draws it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.judging.compare import Place
from grader.judging.forward import Shown
from grader.sandbox.probe import Probe

MOST_NUMBERS = 200_000  # of one picture
MOST_ENTRIES = 2000  # of its lists, all together
MOST_DEPTH = 4
MOST_CELLS = 1000  # of a matrix that is drawn without being asked for


@dataclass(frozen=True)
class Picture:
    """Something that people would rather look at than read.

    Attributes:
        kind: a key of KINDS in grader/feedback/pictures/draw.py, or "steps", a table.
        title: one line over the picture.
        data: what the kind's module in grader/feedback/pictures asks for.
        problem: a sentence in place of the picture, if it can't be drawn.
        told: the part of the check's text that the picture shows better.
    """

    kind: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    told: str = ""


@dataclass(frozen=True)
class Look:
    """What is asked of both sides, once an answer is wrong, to be looked at and never judged.

    Attributes:
        probe: what to ask.
        arguments: makes the probe's arguments, when they are needed.
        sketch: makes a picture of the submission's observation and the expected one; None if there
            is nothing to see.
    """

    probe: Probe
    arguments: Callable[[], dict[str, Any]]
    sketch: Callable[[Any, Any], Picture | None]


NO_PICTURE = "There is no picture: the values have another form than a correct solution's."


class NotDrawn(Exception):
    """A picture can't be drawn; the text says why, in a sentence for the student."""


def require_small(data: Any) -> None:
    """Raise NotDrawn if data are more than a picture shows: a submission may return anything."""
    room = [MOST_ENTRIES, MOST_NUMBERS]
    pending = [(data, 0)]
    while pending:
        value, depth = pending.pop()
        entries = (
            list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else []
        )
        room[0] -= len(entries)
        room[1] -= value.size if isinstance(value, np.ndarray) else 0
        if min(room) < 0 or depth > MOST_DEPTH:
            raise NotDrawn("There is no picture: the values are too many.")
        pending += [(entry, depth + 1) for entry in entries]


def pictures_of(shown: Shown) -> list[Picture]:
    """Both networks step by step and, if the images' axes are mixed up, what that does to them."""
    steps = Picture("steps", "What the network does, step by step", {"rows": shown.rows}, told=shown.table)
    for expected, found in shown.rows:
        if expected.startswith("permute") and found.startswith(("reshape", "view")):
            title = "An example image, as the next layer gets it"
            return [steps, Picture("layout", title, {"expected": expected, "found": found})]
    return [steps]


def matrices_at(place: Place, label: Callable[[str], str], expected: Any, got: Any) -> Picture | None:
    """The matrices at a place of two observations side by side; None if there are none."""
    try:
        for step in place:
            expected, got = expected[step], got[step]
    except (KeyError, IndexError, TypeError):
        return None  # an observation that has nothing there
    if not (isinstance(expected, np.ndarray) and isinstance(got, np.ndarray) and expected.ndim == got.ndim == 2):
        return None
    if not place or not 1 < expected.size <= MOST_CELLS or not 0 < got.size <= MOST_CELLS:
        return None
    first, *others = place
    title = ", ".join([label(str(first)), *(f"number {one + 1}" if isinstance(one, int) else one for one in others)])
    return Picture("matrix", title[0].upper() + title[1:], {"expected": expected, "found": got})
