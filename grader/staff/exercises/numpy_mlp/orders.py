"""Finds the orders in which a softmax regression took its examples, by trying them all."""

from itertools import permutations
from typing import Any

import numpy as np

Order = tuple[tuple[int, ...], ...]  # the examples of each batch
Outcome = tuple[Any, Any, list[float], tuple[Order, Order]]  # weight, bias, the epochs' losses, the epochs' orders
NEAR = 1e-12


def orders_of(n: int, batch_size: int) -> list[Order]:
    """All ways to put n examples into batches; the last batch may be smaller."""
    starts = range(0, n, batch_size)
    return sorted({tuple(tuple(sorted(p[i : i + batch_size])) for i in starts) for p in permutations(range(n))})


def outcomes(net: dict[str, Any], x: np.ndarray, y: np.ndarray, batch_size: int, rate: float) -> list[Outcome]:
    """All that two epochs can make of the net's single layer.

    Each entry has the weight, the bias, the epochs' mean losses, and the orders that lead there.
    """
    found: list[Outcome] = []
    orders = orders_of(len(x), batch_size)
    for first in orders:
        weight, bias, loss = epoch(net["weights"][0], net["biases"][0], x, y, first, rate)
        for second in orders:
            last_weight, last_bias, next_loss = epoch(weight, bias, x, y, second, rate)
            found.append((last_weight, last_bias, [loss, next_loss], (first, second)))
    return found


def explaining(possible: list[Outcome], after: dict[str, Any]) -> list[tuple[list[float], tuple[Order, Order]]]:
    """The losses and orders of those outcomes that have the weights and biases that `fit` left."""
    return [
        (losses, orders)
        for weight, bias, losses, orders in possible
        if np.abs(weight - after["weights"][0]).max() < NEAR and np.abs(bias - after["biases"][0]).max() < NEAR
    ]


def epoch(
    weight: np.ndarray, bias: np.ndarray, x: np.ndarray, y: np.ndarray, order: Order, rate: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """The layer after a step for each batch, and the mean loss of the examples."""
    total = 0.0
    for batch in map(list, order):
        scores = np.exp(x[batch] @ weight + bias)
        shares = scores / scores.sum(axis=1, keepdims=True)
        total -= np.log(shares[range(len(batch)), y[batch]]).sum()
        error = (shares - np.eye(len(bias))[y[batch]]) / len(batch)
        weight, bias = weight - rate * x[batch].T @ error, bias - rate * error.sum(axis=0)
    return weight, bias, total / len(x)
