"""What the probes of models measure of a new network's weights.  It imports torch."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.exercises.instruments import arrays, evaluating, output, some_numbers, tensor

NOISE = 1e-4  # of logits that are equal, as a share of the largest


def some_weights(layer: nn.Module, seed: int, most: int = 200) -> np.ndarray:
    """Weights of a layer at places drawn from `seed`, as a vector: at most `most` of them."""
    return some_numbers(layer.get_parameter("weight"), seed, most)


def first_maps(model: nn.Module, layers: Iterable[nn.Module], x: np.ndarray, most: int) -> np.ndarray:
    """What the first convolution among the layers gives for the first image of x, as float16."""
    convolution = next((layer for layer in layers if isinstance(layer, nn.Conv2d)), None)
    maps: list[torch.Tensor] = []
    if convolution is not None:
        convolution.register_forward_hook(lambda module, given, result: maps.append(result[0, :most]))
    with torch.no_grad(), evaluating(model) as evaluated:
        evaluated(tensor(x))
    return arrays([map_.half() for map_ in maps[:1]])[0] if maps else np.zeros((0, 0, 0), np.float16)


def weight_statistics(layer: nn.Module) -> dict[str, Any]:
    """The size of a layer, its largest and root mean square weight, and its largest bias."""
    weight, bias = layer.weight.detach(), getattr(layer, "bias", None)  # type: ignore[operator]
    assert isinstance(weight, torch.Tensor)
    window = weight[0, 0].numel() if weight.dim() > 1 else 1
    return {
        "weights": weight.numel(),
        "fan_in": window * (weight.shape[1] if weight.dim() > 1 else 1),
        "fan_out": window * weight.shape[0],
        "largest": float(weight.abs().max()),
        "deviation": float(weight.square().mean().sqrt()),
        "largest bias": 0.0 if bias is None else float(bias.detach().abs().max()),
    }


def logits_vary(model: nn.Module, image: np.ndarray, name: str, copies: int) -> bool:
    """Whether chance plays a part in the logits: do those of copies of an image (1, ...) differ?

    In training mode this shows a dropout, however it is written.
    """
    with torch.no_grad():
        logits = output(model, np.repeat(image, copies, axis=0), name)
    spread = float((logits - logits[:1]).abs().max())
    return spread > NOISE * float(logits.abs().max())
