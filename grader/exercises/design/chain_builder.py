"""Builds a network from its chain, as plain data (chain.py), with torch's own layers.  Only probes import this module."""

from collections.abc import Callable
from typing import Any

from torch import nn

from grader.exercises.design.chain import Chain, Step, read_chain, require_buildable


def build(value: Any) -> nn.Sequential:
    """The network of a chain, with the weights that torch's layers start with.  Raises ChainError where it can't be built."""
    chain: Chain = read_chain(value)
    require_buildable(chain)
    return nn.Sequential(*(LAYERS[step["kind"]](step) for step in chain))


def conv2d(step: Step) -> nn.Module:
    padding = step["padding"] if step["padding"] == "same" else tuple(step["padding"])
    return nn.Conv2d(
        step["in"],
        step["out"],
        kernel_size=tuple(step["kernel"]),
        stride=tuple(step["stride"]),
        padding=padding,
        dilation=tuple(step["dilation"]),
        groups=step["groups"],
        bias=step["bias"],
        padding_mode=step["padding_mode"],
    )


def max_pool2d(step: Step) -> nn.Module:
    kernel, stride, padding, dilation = (tuple(step[key]) for key in ("kernel", "stride", "padding", "dilation"))
    return nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=step["ceil_mode"])


def batch_norm2d(step: Step) -> nn.Module:
    momentum = float(step["momentum"])
    return nn.BatchNorm2d(step["features"], step["eps"], momentum, step["affine"], track_running_stats=step["tracks"])


LAYERS: dict[str, Callable[[Step], nn.Module]] = {
    "Flatten": lambda step: nn.Flatten(),
    "Linear": lambda step: nn.Linear(step["in"], step["out"], bias=step["bias"]),
    "ReLU": lambda step: nn.ReLU(),
    "Softmax": lambda step: nn.Softmax(dim=step["dim"]),
    "Dropout": lambda step: nn.Dropout(step["p"]),
    "Conv2d": conv2d,
    "MaxPool2d": max_pool2d,
    "BatchNorm2d": batch_norm2d,
}
