"""Inputs of checks, drawn from a check's generator.  NumPy only.

They are random and asymmetric: constant inputs hide mistakes.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any, NotRequired, TypedDict

import numpy as np

FIRST_VALID_ID = 1000.0
SCRIPTED_START, SCRIPTED_RATE = 64.0, 0.5  # of a ScriptedModel: its first training loss, and what a step takes off
N_FEATURES = N_CLASSES = 3  # of the examples for small nets
N_PARTS = 8  # modules of a small net, with itself


class SmallNetSpec(TypedDict):
    """A SmallNet (grader/exercises/run_model/instruments.py) as plain data.

    `weights` are float32: the hidden layer's weight (width, N_FEATURES) and bias (width,), then
    the output layer's weight (N_CLASSES, width) and bias (N_CLASSES,).
    """

    weights: list[np.ndarray]
    batch_norm: NotRequired[bool]  # after the hidden layer
    dropout: NotRequired[float]  # the probability, after batch norm
    convolutional: NotRequired[bool]  # the hidden layer is a 1x1 convolution of images of one pixel


class HandedOver(TypedDict):
    """The state in which a call of evaluate gets the small net."""

    modes: list[bool]  # of each submodule, the net itself first
    gradient_offset: float  # what the net adds to its features if gradients are recorded
    fails: bool  # whether the net raises ArithmeticError


def small_net(rng: np.random.Generator, width: int = 6, batch_norm: bool = False, dropout: float = 0.0) -> SmallNetSpec:
    """A small net with one hidden layer of this width."""
    shapes = [(width, N_FEATURES), (width,), (N_CLASSES, width), (N_CLASSES,)]
    weights = [rng.uniform(-0.8, 0.8, shape).astype(np.float32) for shape in shapes]
    return {"weights": weights, "batch_norm": batch_norm, "dropout": dropout}


def blobs(
    rng: np.random.Generator,
    n: int,
    spread: float = 1.0,
    first_id: float = 0.0,
    dtype: str = "float32",
    label_dtype: str = "int64",
    apart: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Examples x (n, 1 + N_FEATURES) and labels y (n,), around a centre for each class.

    Centres are at least `apart`; each feature lies within `spread` of the centre's.  Column 0 is
    the example's id, one of the hundred numbers from `first_id` on; a small net removes it.  For
    integer dtypes the values are tripled and rounded, so that they stay informative, and for
    unsigned ones they lose their sign.
    """
    centres = rng.uniform(-2, 2, (N_CLASSES, N_FEATURES))
    while min(np.linalg.norm(a - b) for a, b in combinations(centres, 2)) < apart:
        centres = rng.uniform(-2, 2, (N_CLASSES, N_FEATURES))
    y = rng.permutation(np.arange(n) % N_CLASSES)
    values = centres[y] + spread * rng.uniform(-1, 1, (n, N_FEATURES))
    if np.issubdtype(np.dtype(dtype), np.integer):
        values = np.round(3 * (np.abs(values) if np.issubdtype(np.dtype(dtype), np.unsignedinteger) else values))
    x = np.column_stack([first_id + rng.permutation(100)[:n], values])
    return x.astype(dtype), y.astype(label_dtype)


def task(
    rng: np.random.Generator, n: int, batch_size: int, net: SmallNetSpec | None = None, **options: Any
) -> dict[str, Any]:
    """The arguments of the probes of train_epoch and evaluate: net, sets and batch_size.

    There are three sets of `n` examples; options are those of `blobs`.
    """
    sets = [blobs(rng, n, **options) for _ in range(3)]
    return {"net": small_net(rng) if net is None else net, "sets": sets, "batch_size": batch_size}


def image_task(rng: np.random.Generator, n: int, batch_size: int) -> dict[str, Any]:
    """The arguments of `task` for images of one pixel, x (n, 1 + N_FEATURES, 1, 1).

    The net is convolutional: it raises an error for inputs that were flattened on the way.
    """
    arguments = task(rng, n, batch_size, net=small_net(rng) | {"convolutional": True})
    return arguments | {"sets": [(x[:, :, None, None], y) for x, y in arguments["sets"]]}


def mlp(rng: np.random.Generator, sizes: Sequence[int] = (5, 4, 3, 3), activation: str = "relu") -> dict[str, Any]:
    """A NumpyMLP as plain data: sizes, activation, float64 weights (in, out) and biases (out,)."""
    weights = [rng.uniform(-1.2, 1.2, shape) for shape in pairwise(sizes)]
    biases = [rng.uniform(-0.5, 0.5, n) for n in sizes[1:]]
    return {"sizes": list(sizes), "activation": activation, "weights": weights, "biases": biases}


def examples(rng: np.random.Generator, n: int, sizes: Sequence[int] = (5, 4, 3, 3)) -> list[np.ndarray]:
    """Examples x (n, sizes[0]) and labels y (n,) for such a net, as [x, y].

    All classes occur if `n` is at least their number.
    """
    return [rng.normal(size=(n, sizes[0])), rng.permutation(np.arange(n) % sizes[-1])]


def images(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random float32 images in [0, 1), without any symmetry."""
    return rng.random(shape, dtype=np.float32)


def curve(start: float, *improvements: float) -> list[float]:
    """Validation losses: the first one, then each epoch improves on the previous one.

    If all arguments are multiples of 2**-10, so are the losses: float32 holds them and their means
    exactly.
    """
    return [float(value) for value in start - np.cumsum([0.0, *improvements])]
