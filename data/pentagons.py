"""Points in a square, in two classes: inside one of two pentagons, or outside both."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Split = tuple[Array, Array, Array, Array]

SIZE = 1000.0
PENTAGONS: Array = np.array(
    [
        [(500, 1000), (300, 800), (400, 600), (600, 600), (700, 800)],
        [(500, 600), (100, 400), (300, 200), (700, 200), (900, 400)],
    ],
    dtype=np.float64,
)


def load_pentagon_data(n_points: int = 60_000, seed: int = 0) -> Split:
    """Points of the square [0, 1000] x [0, 1000]: (train_features, test_features, train_targets, test_targets).

    Features are float64 coordinates (x, y), drawn uniformly, shape (N, 2); targets are int64, shape (N,): 1 inside
    either of the two `PENTAGONS` (30 % of the square), 0 outside both.  Of the 60,000 points the first 50,000 are for
    training and the last 10,000 for testing; of another number the first five sixths, rounded down.

    The same `seed` gives the same points.  Raises ValueError if `n_points` is below 1.
    """
    if n_points < 1:
        raise ValueError(f"n_points is {n_points}. Ask for at least 1.")
    points = np.random.default_rng(seed).uniform(0, SIZE, (n_points, 2))
    targets = label(points)
    n_train = n_points * 5 // 6
    print(f"load_pentagon_data: {n_train} training and {n_points - n_train} test points")
    return points[:n_train], points[n_train:], targets[:n_train], targets[n_train:]


def label(points: Array, polygons: Array = PENTAGONS) -> Array:
    """The class of each point (N, 2), int64 (N,): 1 inside any of the polygons, 0 elsewhere."""
    inside: Array = np.any([is_inside(points, polygon) for polygon in polygons], axis=0)
    return inside.astype(np.int64)


def is_inside(points: Array, polygon: Array) -> Array:
    """Whether each point (N, 2) lies in a polygon, given by its corners in order, shape (K, 2); a bool array (N,).

    The even-odd rule: a ray from an inner point to the right meets the boundary an odd number of times (Haines, Point in
    Polygon Strategies, in Graphics Gems IV, 1994).  Points on the boundary itself may count as either.
    """
    x, y = points[:, 0], points[:, 1]
    odd = np.zeros(len(points), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:  # a ray never meets an edge parallel to it
            crossing = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            odd ^= ((y1 > y) != (y2 > y)) & (x < crossing)
    return odd
