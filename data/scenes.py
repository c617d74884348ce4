"""Drawn scenes: the stand-in for colour photographs."""

import numpy as np

from data.split import Array


def draw_scenes(labels: Array, rng: np.random.Generator, side: int = 32) -> Array:
    """Draw a scene for each label.

    Args:
        labels: numbers of the classes in `data.cifar10.CLASSES`, int64 of shape (N,).
        rng: decides everything that is random.
        side: the height and width of the images in pixels.

    Returns:
        uint8 of shape (N, side, side, 3), channels last.
    """
    raise NotImplementedError
