"""Repeats a submission's training from its own record of batches.  NumPy only, on the trusted side.

A record lives in the worker's memory, where a submission can write.  It is believed only if it
leads to the weights that came with it.
"""

from collections.abc import Iterable

import numpy as np

Arrays = list[np.ndarray]


def trained_by_sgd(weights: Arrays, batches: Iterable[tuple[np.ndarray, np.ndarray]], learning_rate: float) -> Arrays:
    """The weights of a net with one hidden layer of ReLUs, after a step of SGD for each batch.

    Weights (out, in) and biases (out,) come in turn.  A batch has examples (n, in) and labels (n,);
    its loss is their mean cross-entropy.
    """
    first, first_bias, last, last_bias = (array.astype(np.float64) for array in weights)
    for x, y in batches:
        sums = x @ first.T + first_bias
        hidden = np.maximum(sums, 0)
        logits = hidden @ last.T + last_bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (shares / shares.sum(axis=1, keepdims=True) - np.eye(len(last))[y]) / len(y)
        hidden_error = (error @ last) * (sums > 0)
        last, last_bias = last - learning_rate * error.T @ hidden, last_bias - learning_rate * error.sum(axis=0)
        first = first - learning_rate * hidden_error.T @ x
        first_bias = first_bias - learning_rate * hidden_error.sum(axis=0)
    return [first, first_bias, last, last_bias]
