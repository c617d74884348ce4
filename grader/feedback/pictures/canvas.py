"""What all pictures share: how they look, and how numbers from a submission are made safe to draw.

Colours differ in lightness and lines in their dashes, so that a grey print shows the same.
"""

import io
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.judging.picture import NotDrawn

EXPECTED, FOUND, QUIET, INK = "#1b4f8f", "#d2601a", "#8a8f98", "#1b1f24"
WIDTH = 4.5  # inches: on a phone, where a picture has half its size, 10 points can still be read
LOOK: Any = {
    "font.size": 10,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",  # text stays text: small, and sharp at any size
    "svg.hashsalt": "grader",  # the same picture has the same bytes
    "legend.frameon": False,
    "figure.facecolor": "white",
}
MOST_SPANS = 2.0  # how far values may lie from the expected ones, in spans of those, before they are left out


def figure(height: float) -> Figure:
    return Figure(figsize=(WIDTH, height), layout="constrained")


def look() -> Any:
    """The context in which pictures are drawn."""
    return matplotlib.rc_context(LOOK)


def svg_of(drawn: Figure) -> bytes:
    stream = io.BytesIO()
    drawn.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def numbers(value: Any, most: int, axes: int = 1) -> np.ndarray:
    """Numbers from a submission as a float array with so many axes; infinities become NaN.

    Raises NotDrawn if there are none, or too many.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.ndim != axes or not 0 < array.size <= most:
        raise NotDrawn("There is no picture: the values have another form or number than expected.")
    return np.where(np.abs(array) < 1e30, array, np.nan)


def near(values: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The values with NaN for what is so far from the expected ones that it would hide them."""
    known = expected[np.isfinite(expected)]
    if not known.size:
        return values
    low, high = known.min(), known.max()
    room = MOST_SPANS * max(high - low, 0.5 * max(abs(low), abs(high)), 1e-9)
    return np.where((values >= low - room) & (values <= high + room), values, np.nan)


def image_axes(axes: Axes) -> None:
    """Leave out ticks and frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def listed(values: np.ndarray, most: int = 12) -> str:
    """Numbers in words, for readers who don't see the picture."""
    shown = ", ".join("not a number" if np.isnan(value) else f"{value:.4g}" for value in values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown
