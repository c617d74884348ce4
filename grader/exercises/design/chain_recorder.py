"""Records the chain of layers that a network's forward performs, whatever it is written with.  Only probes import this module.

Layers are seen where torch's own functions are called (https://docs.pytorch.org/docs/stable/torch.overrides.html), so that modules,
nn.Sequential, loops and torch.nn.functional all give the same chain.  What the chain is and may hold is told in chain.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from grader.exercises.design.chain import Chain, Step

# Functions that give the same numbers in the same order, in another shape or none; where the dtype changes they count as what they are.
SAME_NUMBERS = {"view", "reshape", "flatten", "squeeze", "unsqueeze", "view_as", "reshape_as", "ravel", "unflatten"}
SAME_NUMBERS |= {"to", "float", "contiguous", "clone", "cpu", "type", "type_as"}
OUTSIDE = "something outside torch's functions"
STATE = ("weight", "bias", "running_mean", "running_var")  # as torch.nn's layers have them, in this order


@dataclass
class Operation:
    """One call of a torch function on numbers that came from the images."""

    step: Step
    inputs: list[torch.Tensor]
    outputs: list[torch.Tensor]
    state: dict[str, torch.Tensor] = field(default_factory=dict)
    drops: bool = False
    batch_statistics: bool = False


class Recorder(TorchFunctionMode):
    """While it is on, notes every function that is given a tensor which follows from the images."""

    def __init__(self, images: torch.Tensor) -> None:
        super().__init__()
        self.operations: list[Operation] = []
        self.known = {id(images): images}  # held, so that no other tensor gets the same id

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        inputs = [t for t in tensors_in([*args, *kwargs.values()]) if id(t) in self.known]
        before = [tuple(t.shape) for t in inputs]
        result = func(*args, **kwargs)
        if inputs:
            outputs = inputs[:1] if name_of(func) == "__setitem__" else tensors_in([result])
            self.known |= {id(t): t for t in outputs}
            if outputs:
                operation = read_call(func, args, kwargs, inputs, outputs)
                if operation.step["kind"] == "reshape":
                    operation.step |= {"from": before[0], "to": tuple(outputs[0].shape)}
                self.operations.append(operation)
        return result

    def way_to(self, logits: torch.Tensor) -> list[Operation]:
        """The operations that the logits came through, in order; before them one of OUTSIDE, where they don't come from the images."""
        wanted, way = {id(logits)}, []
        for operation in reversed(self.operations):
            if wanted & set(map(id, operation.outputs)):
                wanted |= set(map(id, operation.inputs))
                way.append(operation)
        if id(logits) not in self.known:
            way.append(Operation({"kind": "other", "name": OUTSIDE}, [], [logits]))
        return way[::-1]


def tensors_in(values: Iterable[Any]) -> list[torch.Tensor]:
    """The tensors among these values and in the lists and tuples among them."""
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += tensors_in(value)
    return found


def name_of(func: Any) -> str:
    """A function's name; of an attribute's getter the attribute's."""
    name = str(getattr(func, "__name__", func))
    return str(func.__self__.__name__) if name == "__get__" else name


# From a call to a layer


def read_call(
    func: Any, args: Any, kwargs: dict[str, Any], inputs: list[torch.Tensor], outputs: list[torch.Tensor]
) -> Operation:
    """One call as a layer, or as "other" where it is none."""
    name = name_of(func)
    operation = Operation({"kind": "other", "name": name[:60]}, inputs, outputs)
    reader = READERS.get(name)
    if len(inputs) == 1 and len(outputs) == 1 and outputs[0].dtype == inputs[0].dtype:
        if name in SAME_NUMBERS:
            operation.step = {"kind": "reshape"}
        elif reader is not None and (name != "batch_norm" or func is F.batch_norm):
            reader(operation, Arguments(args, kwargs))
    return operation


@dataclass
class Arguments:
    """What a function was called with, by place or by name."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def get(self, place: int, name: str, default: Any = None) -> Any:
        return self.args[place] if place < len(self.args) else self.kwargs.get(name, default)


def pair(value: Any) -> Any:
    """Two ints, of one or of a sequence of one or two; a string as it is."""
    if isinstance(value, str):
        return [0, 0] if value == "valid" else value
    sizes = [int(size) for size in value] if isinstance(value, (list, tuple)) else [int(value)]
    return sizes * 2 if len(sizes) == 1 else sizes


def keep(operation: Operation, *tensors: Any) -> None:
    """Keep what a layer computes with, by the names that torch.nn's layers have."""
    named = zip(STATE, tensors, strict=False)
    operation.state = {name: value.detach() for name, value in named if isinstance(value, torch.Tensor)}


def read_linear(operation: Operation, given: Arguments) -> None:
    weight, bias = given.get(1, "weight"), given.get(2, "bias")
    keep(operation, weight, bias)
    operation.step = {"kind": "Linear", "in": weight.shape[-1], "out": weight.shape[0], "bias": bias is not None}


def read_conv2d(operation: Operation, given: Arguments) -> None:
    weight, bias = given.get(1, "weight"), given.get(2, "bias")
    groups = int(given.get(6, "groups", 1))
    keep(operation, weight, bias)
    operation.step = {
        "kind": "Conv2d",
        "in": weight.shape[1] * groups,
        "out": weight.shape[0],
        "kernel": list(weight.shape[2:]),
        "stride": pair(given.get(3, "stride", 1)),
        "padding": pair(given.get(4, "padding", 0)),
        "padding_mode": "zeros",
        "dilation": pair(given.get(5, "dilation", 1)),
        "groups": groups,
        "bias": bias is not None,
    }


