"""Draws the kinds of figures that several experiments share.

Lines differ in colour, brightness and style, so a grey print shows them too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cycler import cycler
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from data.split import Array

# Okabe and Ito's colours, in an order whose greys differ too, with a style and a marker for each.
COLOURS = ("#000000", "#D55E00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#E69F00")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "x", "P")
CYCLE = cycler(color=COLOURS) + cycler(linestyle=LINES)
STYLE: dict[Any, Any] = {
    "axes.prop_cycle": CYCLE,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "figure.titlesize": 11,
}
IMAGE_STYLE = STYLE | {"axes.grid": False, "axes.spines.top": True, "axes.spines.right": True}
INSIDE = 3  # labels of a legend that has room among the lines
FEW = 25  # points of a line that still get markers


def panels(rows: int = 1, columns: int = 1, width: float = 4.5, height: float = 3.4) -> tuple[Figure, Array]:
    """A figure with axes in a grid.

    Args:
        rows: how many axes below each other.
        columns: how many axes side by side.
        width: of each, in inches.
        height: of each, in inches.

    Returns:
        The figure, and an array of axes of shape (rows, columns).
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(max(6.0, width * columns), height * rows + 0.4))
        return figure, figure.subplots(rows, columns, squeeze=False)


def draw_lines(
    axes: Axes, series: Mapping[str, Sequence[float]], x: Sequence[float] | None = None, *, xlabel: str, ylabel: str
) -> None:
    """Draw lines with a legend.

    Args:
        axes: where to draw.
        series: the values of each line by its label.
        x: where the values are; None counts from 1, as for epochs.
        xlabel: what the x axis shows, with its unit.
        ylabel: what the y axis shows, with its unit.
    """
    for place, (label, values) in enumerate(series.items()):
        at = range(1, len(values) + 1) if x is None else x
        marker = MARKERS[place % len(MARKERS)] if len(values) <= FEW else None
        axes.plot(at, values, label=label, marker=marker, markersize=4)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if x is None:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(series) > 1:
        add_legend(axes)


def draw_runs(axes: Axes, runs: Mapping[str, Array], *, ylabel: str, first: int = 1) -> None:
    """Draw the runs of each kind as thin lines against the epoch, and their mean as a thick one.

    Args:
        axes: where to draw.
        runs: the values of each kind by its label, shape (runs, epochs).
        ylabel: what the y axis shows, with its unit.
        first: the number of the first epoch; 0 if the values begin before training.
    """
    for place, (label, values) in enumerate(runs.items()):
        look: dict[str, Any] = {"color": COLOURS[place % len(COLOURS)], "linestyle": LINES[place % len(LINES)]}
        epochs = np.arange(first, first + values.shape[1])
        axes.plot(epochs, values.T, **look, linewidth=0.6, alpha=0.6)
        axes.plot(epochs, values.mean(axis=0), **look, linewidth=2.5, label=f"{label} (thin: each run)")
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def draw_pairs(axes: Axes, pairs: Mapping[str, Mapping[str, Sequence[float]]], *, ylabel: str) -> None:
    """Draw two lines against the epoch for each of several networks or settings, with a legend.

    Args:
        axes: where to draw.
        pairs: by a network's name, the values of its lines by their names, such as {"LeNet5":
            {"training": [...], "test": [...]}}. A network has one colour; its first line is solid
            and its second one is dashed.
        ylabel: what the y axis shows, with its unit.
    """
    for place, (network, series) in enumerate(pairs.items()):
        for style, (part, values) in zip(LINES, series.items(), strict=False):
            at = range(1, len(values) + 1)
            marker = MARKERS[place % len(MARKERS)] if len(values) <= FEW else None
            colour = COLOURS[place % len(COLOURS)]
            axes.plot(at, values, style, label=f"{network}, {part}", color=colour, marker=marker, markersize=4)
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(axes)


def add_legend(axes: Axes) -> None:
    """Add a legend: inside the axes if it is short, else below them, where it hides no line."""
    n_labels = len(axes.get_legend_handles_labels()[1])
    if n_labels <= INSIDE:
        axes.legend()
    else:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2)


def lines(
    series: Mapping[str, Sequence[float]], x: Sequence[float] | None = None, *, xlabel: str, ylabel: str
) -> Figure:
    """A figure with one set of axes; the arguments are those of `draw_lines`."""
    figure, axes = panels()
    draw_lines(axes[0, 0], series, x, xlabel=xlabel, ylabel=ylabel)
    return figure


def histories(losses: Mapping[str, Sequence[float]], accuracies: Mapping[str, Sequence[float]]) -> Figure:
    """Losses and accuracies against the epoch, side by side; the keys are the lines' labels."""
    figure, axes = panels(columns=2)
    draw_lines(axes[0, 0], losses, xlabel="epoch", ylabel="loss (cross-entropy)")
    draw_lines(axes[0, 1], accuracies, xlabel="epoch", ylabel="accuracy (%)")
    return figure


def image_grid(
    images: Sequence[Array | None] | Array,
    captions: Sequence[str] = (),
    *,
    columns: int,
    row_labels: Sequence[str] = (),
    limits: tuple[float, float] | None = None,
    colours: str = "gray",
    scale: bool = False,
    size: float = 1.1,
) -> Figure:
    """Small images in rows.

    Args:
        images: grey (height, width) or colour (height, width, 3) images; None leaves a place empty.
        captions: a short text above each image.
        columns: how many images in a row.
        row_labels: a text on the left of each row.
        limits: the values of black and white; None takes each image's own smallest and largest.
        colours: the colour map of grey images; "RdBu" for values around zero.
        scale: whether to draw a colour bar; it needs `limits`.
        size: the side of an image, in inches.
    """
    rows = -(-len(images) // columns)
    with rc_context(IMAGE_STYLE):
        figure = Figure(figsize=(max(5.0, columns * size + 0.8), rows * (size + 0.25) + 0.6))
        grid, (low, high) = figure.subplots(rows, columns, squeeze=False), limits or (None, None)
        for place, axes in enumerate(grid.flat):
            axes.set(xticks=[], yticks=[])
            if place >= len(images) or images[place] is None:
                axes.spines[:].set_visible(False)
            else:
                shown = axes.imshow(images[place], cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        for axes, caption in zip(grid.flat, captions, strict=False):
            axes.set_title(caption, fontsize=8)
        for axes, label in zip(grid[:, 0], row_labels, strict=False):
            axes.set_ylabel(label, fontsize=8)
        if scale:
            figure.colorbar(shown, ax=grid, shrink=0.8)
    return figure


def heatmap(axes: Axes, values: Array, *, xlabel: str, ylabel: str, digits: int = 0) -> None:
    """A matrix as shades of grey, with its numbers written in the cells."""
    axes.imshow(values, cmap="Greys", aspect="auto")
    axes.grid(visible=False)
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if value > middle else "black"
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=colour, fontsize=7)
    axes.set(xlabel=xlabel, ylabel=ylabel, xticks=range(values.shape[1]), yticks=range(values.shape[0]))
