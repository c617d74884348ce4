"""Looks into a network without changing it: what its linear layers get and give."""

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from torch import nn

from data.split import Array
from src.experiments.submission import ExperimentError


def outputs_of_linears(model: nn.Module, points: Array) -> list[Array]:
    """What each nn.Linear of a model gives for these inputs, in the order in which they run.

    Args:
        model: the network, on the CPU.
        points: its inputs, shape (N, ...).

    Returns:
        An array for each linear layer, shape (N, its width): the sums, before any activation.
    """
    outputs: list[Array] = []
    _watch_linears(model, points, lambda _inputs, output: outputs.append(output.numpy()))
    return outputs


def unscaled(model: nn.Module, points: Array) -> Array:
    """Points that the model's own scaling turns into the given ones.

    So the linear layers of a network that scales its inputs get the points as they are.

    Args:
        model: shifts and scales each coordinate before its first nn.Linear.
        points: coordinates, shape (N, 2).
    """
    seen: list[Array] = []
    corners = np.array([[0.0, 0.0], [1000.0, 1000.0]], dtype=np.float32)
    _watch_linears(model, corners, lambda inputs, _output: seen.append(inputs.numpy()))
    low, high = seen[0].astype(np.float64)
    wanted: Array = (points - low) / (high - low) * 1000
    return wanted


def sigmoid(sums: Array) -> Array:
    """1 / (1 + exp(-sums)), which does not overflow."""
    outputs: Array = (1 + np.tanh(sums / 2)) / 2
    return outputs


def _watch_linears(model: nn.Module, points: Array, watch: Any) -> None:
    """Run the model once; `watch` gets the input and the output of each linear layer."""
    handles = [
        layer.register_forward_hook(lambda _layer, inputs, output: watch(inputs[0].detach(), output.detach()))
        for layer in model.modules()
        if isinstance(layer, nn.Linear)
    ]
    try:
        with torch.no_grad():
            model(torch.as_tensor(points, dtype=torch.float32))
    finally:
        for handle in handles:
            handle.remove()


def outputs_of_first_convolution(model: nn.Module, images: Array) -> Array:
    """The feature maps of the convolution that gets the images, shape (N, channels, H, W)."""
    maps: list[Array] = []
    layer = first_convolution(model)
    handle = layer.register_forward_hook(lambda _layer, _inputs, output: maps.append(output.detach().cpu().numpy()))
    try:
        with torch.no_grad():
            model(torch.as_tensor(images, dtype=torch.float32, device=layer.weight.device))
    finally:
        handle.remove()
    return maps[0]


def with_front(autoencoder: Any, channels: int = 16) -> nn.Module:
    """An autoencoder whose encoder begins with one more convolution at full size.

    Args:
        autoencoder: has an `encoder` and a `decoder`, which become part of the result.
        channels: what the new convolution gives and the old first one gets.
    """
    old = first_convolution(autoencoder.encoder)
    old.in_channels = channels
    old.weight = nn.Parameter(torch.empty(old.out_channels, channels, *old.kernel_size))
    old.reset_parameters()
    larger = nn.Sequential(nn.Conv2d(1, channels, 3, padding="same"), nn.ReLU(), autoencoder.encoder)
    return nn.Sequential(OrderedDict(encoder=larger, decoder=autoencoder.decoder))


def first_convolution(model: nn.Module) -> nn.Conv2d:
    """The convolution that gets grey images. Raises ExperimentError if there is none."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d) and layer.in_channels == 1:
            return layer
    raise ExperimentError(
        "The encoder of your Autoencoder has no nn.Conv2d with one input channel: see src/autoencoder.py."
    )
