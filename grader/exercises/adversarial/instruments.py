"""The net that adversarial_example attacks.  It imports torch."""

from typing import Any

import torch
from torch import nn

from grader.exercises.instruments import tensor
from grader.sandbox.probe import Arrays


def image_net(
    weights: Arrays, norm: Arrays | None = None, dropout: float = 0.0, dtype: str = "float32"
) -> nn.Sequential:
    """A net with given weights for images of any shape: see ImageNetSpec in probes.py."""
    parts: list[nn.Module] = []
    for place in range(0, len(weights), 2):
        parts += [nn.Sequential(*between(norm, dropout))] if parts else []
        parts += layer_of(tensor(weights[place]), tensor(weights[place + 1]))
    return nn.Sequential(*parts).to(getattr(torch, dtype))


def between(norm: Arrays | None, dropout: float) -> list[nn.Module]:
    """The modules between two layers; in the net they are inside a module of their own."""
    if norm is None:
        return [nn.Dropout(dropout), nn.ReLU()]
    batch_norm = nn.BatchNorm1d(len(norm[0]))
    names = ("weight", "bias", "running_mean", "running_var")
    batch_norm.load_state_dict(dict(zip(names, map(tensor, norm), strict=True)), strict=False)
    return [batch_norm, nn.Dropout(dropout), nn.ReLU()]


def layer_of(weight: torch.Tensor, bias: torch.Tensor) -> list[nn.Module]:
    """A layer with this weight and bias; before a linear one, a module that flattens its inputs."""
    layer: nn.Conv2d | nn.Linear
    if weight.dim() == 4:
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], (weight.shape[2], weight.shape[3]), stride=3)
    else:
        layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return [layer] if isinstance(layer, nn.Conv2d) else [nn.Flatten(), layer]


def show_modes(model: nn.Module) -> None:
    """Make each part of a net compute something else in training mode, the same on every machine.

    Then the net's outputs and gradients show the mode of every part, even of one without a mode of
    its own.  Evaluation mode is as it was, and a dropout drops nothing.
    """
    for part in model.modules():
        part.register_forward_hook(shifted_in_training)


def shifted_in_training(part: nn.Module, inputs: tuple[torch.Tensor], outputs: torch.Tensor) -> torch.Tensor:
    if not part.training:
        return outputs
    kept = inputs[0] if isinstance(part, nn.Dropout) else outputs
    return kept + torch.linspace(-1, 1, kept.numel(), dtype=kept.dtype).reshape(kept.shape)


def fail_with(model: nn.Module, failures: list[str]) -> None:
    """Make a net raise ArithmeticError with the first of these words, as long as there are any."""

    def fail(*_: Any) -> None:
        if failures:
            raise ArithmeticError(failures[0])

    model.register_forward_pre_hook(fail)
