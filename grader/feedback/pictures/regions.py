"""The regions of a plane that a network tells apart, and the points that it gets wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from grader.feedback.pictures.canvas import EXPECTED, FOUND, figure, numbers

MOST = 40_000  # cells of the grid
MOST_POINTS = 400


def draw_regions(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """Where a network says 1, with the true borders and the points that it puts on the wrong side.

    `said` (rows, columns) are its answers on a grid over the square from 0 to `size`, the first row
    at y = 0; `borders` are polygons (corners, 2), `wrong` points (N, 2), and `n_wrong` of
    `n_points` are wrong in all.
    """
    said, size = numbers(data["said"], MOST, axes=2), float(data["size"])
    wrong = np.asarray(data["wrong"], dtype=np.float64).reshape(-1, 2)[:MOST_POINTS]
    drawn = figure(4.6)
    axes = drawn.add_subplot()
    axes.imshow(
        np.where(said > 0.5, 1.0, 0.0),
        cmap="Greys",
        vmin=0,
        vmax=2.6,
        extent=(0, size, 0, size),
        origin="lower",
        interpolation="none",
    )
    for place, corners in enumerate(data["borders"]):
        closed = np.vstack([corners, corners[:1]])
        axes.plot(closed[:, 0], closed[:, 1], "-", color=EXPECTED, linewidth=2, label="border" if place == 0 else None)
    axes.plot(wrong[:, 0], wrong[:, 1], "x", color=FOUND, markersize=5, markeredgewidth=1.3, label="wrong points")
    axes.plot([], [], "s", color="#9a9a9a", markersize=9, label="inside, says your network")
    axes.set_xticks([0, size / 2, size])
    axes.set_yticks([0, size / 2, size])
    for spine in axes.spines.values():
        spine.set_visible(True)
    drawn.legend(loc="outside lower center", ncols=3, fontsize=9, handletextpad=0.4, columnspacing=1.2)
    share = 100 * float(np.mean(said > 0.5))
    alt = (
        f"A square with the true borders, and in grey the region that the network takes for the inside: {share:.0f} % of "
        f"the square. Crosses mark points that it puts on the wrong side: {data['n_wrong']} of {data['n_points']}"
    )
    if len(wrong):
        low, high = wrong.min(axis=0), wrong.max(axis=0)
        alt += f", between x = {low[0]:.0f} and {high[0]:.0f} and between y = {low[1]:.0f} and {high[1]:.0f}"
    return drawn, f"{alt}."
