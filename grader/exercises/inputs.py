"""Inputs of checks, drawn from a check's generator: asymmetric and random, since constant ones hide every mistake.  NumPy only."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any, NotRequired, TypedDict

import numpy as np

FIRST_VALID_ID = 1000.0


class SmallNetSpec(TypedDict):
    """A SmallNet (grader/exercises/run_model/instruments.py) as plain data.

    `weights` are float32: the hidden layer's weight (width, features) and bias (width,), then the
    output layer's weight (classes, width) and bias (classes,).
    """

    weights: list[np.ndarray]
    batch_norm: NotRequired[bool]  # after the hidden layer
    dropout: NotRequired[float]  # the probability, after batch norm


def small_net(
    rng: np.random.Generator, features: int = 3, classes: int = 3, width: int = 6, **options: Any
) -> dict[str, Any]:
    """The weights of a small net with one hidden layer (instruments.SmallNet); options are its batch_norm and dropout."""
    shapes = [(width, features), (width,), (classes, width), (classes,)]
    return {"weights": [rng.uniform(-0.8, 0.8, shape).astype(np.float32) for shape in shapes], **options}


def blobs(
    rng: np.random.Generator,
    n: int,
    features: int = 3,
    classes: int = 3,
    spread: float = 1.0,
    first_id: float = 0.0,
    dtype: str = "float32",
    label_dtype: str = "int64",
    apart: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Examples x (n, 1 + features) around one centre a class, the centres at least `apart`, and labels y (n,).

    Column 0 is the example's id, drawn from the hundred numbers from `first_id` on; the small net takes it off.  For integer dtypes the
    values are tripled and rounded, so that they stay informative; for unsigned ones without their sign.
    """
    centres = rng.uniform(-2, 2, (classes, features))
    while min(np.linalg.norm(a - b) for a, b in combinations(centres, 2)) < apart:
        centres = rng.uniform(-2, 2, (classes, features))
    y = rng.permutation(np.arange(n) % classes)
    values = centres[y] + spread * rng.uniform(-1, 1, (n, features))
    if np.issubdtype(np.dtype(dtype), np.integer):
        values = np.round(3 * (np.abs(values) if np.issubdtype(np.dtype(dtype), np.unsignedinteger) else values))
    x = np.column_stack([first_id + rng.permutation(100)[:n], values])
    return x.astype(dtype), y.astype(label_dtype)


def task(
    rng: np.random.Generator, n: int, batch_size: int, net: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """The arguments that train_epoch and evaluate are asked with: a small net, three sets of `n` examples each, and a batch size."""
    sets = [blobs(rng, n, **options) for _ in range(3)]
    return {"net": small_net(rng) if net is None else net, "sets": sets, "batch_size": batch_size}


def mlp(rng: np.random.Generator, sizes: Sequence[int] = (5, 4, 3, 3), activation: str = "relu") -> dict[str, Any]:
    """The weights of a NumpyMLP, (in, out) and float64 as it holds them, and its biases."""
    weights = [rng.uniform(-1.2, 1.2, shape) for shape in pairwise(sizes)]
    biases = [rng.uniform(-0.5, 0.5, n) for n in sizes[1:]]
    return {"sizes": list(sizes), "activation": activation, "weights": weights, "biases": biases}


def examples(rng: np.random.Generator, n: int, sizes: Sequence[int] = (5, 4, 3, 3)) -> list[np.ndarray]:
    """Examples x (n, sizes[0]) and labels y (n,) for such a net: [x, y], of all classes where there are enough."""
    return [rng.normal(size=(n, sizes[0])), rng.permutation(np.arange(n) % sizes[-1])]


def images(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random images in [0, 1): no symmetry, no two pixels alike."""
    return rng.random(shape, dtype=np.float32)


def curve(start: float, *improvements: float) -> list[float]:
    """Validation losses from the first one and the improvement of each epoch on the one before.

    All are multiples of 2**-10 where the arguments are, so that float32 holds them and their means exactly.
    """
    return [float(value) for value in start - np.cumsum([0.0, *improvements])]
