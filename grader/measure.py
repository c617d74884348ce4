"""Measures on trained weights, by the trusted side: NumPy only, since it never runs a submission's code nor imports torch."""

import numpy as np


def relu_network(weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Logits (N, classes) of a fully connected net with ReLU between: weights (out, in) and biases (out,) in turn.

    All NaN where the weights do not fit together: such a net predicts nothing.
    """
    hidden = np.asarray(x, np.float64)
    try:
        for i in range(0, len(weights), 2):
            hidden = np.maximum(hidden, 0) if i else hidden
            hidden = hidden @ weights[i].T + weights[i + 1]
    except (ValueError, IndexError, AttributeError):
        return np.full((len(x), 2), np.nan)
    return hidden


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """The mean cross-entropy of logits (N, classes) and labels (N,)."""
    if logits.ndim != 2 or logits.shape[1] <= y.max():
        return float("nan")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return float((log_sums - shifted[np.arange(len(y)), y.astype(int)]).mean())


def accuracy(logits: np.ndarray, y: np.ndarray) -> float:
    """The share of examples, in percent, whose largest logit is their label's; NaN logits predict nothing."""
    predicted = np.where(np.isnan(logits).any(axis=1), -1, logits.argmax(axis=1))
    return float(100 * (predicted == y).mean())
