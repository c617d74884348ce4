"""What is seen of `fit`: the losses that it returned, and what it changed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.network import state_of
from grader.exercises.returned import numbers
from grader.sandbox.probe import Submission


def fits_of(
    models: Sequence[Any], x: np.ndarray, y: np.ndarray, training: dict[str, Any], submission: Submission
) -> dict[str, Any]:
    """The losses, states and data in the observation of the probe mlp_fit."""
    losses, states, data = [], [], []
    for model in models:
        losses.append(numbers(model.fit(x, y, **training), "What fit returned", submission))
        states.append(state_of(model))
        data.append([x.copy(), y.copy()])
    return {"losses": losses, "states": states, "data": data if len(models) > 1 else []}
