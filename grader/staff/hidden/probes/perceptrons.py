"""The probe of perceptrons.py that trains."""

from typing import Any

import numpy as np

from grader.probe import Submission, probe
from grader.returned import trained


@probe("perceptrons", "PentagonMLP", also=("run_model",))
def train_pentagons(
    submission: Submission,
    hidden: list[int],
    x: np.ndarray,
    y: np.ndarray,
    few: np.ndarray,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The weights and biases, in turn, of a PentagonMLP that `run_model` trained, and of a few points the logits and what reaches its first layer."""
    from grader import instruments

    model = instruments.network(submission.get("perceptrons", "PentagonMLP"), {"hidden": tuple(hidden)})
    value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
    returned, losses, _ = trained(value, submission)
    layers = instruments.layers_in_call_order(returned.eval(), instruments.tensor(few))
    first = next(iter(layers), None)
    return {
        "weights": [part for layer in layers for part in instruments.arrays(layer.parameters(recurse=False))],
        "logits": instruments.arrays([instruments.output(returned, few, "PentagonMLP")])[0],
        "scaled": few if first is None else instruments.input_of(first, returned, few),
        "losses": losses["train"],
    }
