"""Points in a square, in two classes: inside one of two pentagons, or outside both."""

import numpy as np

from data.split import Array, Split

SIZE = 1000.0
PENTAGONS: Array = np.array(
    [
        [(500, 1000), (300, 800), (400, 600), (600, 600), (700, 800)],
        [(500, 600), (100, 400), (300, 200), (700, 200), (900, 400)],
    ],
    dtype=np.float64,
)


def load_pentagon_data(n_points: int = 60_000, seed: int = 0) -> Split:
    """Draw points from the square [0, 1000] x [0, 1000].

    Args:
        n_points: how many points, training and test together; at least 1. The first five sixths,
            rounded down, are for training: 50,000 of the 60,000.
        seed: decides which points are drawn. The same seed gives the same points.

    Returns:
        (train_features, test_features, train_targets, test_targets). Features are the coordinates
        (x, y), float64 of shape (N, 2), drawn uniformly. Targets are int64 of shape (N,): 1 inside
        one of the two `PENTAGONS` (30 % of the square), 0 outside both.

    Raises:
        ValueError: if `n_points` is below 1.
    """
    if n_points < 1:
        raise ValueError(f"n_points is {n_points}. Ask for at least 1.")
    points = np.random.default_rng(seed).uniform(0, SIZE, (n_points, 2))
    targets = label(points)
    n_train = n_points * 5 // 6
    print(f"load_pentagon_data: {n_train} training and {n_points - n_train} test points")
    return Split(points[:n_train], points[n_train:], targets[:n_train], targets[n_train:])


def label(points: Array, polygons: Array = PENTAGONS) -> Array:
    """Tell the class of each point.

    Args:
        points: shape (N, 2).
        polygons: the corners of each polygon in order, shape (P, K, 2).

    Returns:
        int64 of shape (N,): 1 inside any of the polygons, 0 elsewhere.
    """
    inside: Array = np.any([is_inside(points, polygon) for polygon in polygons], axis=0)
    return inside.astype(np.int64)


def is_inside(points: Array, polygon: Array) -> Array:
    """Tell whether each point lies in a polygon.

    This is the even-odd rule: a ray from a point inside to the right meets the boundary an odd
    number of times (Haines, Point in Polygon Strategies, in Graphics Gems IV, 1994). A point on the
    boundary itself may count as either.

    Args:
        points: shape (N, 2).
        polygon: the corners in order, shape (K, 2).

    Returns:
        bool of shape (N,).
    """
    x, y = points[:, 0], points[:, 1]
    odd = np.zeros(len(points), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:  # a ray does not meet an edge that is parallel to it
            crossing = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            odd ^= ((y1 > y) != (y2 > y)) & (x < crossing)
    return odd