def read_pad(operation: Operation, given: Arguments) -> None:
    """Padding that a convolution may have done itself: as much on either side."""
    sizes, mode, value = given.get(1, "pad"), given.get(2, "mode", "constant"), given.get(3, "value")
    if len(sizes) == 4 and sizes[0] == sizes[1] and sizes[2] == sizes[3] and min(sizes) >= 0 and not value:
        padding = [int(sizes[2]), int(sizes[0])]
        operation.step |= {"padding": padding, "padding_mode": "zeros" if mode == "constant" else mode}


def read_max_pool2d(operation: Operation, given: Arguments) -> None:
    kernel, stride = given.get(1, "kernel_size"), given.get(2, "stride")
    operation.step = {
        "kind": "MaxPool2d",
        "kernel": pair(kernel),
        "stride": pair(kernel if stride is None or stride == [] else stride),
        "padding": pair(given.get(3, "padding", 0)),
        "dilation": pair(given.get(4, "dilation", 1)),
        "ceil_mode": bool(given.get(5, "ceil_mode", False)),
    }


def read_batch_norm(operation: Operation, given: Arguments) -> None:
    mean, variance = given.get(1, "running_mean"), given.get(2, "running_var")
    weight, bias = given.get(3, "weight"), given.get(4, "bias")
    keep(operation, weight, bias, mean, variance)
    operation.batch_statistics = bool(given.get(5, "training", False)) and mean is not None
    if operation.inputs[0].dim() != 4:
        operation.step["name"] = "BatchNorm1d"
        return
    operation.step = {
        "kind": "BatchNorm2d",
        "features": operation.inputs[0].shape[1],
        "eps": float(given.get(7, "eps", 1e-5)),
        "momentum": float(given.get(6, "momentum", 0.1)),
        "affine": weight is not None,
        "tracks": mean is not None,
    }


def read_dropout(operation: Operation, given: Arguments) -> None:
    """A dropout; one that is switched off passes everything on, as nothing does."""
    operation.drops = bool(given.get(2, "training", given.kwargs.get("train", True)))
    share = float(given.get(1, "p", 0.5))
    operation.step = {"kind": "Dropout", "p": share} if operation.drops else {"kind": "reshape"}  # to the same shape


def read_softmax(operation: Operation, given: Arguments) -> None:
    dims, dim = operation.inputs[0].dim(), given.get(1, "dim")
    operation.step = {"kind": "Softmax", "dim": int(dim) % dims if dim is not None else int(dims not in (0, 1, 3))}


def read_relu(operation: Operation, given: Arguments) -> None:
    operation.step = {"kind": "ReLU"}


def read_clamp(operation: Operation, given: Arguments) -> None:
    least, most = given.get(1, "min"), given.get(2, "max")
    if most is None and isinstance(least, (int, float)) and least == 0:
        operation.step = {"kind": "ReLU"}


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


# From operations to a chain


@dataclass
class Recording:
    """What a forward pass did: the chain, the tensors that each of its layers with weights computes with, and what it did as in training."""

    chain: Chain
    states: list[dict[str, torch.Tensor]]
    drops: bool
    batch_statistics: bool


def record(model: nn.Module, images: torch.Tensor, training: bool) -> Recording:
    """The chain that the model's forward performs on images (N, 1, 28, 28), in training or in evaluation mode."""
    recorder = Recorder(images)
    model.train(training)
    with torch.no_grad(), recorder:
        logits = model(images)
    way = recorder.way_to(logits) if isinstance(logits, torch.Tensor) else []
    states = [operation.state for operation in way if operation.state]
    return Recording(
        joined([dict(operation.step) for operation in way]),
        states,
        any(o.drops for o in way),
        any(o.batch_statistics for o in way),
    )


def joined(steps: list[Step]) -> Chain:
    """The steps with reshapes joined to flattenings, or left out where they change nothing, and padding joined to its convolution."""
    chain: Chain = []
    for step in steps:
        last = chain[-1] if chain else {"kind": ""}
        if step["kind"] == "reshape":
            reshape(chain, last, step)
        elif (
            step["kind"] == "Conv2d"
            and last.get("padding_mode")
            and last["kind"] == "other"
            and step["padding"] == [0, 0]
        ):
            chain[-1] = step | {"padding": last["padding"], "padding_mode": last["padding_mode"]}
        else:
            chain.append(step)
    return [settled(step) for step in chain if not is_idle(step)]


def reshape(chain: Chain, last: Step, step: Step) -> None:
    """Put a change of shape behind the chain, as one with that before it."""
    if last["kind"] == "reshape":
        last["to"] = step["to"]
    else:
        chain.append(step)


def is_idle(step: Step) -> bool:
    return bool(step["kind"] == "reshape" and step["from"] == step["to"])


def settled(step: Step) -> Step:
    """A step as it stands in a chain: a reshape is a flattening, or something else."""
    if step["kind"] == "other":
        return {"kind": "other", "name": step["name"]}
    if step["kind"] != "reshape":
        return step
    before, after = step["from"], step["to"]
    flat = len(after) == 2 and after[0] == before[0]
    return {"kind": "Flatten"} if flat else {"kind": "other", "name": f"a reshape to {tuple(after)}"}
