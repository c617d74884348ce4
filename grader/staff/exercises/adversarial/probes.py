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
def net_trained_on_digits(x: np.ndarray, y: np.ndarray, weights: Arrays, n_epochs: int) -> dict[str, Arrays]:
    """A fully connected net after training by Adam on images x (N, ...) and labels y (N,).

    Returns an ImageNetSpec: its "weights".
    """
    net = own.image_net(weights)
    instruments.train(net, x, y, torch.optim.Adam(net.parameters(), lr=0.003), n_epochs)
    return {"weights": instruments.arrays(net.parameters())}
