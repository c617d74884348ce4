"""Draws what networks say in the square of the pentagons."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data.pentagons import PENTAGONS, SIZE, label
from data.split import Array
from src.experiments import drawing

STEPS = 251  # grid points along each side; with 250 many would lie on the pentagons' sides
MARGIN = 60.0
ARROW = 45.0


def grid() -> Array:
    """Points of a grid over the square, row by row from the bottom; shape (STEPS * STEPS, 2)."""
    along = (np.arange(STEPS) + 0.5) * SIZE / STEPS
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def draw_network(network: Sequence[tuple[Array, Array]]) -> tuple[Figure, str, str]:
    """The lines of a network made by hand. Returns the figure, its title and its alt text."""
    figure, axes = drawing.panels(width=6.4, height=6.0)
    plot = axes[0, 0]
    points = grid()
    answers = thresholds(network, points)[:, 0]
    shade(plot, answers)
    outline(plot)
    weight, bias = network[0]
    for number, ((a, b), c) in enumerate(zip(weight, bias, strict=True), start=1):
        draw_line(plot, number, float(a), float(b), float(c))
    right = 100 * float((answers == label(points)).mean())
    title = f"The ten lines of the network made by hand; it is right on {right:.1f} % of {STEPS} x {STEPS} grid points"
    alt = (
        "The square with the outlines of both pentagons. Ten numbered lines, one for each unit of the first layer, each "
        "with an arrow to the side where its unit is 1. The area where the network says 1 is grey."
    )
    return figure, title, alt


def thresholds(network: Sequence[tuple[Array, Array]], points: Array) -> Array:
    """What a network of threshold units says for points (N, 2); shape (N, 1)."""
    values: Array = np.asarray(points, dtype=np.float64)
    for weight, bias in network:
        values = (values @ np.transpose(weight) + bias > 0).astype(np.float64)
    return values


def draw_line(plot: Axes, number: int, a: float, b: float, c: float) -> None:
    """The line a x + b y + c = 0, with an arrow to its positive side."""
    length = float(np.hypot(a, b))
    if length == 0:
        return  # a unit without weights has no line
    normal = np.array([a, b]) / length
    along = np.array([-normal[1], normal[0]])
    nearest = np.array([SIZE / 2, SIZE / 2]) - (a * SIZE / 2 + b * SIZE / 2 + c) / length * normal
    reach = np.linspace(-SIZE, SIZE, 2001)
    path = nearest + reach[:, None] * along
    visible = path[((path > -MARGIN) & (path < SIZE + MARGIN)).all(axis=1)]
    if not len(visible):
        return
    colour = drawing.COLOURS[number % len(drawing.COLOURS)]
    plot.plot(*visible[[0, -1]].T, color=colour, linewidth=1, linestyle="-")
    # at different places, so that neighbouring lines' numbers do not meet
    foot = visible[int(len(visible) * (0.12 + 0.05 * (number % 3)))]
    plot.annotate("", foot + ARROW * normal, foot, arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.5})
    x, y = foot - 0.5 * ARROW * normal
    plot.text(x, y, str(number), color=colour, fontsize=9, ha="center", va="center", weight="bold")


def draw_answers(answers: Mapping[str, Array]) -> Figure:
    """Where each network says 1, side by side; the keys are the panels' titles."""
    figure, axes = drawing.panels(columns=len(answers), width=4.4, height=4.2)
    for plot, (name, said) in zip(axes[0], answers.items(), strict=True):
        shade(plot, said)
        outline(plot)
        plot.set_title(name, fontsize=9)
    return figure


def draw_hidden(first: Array, second: Array) -> tuple[Figure, int]:
    """Lines on which first-layer units are one half, and the outputs of second-layer units.

    Args:
        first: the sums of the first layer's units at the points of `grid`, shape (N, units).
        second: the outputs of the second layer's units, from 0 to 1, shape (N, units).

    Returns:
        The figure, and how many first-layer units have a line in the square.
    """
    figure, axes = drawing.panels(columns=1 + second.shape[1], width=3.9, height=3.7)
    lines, *panels = axes[0]
    used = 0
    for number, sums in enumerate(first.T, start=1):
        if sums.min() < 0 < sums.max():
            used += 1
            contour = lines.contour(*_axes_of_grid(), _square(sums), levels=[0], colors=drawing.COLOURS[number % 7])
            lines.clabel(contour, fmt={0: str(number)}, fontsize=8)
    lines.set_title("first layer: units are 1/2 on these lines", fontsize=9)
    _frame(lines)
    for number, (plot, outputs) in enumerate(zip(panels, second.T, strict=True), start=1):
        shown = plot.imshow(_square(outputs), cmap="Greys", vmin=0, vmax=1, origin="lower", extent=(0, SIZE, 0, SIZE))
        plot.set_title(f"second layer: output of unit {number}", fontsize=9)
        _frame(plot)
    figure.colorbar(shown, ax=panels, shrink=0.8)
    for plot in axes[0]:
        outline(plot)
    return figure, used


def shade(plot: Axes, said: Array) -> None:
    """Fill the area where the answer is 1."""
    plot.imshow(_square(said), cmap="Greys", vmin=0, vmax=3, origin="lower", extent=(0, SIZE, 0, SIZE))
    _frame(plot)


def outline(plot: Axes) -> None:
    for polygon in PENTAGONS:
        plot.plot(*np.vstack([polygon, polygon[:1]]).T, color="black", linewidth=1.6, linestyle="-")


def _frame(plot: Axes) -> None:
    plot.grid(visible=False)
    plot.set(xlabel="x", ylabel="y", xlim=(-MARGIN, SIZE + MARGIN), ylim=(-MARGIN, SIZE + MARGIN), aspect="equal")


def _axes_of_grid() -> tuple[Array, Array]:
    along = (np.arange(STEPS) + 0.5) * SIZE / STEPS
    return along, along


def _square(values: Array) -> Array:
    return values.reshape(STEPS, STEPS)
