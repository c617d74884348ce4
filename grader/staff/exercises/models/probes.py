"""Probes of models.py that train networks and predict with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np

from grader.sandbox.probe import Arrays, Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")

network_probe = probe("models", "{name}", labels={"state": "state of the layers"})


class Training(TypedDict):
    """How to train by SGD, in batches of 50."""

    n_epochs: int
    learning_rate: float
    momentum: NotRequired[float]  # default 0


@network_probe
def fit_network(
    submission: Submission,
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    training: Training,
    arguments: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A network, trained on images x (N, ...) and labels y (N,) from weights drawn from `seed`.

    The observation:
        losses: the mean loss of each epoch.
        state: for each layer, in call order, its parameters and buffers.
    """
    net = instruments.network(submission.get("models", name), dict(arguments or {}))
    net_layers = instruments.layers_in_call_order(net, instruments.tensor(x[:1]))
    instruments.write_weights(net_layers, seed)
    momentum = training.get("momentum", 0.0)
    optimizer = torch.optim.SGD(net.train().parameters(), lr=training["learning_rate"], momentum=momentum)
    losses = instruments.train(net, x, y, optimizer, training["n_epochs"])
    return {"losses": losses, "state": instruments.states(net_layers)}


@network_probe
def predict(submission: Submission, name: str, x: np.ndarray, state: list[Arrays]) -> np.ndarray:
    """The logits (N, classes) of a network whose layers, in call order, have this state.

    Only the reference is asked.  All NaN, which predicts nothing, if the state does not fit.
    """
    net = instruments.network(submission.get("models", name), None)
    logits = instruments.output_with_states(net, x, state)
    return np.full((len(x), 1), np.nan) if logits is None else logits
