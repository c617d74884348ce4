"""Draws the pictures of a run, as far as there is room and time for them."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from grader.feedback.pictures.canvas import look, svg_of
from grader.feedback.pictures.curves import draw_curves, draw_stop
from grader.feedback.pictures.images import draw_grid, draw_layout
from grader.feedback.pictures.matrix import draw_confusion, draw_matrices
from grader.feedback.pictures.regions import draw_regions
from grader.feedback.pictures.weights import draw_weights
from grader.judging.picture import NO_PICTURE, NotDrawn, Picture
from grader.judging.record import Record, Status
from grader.texts import cut

KINDS: dict[str, Callable[[Mapping[str, Any]], tuple[Figure, str]]] = {
    "stop": draw_stop,
    "curves": draw_curves,
    "images": draw_grid,
    "layout": draw_layout,
    "matrix": draw_matrices,
    "confusion": draw_confusion,
    "regions": draw_regions,
    "weights": draw_weights,
}
STEPS = "steps"  # a table: the page's own template shows it
MOST_BYTES, MOST_OF_ONE = 1_200_000, 600_000  # of a page's pictures, as text
FOR_GRADESCOPE = (500_000, 100_000)  # the same in results.json
MOST_OF_CHECK = 4
MOST_S = 10.0  # seconds for all; a page usually takes less than one
NO_ROOM = "There is no room for this picture. Fix what is shown first."
MOST_ALT = 1000  # characters


@dataclass(frozen=True)
class Drawn:
    """A picture as the page shows it: an image, or the `rows` of a table, or a sentence."""

    title: str = ""
    address: str = ""
    alt: str = ""
    rows: Sequence[tuple[str, str]] = ()
    problem: str = ""
    told: str = ""


def draw_all(
    records: Sequence[Record], most: int = MOST_BYTES, most_of_one: int = MOST_OF_ONE
) -> dict[int, list[Drawn]]:
    """The pictures of each record that students may see, by its id.

    Those of checks that failed come first.
    """
    records = [record for record in records if not record.hidden]
    left, ends = most, time.monotonic() + MOST_S
    drawn: dict[int, list[Drawn]] = {}
    for record in sorted(records, key=lambda record: record.status == Status.PASSED):
        for picture in record.pictures[:MOST_OF_CHECK]:
            one = draw(picture) if time.monotonic() < ends else Drawn(problem=NO_ROOM)
            if len(one.address) > min(left, most_of_one):
                one = Drawn(problem=NO_ROOM)
            left -= len(one.address)
            drawn.setdefault(id(record), []).append(one)
    return drawn


def draw(picture: Picture) -> Drawn:
    """One picture.  If it can't be drawn, a sentence says so."""
    if picture.problem:
        return Drawn(problem=picture.problem)
    if picture.kind == STEPS:
        return Drawn(picture.title, rows=picture.data["rows"], told=picture.told)
    try:
        with look():
            figure, alt = KINDS[picture.kind](picture.data)
            svg = svg_of(figure)
    except NotDrawn as error:
        return Drawn(problem=str(error))
    except Exception as error:  # unexpected values may cause any; the other pictures are drawn all the same
        return Drawn(problem=f"{NO_PICTURE}  ({type(error).__name__})")
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    return Drawn(picture.title, address, cut(alt, MOST_ALT))
