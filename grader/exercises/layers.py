"""The layers that a network may consist of, as plain data. No torch here.

A chain lists what a forward pass does to the images, in order. A worker records it (recorder.py).
For src/design.py, the staff's own worker builds networks from it (design/chain_builder.py). Between
processes it travels as a list of dicts::

    [{"kind": "Flatten"}, {"kind": "Linear", "in_features": 784, "out_features": 100, "bias": True}]

A submission's worker may send anything, so `read_chain` checks every value before it is used.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args

Pair = tuple[int, int]  # along the height and along the width

MAX_LAYERS = 100
MAX_SIZE = 10**6  # the largest number that may describe a layer
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class ChainError(ValueError):
    """A value that is not a chain, or a network that can't be built; the text says why."""


@dataclass(frozen=True)
class Flatten:
    def is_valid(self) -> bool:
        return True


@dataclass(frozen=True)
class Linear:
    in_features: int
    out_features: int
    bias: bool

    def is_valid(self) -> bool:
        return are_sizes(self.in_features, self.out_features) and are_flags(self.bias)


@dataclass(frozen=True)
class ReLU:
    def is_valid(self) -> bool:
        return True


@dataclass(frozen=True)
class Softmax:
    dim: int

    def is_valid(self) -> bool:
        return type(self.dim) is int and 0 <= self.dim <= 3


@dataclass(frozen=True)
class Dropout:
    p: float

    def is_valid(self) -> bool:
        return is_share(self.p)


@dataclass(frozen=True)
class Conv2d:
    in_channels: int
    out_channels: int
    kernel_size: Pair
    stride: Pair
    padding: Pair | str  # "same", or zeros or other values on either side of each axis
    padding_mode: str
    dilation: Pair
    groups: int
    bias: bool

    def is_valid(self) -> bool:
        return (
            are_sizes(self.in_channels, self.out_channels, self.groups)
            and are_pairs_of_sizes(self.kernel_size, self.stride, self.dilation)
            and (self.padding == "same" or is_pair_of_counts(self.padding))
            and type(self.padding_mode) is str
            and self.padding_mode in PADDING_MODES
            and are_flags(self.bias)
        )


@dataclass(frozen=True)
class MaxPool2d:
    kernel_size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    ceil_mode: bool

    def is_valid(self) -> bool:
        return (
            are_pairs_of_sizes(self.kernel_size, self.stride, self.dilation)
            and is_pair_of_counts(self.padding)
            and are_flags(self.ceil_mode)
        )


@dataclass(frozen=True)
class BatchNorm2d:
    num_features: int
    eps: float
    momentum: float
    affine: bool
    track_running_stats: bool

    def is_valid(self) -> bool:
        return (
            are_sizes(self.num_features)
            and type(self.eps) is float
            and 0 < self.eps <= 1
            and is_share(self.momentum)
            and are_flags(self.affine, self.track_running_stats)
        )


@dataclass(frozen=True)
class Other:
    """Anything that is not a layer of this module, such as a sigmoid or an addition."""

    name: str

    def is_valid(self) -> bool:
        return type(self.name) is str and 0 < len(self.name) <= 60 and self.name.isprintable()


Layer = Flatten | Linear | ReLU | Softmax | Dropout | Conv2d | MaxPool2d | BatchNorm2d | Other
Chain = list[Layer]
KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Layer)}


def to_plain(chain: Iterable[Layer]) -> list[dict[str, Any]]:
    """A chain as it travels between processes."""
    return [{"kind": type(layer).__name__, **asdict(layer)} for layer in chain]


def read_chain(value: Any) -> Chain:
    """The chain that came from another process, with every field's type and range checked.

    Whether the layers fit together is not checked. Raises ChainError if `value` is anything else.
    """
    if type(value) is not list or not 1 <= len(value) <= MAX_LAYERS:
        raise ChainError(f"The forward should call from 1 to {MAX_LAYERS} layers.")
    return [read_layer(entry) for entry in value]


def read_layer(entry: Any) -> Layer:
    name = entry.get("kind") if type(entry) is dict else None
    kind = KINDS.get(name) if type(name) is str else None
    if kind is None or entry.keys() != {"kind", *(field.name for field in fields(kind))}:
        raise ChainError("One of the layers can't be built.")
    values = {key: tuple(value) if type(value) is list else value for key, value in entry.items()}
    del values["kind"]
    layer: Layer = kind(**values)
    if not layer.is_valid():
        raise ChainError("One of the layers can't be built.")
    return layer


# Strict, since the values may come from a hostile worker: True is not 1, and 10.0 is not 10


def are_sizes(*values: Any) -> bool:
    return all(type(value) is int and 1 <= value <= MAX_SIZE for value in values)


def are_flags(*values: Any) -> bool:
    return all(type(value) is bool for value in values)


def is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def are_pairs_of_sizes(*values: Any) -> bool:
    return all(type(value) is tuple and len(value) == 2 and are_sizes(*value) for value in values)


def is_pair_of_counts(value: Any) -> bool:
    """Whether this is a pair of whole numbers from 0 on."""
    return type(value) is tuple and len(value) == 2 and all(type(n) is int and 0 <= n <= MAX_SIZE for n in value)
