"""Probes of models.py that train networks, and predict with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.sandbox.probe import Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")

network_probe = probe("models", "{name}")
Arguments = dict[str, Any] | None


@network_probe
def fit_network(
    submission: Submission,
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    n_epochs: int,
    learning_rate: float,
    batch_size: int = 50,
    momentum: float = 0.0,
    arguments: Arguments = None,
) -> dict[str, Any]:
    """A network trained by SGD from weights drawn from `seed`, examples in order: mean loss an epoch, and layers' state after."""
    net = instruments.network(submission.get("models", name), arguments)
    layers = instruments.layers_in_call_order(net, instruments.tensor(x[:1]))
    instruments.write_weights(layers, seed=seed)
    optimizer = torch.optim.SGD(net.train().parameters(), lr=learning_rate, momentum=momentum)
    criterion = torch.nn.CrossEntropyLoss()
    losses = []
    for _ in range(n_epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            batch, labels = (instruments.tensor(a[start : start + batch_size]) for a in (x, y))
            loss = criterion(net(batch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        losses.append(total / len(x))
    return {"losses": losses, "state": instruments.states(layers)}


@network_probe
def predict(submission: Submission, name: str, x: np.ndarray, state: list[list[np.ndarray]]) -> np.ndarray:
    """The logits of a network whose layers, in call order, are given their state: asked of the reference only.

    All NaN, which predicts nothing, for a state that does not fit.
    """
    net = instruments.network(submission.get("models", name), None)
    logits = instruments.output_with_states(net, x, state)
    return np.full((len(x), 1), np.nan) if logits is None else logits
