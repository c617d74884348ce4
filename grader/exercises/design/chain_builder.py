"""Builds a network from its chain with torch's own layers. Only workers import this module."""

from typing import Any

from torch import nn

from grader.exercises.design.chain import require_buildable
from grader.exercises.layers import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Other,
    ReLU,
    Softmax,
    read_chain,
)


def build(value: Any) -> nn.Sequential:
    """The network of a chain in its plain form, with the weights that torch's layers start with.

    Raises ChainError if it can't be built.
    """
    chain = read_chain(value)
    require_buildable(chain)
    return nn.Sequential(*map(module_of, chain))


def module_of(layer: Layer) -> nn.Module:
    match layer:
        case Flatten():
            return nn.Flatten()
        case Linear(n_in, n_out, bias):
            return nn.Linear(n_in, n_out, bias)
        case ReLU():
            return nn.ReLU()
        case Softmax(dim):
            return nn.Softmax(dim)
        case Dropout(p):
            return nn.Dropout(p)
        case Conv2d():
            return nn.Conv2d(**vars(layer))
        case MaxPool2d():
            return nn.MaxPool2d(**vars(layer))
        case BatchNorm2d():
            return nn.BatchNorm2d(**vars(layer))
        case Other():
            raise AssertionError(f"require_buildable refuses {layer.name}")
