"""Initial weights next to the distribution that they should come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from grader.feedback.pictures.canvas import EXPECTED, FOUND, figure, numbers
from grader.judging.picture import NotDrawn

MOST = 20_000
MOST_BINS = 30


@dataclass(frozen=True)
class Expected:
    """The distribution asked for: in words, its density at some places, and how far it reaches."""

    sentence: str
    xs: np.ndarray
    ys: np.ndarray
    reach: float


def draw_weights(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """A histogram of the weights `found`, an array or a list of one, and their expected density.

    That is uniform up to `bound`, or normal with the standard deviation `deviation`.
    """
    found = numbers(np.ravel(data["found"]), MOST)
    found = found[np.isfinite(found)]
    if not found.size:
        raise NotDrawn("There is no picture: none of the weights is a finite number.")
    expected = uniform(float(data["bound"])) if "bound" in data else normal(float(data["deviation"]))
    shown = np.clip(found, -4 * expected.reach, 4 * expected.reach)
    drawn = figure(2.6)
    axes = drawn.add_subplot()
    bins = min(MOST_BINS, max(8, int(len(found) ** 0.5)))
    heights, *_ = axes.hist(shown, bins, density=True, color=FOUND, alpha=0.55, edgecolor=FOUND, label="yours")
    axes.plot(expected.xs, expected.ys, color=EXPECTED, linewidth=2.5, label=f"expected: {expected.sentence}")
    highest = float(expected.ys.max())
    axes.set_ylim(0, min(1.1 * max(float(np.max(heights)), highest), 6 * highest))
    axes.set_xlabel(str(data["what"]))
    axes.set_ylabel("density")
    axes.set_yticks([])
    drawn.legend(loc="outside upper left", fontsize=9)
    alt = (
        f"Histogram of the {data['what']}. They should be {expected.sentence}. Yours reach from {found.min():.4g} to "
        f"{found.max():.4g}, with a mean of {found.mean():.4g} and a standard deviation of {found.std():.4g}."
    )
    return drawn, alt


def uniform(bound: float) -> Expected:
    xs, ys = np.array([-bound, -bound, bound, bound]), np.array([0, 1, 1, 0]) / (2 * bound)
    return Expected(f"uniform from {-bound:.4g} to {bound:.4g}", xs, ys, bound)


def normal(deviation: float) -> Expected:
    xs = np.linspace(-4 * deviation, 4 * deviation, 121)
    ys = np.exp(-0.5 * (xs / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))
    return Expected(f"normal with standard deviation {deviation:.4g}", xs, ys, 3 * deviation)
