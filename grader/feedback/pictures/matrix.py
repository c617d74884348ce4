"""Matrices: the expected one next to the one found, or the classes that a network confuses."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from grader.feedback.pictures.canvas import figure, near, numbers

MOST = 4000  # numbers of one matrix
MOST_WRITTEN = 5  # columns whose numbers have room beside each other
COLOURS = "cividis"  # dark to bright, also in grey


def draw_matrices(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """The `expected` matrix next to the one `found`, on one scale of colours."""
    expected, found = numbers(data["expected"], MOST, axes=2), numbers(data["found"], MOST, axes=2)
    shown = near(found, expected) if expected.shape == found.shape else found
    known = np.concatenate([expected[np.isfinite(expected)], shown[np.isfinite(shown)]])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    tall = max(expected.shape[0] / expected.shape[1], found.shape[0] / found.shape[1])
    drawn = figure(min(max(0.7 + 2.2 * tall, 1.3), 3.4))
    for axes, name, values in zip(drawn.subplots(1, 2), ("expected", "yours"), (expected, found), strict=True):
        heat(axes, values, low, high, whole=False)
        axes.set_title(name, fontsize=10)
    return drawn, f"Two matrices side by side. {in_words('Expected', expected)} {in_words('Yours', found)}"


def draw_confusion(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """`counts` (classes, classes): how many examples of each class a network takes for which."""
    counts = numbers(data["counts"], MOST, axes=2)
    drawn = figure(4.0)
    axes = drawn.add_subplot()
    heat(axes, counts, 0.0, float(np.nanmax(counts)), whole=True)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    wrong = counts * (1 - np.eye(len(counts)))
    right, total = float(np.trace(counts)), float(counts.sum())
    alt = f"Matrix of true and predicted classes. {right:.0f} of {total:.0f} images are classified right."
    if wrong.any():
        true, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
        alt += f" The commonest mistake: class {true} is taken for class {predicted}, {wrong.max():.0f} times."
    return drawn, alt


def heat(axes: Axes, values: np.ndarray, low: float, high: float, whole: bool) -> None:
    """A matrix as coloured cells, with its numbers if there are few."""
    axes.imshow(values, cmap=COLOURS, vmin=low, vmax=max(high, low + 1e-12), interpolation="none")
    axes.set_xticks(range(values.shape[1]) if values.shape[1] <= 12 else [])
    axes.set_yticks(range(values.shape[0]) if values.shape[0] <= 12 else [])
    if values.size > 100 or not (whole or values.shape[1] <= MOST_WRITTEN):
        return
    size = 8 if whole or values.shape[1] <= 4 else 6.5
    for (row, column), value in np.ndenumerate(values):
        if whole and value == 0:
            continue  # most are: the others stand out
        dark = not value > low + 0.55 * (high - low)
        text = f"{value:.0f}" if whole else f"{value:.3g}"
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color="white" if dark else "black")


def in_words(name: str, values: np.ndarray, most: int = 24) -> str:
    if values.size > most:
        return f"{name}: {values.shape[0]} rows and {values.shape[1]} columns, from {np.nanmin(values):.3g} to {np.nanmax(values):.3g}."
    rows = "; ".join(" ".join(f"{value:.3g}" for value in row) for row in values)
    return f"{name}: {rows}."
