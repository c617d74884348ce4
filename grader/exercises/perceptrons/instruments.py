"""Writes weights into perceptrons' networks and records what their layers get. Imports torch."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from grader.exercises.instruments import arrays, own_parameters, tensor, write_arrays
from grader.sandbox.probe import Arrays


def give_weights(layers: Iterable[nn.Module], weights: Arrays) -> None:
    """Write weights and biases, in turn, into layers whose parameters have these shapes.

    If a shape differs, nothing is written.
    """
    write_arrays(list(own_parameters(layers)), weights)


def input_of(layer: nn.Module, model: nn.Module, x: np.ndarray) -> np.ndarray:
    """What a layer of a model gets for a batch x."""
    seen: list[torch.Tensor] = []
    hook = layer.register_forward_pre_hook(
        lambda _, given, named: seen.extend([*given, *named.values()]), with_kwargs=True
    )
    with torch.no_grad():
        model(tensor(x))
    hook.remove()
    return arrays(seen[:1])[0]


@contextmanager
def without_torchs_pools(name: str) -> Iterator[None]:
    """Let torch's pools raise an error inside: `name` is to be written with NumPy.

    It tells a student what is asked; it is no wall.
    """

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"Write {name} with NumPy, without torch's layers and functions.")

    with ExitStack() as patches:
        for module in (F, torch):
            for function in [name for name in dir(module) if "_pool" in name]:
                patches.enter_context(patch.object(module, function, refuse))
        yield
