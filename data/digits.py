"""The offline stand-in for MNIST: real handwritten digits that scikit-learn ships, enlarged to MNIST's size.

They are the 1,797 8x8 images of UCI's "Optical Recognition of Handwritten Digits" test set.  The first two thirds are
for training and the last third for testing, so no original serves both.  A request for more examples than there are
originals gives several versions of each: shifted, turned and scaled a little, each in its own way.
"""

from importlib.metadata import distribution
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

N_TRAIN = 1198  # of 1,797
SIZE = 28
CHUNK = 1000  # images at once: bounds the memory for the coordinates (about 3 MB an array)


def read_digits(train: bool) -> tuple[Array, Array]:
    """The originals for training or for testing: float32 (N, 8, 8) in [0, 1], and their labels, int64 (N,) in 0..9."""
    # the file that sklearn.datasets.load_digits reads: to import scikit-learn for it would cost most of a second
    file = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    rows = np.loadtxt(str(file), np.float32, delimiter=",")
    part = rows[:N_TRAIN] if train else rows[N_TRAIN:]  # 64 pixels and a label each
    return part[:, :64].reshape(-1, 8, 8) / 16, part[:, 64].astype(np.int64)


def enlarge(originals: Array, rng: np.random.Generator) -> Array:
    """Jittered 28x28 versions, float32 (N, 28, 28) in [0, 1], of originals (N, 8, 8) in [0, 1].

    A digit becomes 18 to 22 pixels high (MNIST: 20), is turned by up to 10 degrees and shifted by up to a pixel a way.
    So a two-layer network that learns from 1,600 images is right on 90 % of new ones (MNIST: 92 %).
    """
    n_chunks = -(-len(originals) // CHUNK)
    chunks = [_resample(chunk, rng) for chunk in np.array_split(originals, n_chunks)] if n_chunks else []
    return np.concatenate([np.empty((0, SIZE, SIZE), np.float32), *chunks])


def _resample(originals: Array, rng: np.random.Generator) -> Array:
    """Find where each pixel of the result lies in its original, and interpolate there."""
    y, x = _source_coordinates(len(originals), rng)
    padded = np.pad(originals, ((0, 0), (1, 1), (1, 1)))  # the ring of zeros is what lies outside
    side = padded.shape[1]
    y, x = (np.clip(axis + 1, 0, side - 1.001).astype(np.float32) for axis in (y, x))
    top, left = np.floor(y), np.floor(x)
    corner = np.arange(len(originals))[:, None, None] * side**2 + top.astype(np.intp) * side + left.astype(np.intp)
    flat, down, right = padded.ravel(), y - top, x - left
    upper = flat[corner] * (1 - right) + flat[corner + 1] * right
    lower = flat[corner + side] * (1 - right) + flat[corner + side + 1] * right
    image: Array = upper * (1 - down) + lower * down
    return image


def _source_coordinates(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    angle = np.deg2rad(rng.uniform(-10, 10, (n, 1, 1)))
    zoom = rng.uniform(18, 22, (n, 1, 1)) / 8
    shift_y, shift_x = rng.uniform(-1, 1, (2, n, 1, 1))
    centred = np.arange(SIZE) - (SIZE - 1) / 2
    y, x = centred[None, :, None] - shift_y, centred[None, None, :] - shift_x
    middle = (8 - 1) / 2
    return (np.cos(angle) * y - np.sin(angle) * x) / zoom + middle, (
        np.sin(angle) * y + np.cos(angle) * x
    ) / zoom + middle
