"""Reads what layer a call of one of torch's functions is. Only workers import this module."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from grader.exercises.layers import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Layer,
    Linear,
    MaxPool2d,
    Other,
    ReLU,
    Softmax,
)

Shape = tuple[int, ...]

# Functions that keep the numbers and their order. If they change the dtype, they count as Other.
SAME_NUMBERS = {"view", "reshape", "flatten", "squeeze", "unsqueeze", "view_as", "reshape_as", "ravel", "unflatten"}
SAME_NUMBERS |= {"to", "float", "contiguous", "clone", "cpu", "type", "type_as"}
STATE = ("weight", "bias", "running_mean", "running_var")  # as in torch.nn's layers


@dataclass(frozen=True)
class Reshape:
    """A change of shape alone. In a chain it becomes a Flatten or an Other, or it is left out."""

    before: Shape
    after: Shape


@dataclass(frozen=True)
class Pad:
    """Padding that the convolution after it could have done itself."""

    padding: tuple[int, int]
    mode: str


Step = Layer | Reshape | Pad


@dataclass
class Arguments:
    """The arguments of a call, by place or by name, and the shape that its input had before."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    shape: Shape = ()

    def get(self, place: int, name: str, default: Any = None) -> Any:
        return self.args[place] if place < len(self.args) else self.kwargs.get(name, default)


@dataclass
class Operation:
    """One call of a torch function on numbers that follow from the images.

    `name` and `given` are the function's name and arguments. `state` holds the tensors that the
    layer computes with, by the names that torch.nn's layers have. `drops` and `batch_statistics`
    say whether it worked as in training mode.
    """

    step: Step
    inputs: list[torch.Tensor]
    outputs: list[torch.Tensor]
    name: str = ""
    given: Arguments = field(default_factory=Arguments)
    state: dict[str, torch.Tensor] = field(default_factory=dict)
    drops: bool = False
    batch_statistics: bool = False


def read_call(func: Any, arguments: Arguments, inputs: list[torch.Tensor], outputs: list[torch.Tensor]) -> Operation:
    """The call as an operation: Other unless one input gives one output of the same dtype."""
    name = name_of(func)
    operation = Operation(Other(name[:60]), inputs, outputs, name, arguments)
    reader = READERS.get(name)
    if len(inputs) == 1 and len(outputs) == 1 and outputs[0].dtype == inputs[0].dtype:
        if name in SAME_NUMBERS:
            operation.step = Reshape(arguments.shape, tuple(outputs[0].shape))
        elif reader is not None and (name != "batch_norm" or func is F.batch_norm):
            reader(operation, arguments)
    return operation


def name_of(func: Any) -> str:
    """The name of a function, or of the attribute whose getter it is."""
    name = str(getattr(func, "__name__", func))
    return str(func.__self__.__name__) if name == "__get__" else name


def pair(value: Any) -> Any:
    """A pair of ints from an int or a sequence of one or two; "same" stays as it is."""
    if isinstance(value, str):
        return (0, 0) if value == "valid" else value
    sizes = tuple(int(size) for size in value) if isinstance(value, (list, tuple)) else (int(value),)
    return sizes * 2 if len(sizes) == 1 else sizes


def keep(operation: Operation, *tensors: Any) -> None:
    """Keep the tensors that a layer computes with, given in the order of STATE."""
    named = zip(STATE, tensors, strict=False)
    operation.state = {name: value.detach() for name, value in named if isinstance(value, torch.Tensor)}


def read_linear(operation: Operation, given: Arguments) -> None:
    weight, bias = given.get(1, "weight"), given.get(2, "bias")
    keep(operation, weight, bias)
    operation.step = Linear(weight.shape[-1], weight.shape[0], bias is not None)


def read_conv2d(operation: Operation, given: Arguments) -> None:
    weight, bias = given.get(1, "weight"), given.get(2, "bias")
    groups = int(given.get(6, "groups", 1))
    keep(operation, weight, bias)
    operation.step = Conv2d(
        in_channels=weight.shape[1] * groups,
        out_channels=weight.shape[0],
        kernel_size=tuple(weight.shape[2:]),
        stride=pair(given.get(3, "stride", 1)),
        padding=pair(given.get(4, "padding", 0)),
        padding_mode="zeros",
        dilation=pair(given.get(5, "dilation", 1)),
        groups=groups,
        bias=bias is not None,
    )


def read_pad(operation: Operation, given: Arguments) -> None:
    """Only padding by the same amount on opposite sides is something that a convolution can do."""
    sizes, mode, value = given.get(1, "pad"), given.get(2, "mode", "constant"), given.get(3, "value")
    if len(sizes) == 4 and sizes[0] == sizes[1] and sizes[2] == sizes[3] and min(sizes) >= 0 and not value:
        padding = (int(sizes[2]), int(sizes[0]))
        operation.step = Pad(padding, "zeros" if mode == "constant" else mode)


def read_max_pool2d(operation: Operation, given: Arguments) -> None:
    kernel, stride = given.get(1, "kernel_size"), given.get(2, "stride")
    operation.step = MaxPool2d(
        kernel_size=pair(kernel),
        stride=pair(kernel if stride is None or stride == [] else stride),
        padding=pair(given.get(3, "padding", 0)),
        dilation=pair(given.get(4, "dilation", 1)),
        ceil_mode=bool(given.get(5, "ceil_mode", False)),
    )


def read_batch_norm(operation: Operation, given: Arguments) -> None:
    mean, variance = given.get(1, "running_mean"), given.get(2, "running_var")
    weight, bias = given.get(3, "weight"), given.get(4, "bias")
    keep(operation, weight, bias, mean, variance)
    operation.batch_statistics = bool(given.get(5, "training", False)) and mean is not None
    if operation.inputs[0].dim() != 4:
        operation.step = Other("BatchNorm1d")
        return
    operation.step = BatchNorm2d(
        num_features=operation.inputs[0].shape[1],
        eps=float(given.get(7, "eps", 1e-5)),
        momentum=float(given.get(6, "momentum", 0.1)),
        affine=weight is not None,
        track_running_stats=mean is not None,
    )


def read_dropout(operation: Operation, given: Arguments) -> None:
    """A dropout that is switched off does nothing, so it counts as a reshape to the same shape."""
    operation.drops = bool(given.get(2, "training", given.kwargs.get("train", True)))
    share = float(given.get(1, "p", 0.5))
    operation.step = Dropout(share) if operation.drops else Reshape(given.shape, given.shape)


def read_softmax(operation: Operation, given: Arguments) -> None:
    dims, dim = operation.inputs[0].dim(), given.get(1, "dim")
    operation.step = Softmax(int(dim) % dims if dim is not None else int(dims not in (0, 1, 3)))


def read_relu(operation: Operation, given: Arguments) -> None:
    operation.step = ReLU()


def read_clamp(operation: Operation, given: Arguments) -> None:
    least, most = given.get(1, "min"), given.get(2, "max")
    if most is None and isinstance(least, (int, float)) and least == 0:
        operation.step = ReLU()


Reader = Callable[[Operation, Arguments], None]
READERS: dict[str, Reader] = {
    "linear": read_linear,
    "conv2d": read_conv2d,
    "pad": read_pad,
    "max_pool2d": read_max_pool2d,
    "batch_norm": read_batch_norm,
    **dict.fromkeys(("dropout", "dropout_"), read_dropout),
    **dict.fromkeys(("relu", "relu_"), read_relu),
    **dict.fromkeys(("clamp", "clamp_", "clip", "clip_", "clamp_min", "clamp_min_"), read_clamp),
    "softmax": read_softmax,
}
