"""A net of the staff's own, trained on digits, for adversarial_example to fool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.sandbox.probe import Arrays, lazy, staff_function

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.adversarial import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.adversarial.instruments")


@staff_function
def net_trained_on_digits(
    x: np.ndarray, y: np.ndarray, weights: Arrays, n_epochs: int, batch_size: int = 50
) -> dict[str, Arrays]:
    """The weights of a fully connected net after Adam's epochs over images x (N, ...) and labels y."""
    net = own.image_net(weights)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    criterion = torch.nn.CrossEntropyLoss()
    for _ in range(n_epochs):
        for start in range(0, len(x), batch_size):
            batch, labels = (instruments.tensor(a[start : start + batch_size]) for a in (x, y))
            optimizer.zero_grad()
            criterion(net(batch), labels).backward()
            optimizer.step()
    return {"weights": instruments.arrays(net.parameters())}
