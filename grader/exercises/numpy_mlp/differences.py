"""What is seen of `finite_difference`: what it returned, and what it left in the model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.network import Net, array_of, state_of


class Surface:
    """A model for `finite_difference`: its loss is cubic in the weights and may fail once."""

    def __init__(self, net: Net, fails_at: int) -> None:
        self.weights = [array.copy() for array in net["weights"]]
        self.biases = [array.copy() for array in net["biases"]]
        self.calls, self.fails_at = 0, fails_at

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        self.calls += 1
        if self.calls == self.fails_at:
            raise ArithmeticError("this loss can't be computed")
        scales = np.resize(np.concatenate([x.ravel(), 1.0 + y]), max(array.size for array in self.weights))
        return float(sum((scales[: array.size] * (array.ravel() ** 3 + array.ravel())).sum() for array in self.weights))


def differences_of(
    function: Callable[..., Any],
    net: Net,
    x: np.ndarray,
    y: np.ndarray,
    layer: int,
    indices: list[list[int]],
    epsilon: float,
    fails_at: int,
) -> dict[str, Any]:
    """The observation of the probe mlp_finite_difference."""
    surface, pairs = Surface(net, fails_at), [(i, j) for i, j in indices]
    raised, differences = "nothing", np.zeros(0)
    try:
        differences = array_of(function(surface, x, y, layer, pairs, epsilon), "What finite_difference returned")
    except ArithmeticError as error:
        raised = type(error).__name__
    as_it_was = [np.array_equal(*pair) for pair in zip(surface.weights, net["weights"], strict=True)]
    return {"differences": differences, "raised": raised, "as it was": as_it_was, **state_of(surface)}
