"""Measures on trained weights, by the trusted side: NumPy only.

Weights and logits come from a worker and may be anything.  If they are not a network, or not logits
for these examples, the measure is NaN.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

MAX_NUMBERS = 10**7  # in the weights, and in what a layer puts out for all examples; DigitClassifier has 10**5


def relu_network(weights: Any, x: np.ndarray) -> np.ndarray:
    """Logits (N, classes) of a fully connected net with ReLU between its layers, for x (N, in).

    Weights (out, in) and biases (out,) come in turn.  If they do not fit together, all logits are
    NaN.
    """
    return layered(weights, x, lambda hidden: np.maximum(hidden, 0))


def sigmoid_network(weights: Any, x: np.ndarray) -> np.ndarray:
    """The same with sigmoids between."""
    return layered(weights, x, lambda hidden: 1 / (1 + np.exp(-hidden)))


def threshold_network(weights: Any, x: np.ndarray) -> np.ndarray:
    """Outputs (N, units) of a net of threshold units, also in the last layer: 1 above 0, else 0."""
    sums = layered(weights, x, lambda hidden: (hidden > 0).astype(np.float64))
    return np.where(np.isnan(sums), np.nan, sums > 0)


def layered(weights: Any, x: np.ndarray, between: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The last layer's outputs of a fully connected net, with a function between layers.

    All NaN if the layers do not fit together.
    """
    if not is_network(weights, x):
        return np.full((len(x), 2), np.nan)
    hidden = x.astype(np.float64)
    with np.errstate(all="ignore"):
        for i in range(0, len(weights), 2):
            hidden = between(hidden) if i else hidden
            hidden = hidden @ weights[i].T.astype(np.float64) + weights[i + 1]
    return hidden


def is_network(weights: Any, x: np.ndarray) -> bool:
    """Whether the weights are arrays that fit together and fit x, and are small enough to use."""
    if not isinstance(weights, list) or not weights or not all(isinstance(array, np.ndarray) for array in weights):
        return False
    widths = [x.shape[1], *(len(bias) if bias.ndim else 0 for bias in weights[1::2])]
    shapes = [shape for i in range(1, len(widths)) for shape in ((widths[i], widths[i - 1]), (widths[i],))]
    too_large = sum(array.size for array in weights) > MAX_NUMBERS or max(widths) * len(x) > MAX_NUMBERS
    return [array.shape for array in weights] == shapes and not too_large


def cross_entropy(logits: Any, y: np.ndarray) -> float:
    """The mean cross-entropy of logits (N, classes) and labels (N,)."""
    if not are_logits(logits, y) or logits.shape[1] <= y.max():
        return float("nan")
    with np.errstate(all="ignore"):
        log_sums = np.logaddexp.reduce(logits.astype(np.float64), axis=1)
        return float((log_sums - logits[np.arange(len(y)), y.astype(int)]).mean())


def accuracy(logits: Any, y: np.ndarray) -> float:
    """The percentage of examples with the largest logit at their label. NaN predicts nothing."""
    if not are_logits(logits, y):
        return float("nan")
    predicted = np.where(np.isnan(logits).any(axis=1), -1, logits.argmax(axis=1))
    return float(100 * (predicted == y).mean())


def mean_squared_error(expected: np.ndarray, got: Any) -> float:
    """Over all entries of two arrays of one shape."""
    if not isinstance(got, np.ndarray) or got.shape != expected.shape:
        return float("nan")
    with np.errstate(all="ignore"):
        return float(np.mean((got.astype(np.float64) - expected) ** 2))


def way_between(start: Any, end: Any) -> float:
    """How far all numbers of two lists of layers' states lie apart, NaN if they do not fit."""
    one, other = ([array for state in states for array in state] for states in (start, end))
    if [np.shape(array) for array in one] != [np.shape(array) for array in other]:
        return float("nan")
    with np.errstate(all="ignore"):
        squares = [((a.astype(np.float64) - b) ** 2).sum() for a, b in zip(one, other, strict=True)]
    return float(np.sqrt(np.sum(squares)))


def noise_statistics(clean: np.ndarray, noisy: np.ndarray) -> dict[str, float]:
    """What random noise did to images (N, 1, H, W), in figures that depend little on chance.

    Those of independence are 1 if each pixel changed independently, and 0 if all images, all rows
    of an image or all its columns changed alike.  The last is 0 if the same number of pixels
    changed in each image, as independent pixels do not.  "peakedness" is the changes' fourth moment
    over their squared second moment.  NaN if there is nothing to measure.
    """
    with np.errstate(all="ignore"):
        change = noisy.astype(np.float64) - clean
        size = np.abs(change)
        figures = {
            "smallest value": noisy.min(),
            "largest value": noisy.max(),
            "share of -1": (noisy == -1).mean(),
            "share of 0": (noisy == 0).mean(),
            "share of 1": (noisy == 1).mean(),
            "share of pixels that changed": (change != 0).mean(),
            "share of pixels that grew": (change > 0).mean(),
            "root mean square of the changes": np.sqrt((change**2).mean()),
            "peakedness of the changes": (change**4).mean() / (change**2).mean() ** 2,
            "independence of images": unlikeness(size[1:], size[:-1]),
            "independence of rows": unlikeness(size[:, :, 1:], size[:, :, :-1]),
            "independence of columns": unlikeness(size[..., 1:], size[..., :-1]),
            "other numbers of changed pixels in other images": counts_vary(change != 0),
        }
    return {name: round(float(value), 5) for name, value in figures.items()}


def counts_vary(changed: np.ndarray) -> float:
    """1 if the counts in images (N, 1, H, W) vary half as much as by chance, or more; else 0."""
    share, n_pixels = changed.mean(), changed[0].size
    by_chance = np.sqrt(n_pixels * share * (1 - share))
    return float(by_chance > 0 and changed.sum(axis=(1, 2, 3)).std() > by_chance / 2)


def unlikeness(a: np.ndarray, b: np.ndarray) -> float:
    """One minus the correlation of two arrays of one shape."""
    return float(1 - np.corrcoef(a.ravel(), b.ravel())[0, 1])


def are_logits(logits: Any, y: np.ndarray) -> bool:
    """Whether this is a row of numbers for each example."""
    return (
        isinstance(logits, np.ndarray)
        and logits.dtype != bool
        and logits.ndim == 2
        and len(logits) == len(y)
        and logits.shape[1] > 0
    )
