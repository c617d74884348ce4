"""Records what a network's forward does to its input, however it is written.

The recorder sees every call of torch's own functions
(https://docs.pytorch.org/docs/stable/torch.overrides.html), so that modules, nn.Sequential, loops
and torch.nn.functional all give the same operations. Only workers import this module.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from grader.exercises.calls import Arguments, Operation, Pad, Reshape, Step, name_of, read_call
from grader.exercises.layers import Chain, Conv2d, Flatten, Layer, Other

OUTSIDE = "something outside torch's functions"


class ForwardRecorder(TorchFunctionMode):
    """While it is on, it notes every function that gets a tensor that follows from the images.

    `failed` has the function, the arguments and the input of a call that raised an exception.
    """

    def __init__(self, images: torch.Tensor) -> None:
        super().__init__()
        self.operations: list[Operation] = []
        self.failed: tuple[Any, Arguments, list[torch.Tensor]] | None = None
        self.known = {id(images): images}  # keeps tensors alive, so that no other gets their ids

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        inputs = [t for t in tensors_in([*args, *kwargs.values()]) if id(t) in self.known]
        given = Arguments(args, kwargs, tuple(inputs[0].shape) if inputs else ())
        try:
            result = func(*args, **kwargs)
        except Exception:
            self.failed = (func, given, inputs[:1]) if inputs else None
            raise
        if inputs:
            outputs = tensors_in(args[:1] if name_of(func) == "__setitem__" else [result])
            self.known |= {id(t): t for t in outputs}
            if outputs:
                self.operations.append(read_call(func, given, inputs, outputs))
        return result

    def path_to(self, logits: torch.Tensor) -> list[Operation]:
        """The operations between the images and the logits, in order.

        If the logits do not come from the images, an operation called OUTSIDE stands first.
        """
        wanted, path = {id(logits)}, []
        for operation in reversed(self.operations):
            if wanted & set(map(id, operation.outputs)):
                wanted |= set(map(id, operation.inputs))
                path.append(operation)
        if id(logits) not in self.known:
            path.append(Operation(Other(OUTSIDE), [], [logits]))
        return path[::-1]


def tensors_in(values: Iterable[Any]) -> list[torch.Tensor]:
    """The tensors among these values and in the lists and tuples among them."""
    tensors: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            tensors.append(value)
        elif isinstance(value, (list, tuple)):
            tensors += tensors_in(value)
    return tensors


def joined(steps: Iterable[Step]) -> Chain:
    """The layers that these steps amount to.

    Reshapes in a row become one, which is a Flatten, an Other, or nothing at all if the shape stays
    the same. Padding becomes part of the convolution right after it, if that has none of its own.
    """
    merged: list[Step] = []
    for step in steps:
        match merged[-1:], step:
            case [Reshape() as last], Reshape():
                merged[-1] = Reshape(last.before, step.after)
            case [Pad() as last], Conv2d(padding=(0, 0)):
                merged[-1] = replace(step, padding=last.padding, padding_mode=last.mode)
            case _:
                merged.append(step)
    return [layer for step in merged for layer in layers_of(step)]


def layers_of(step: Step) -> list[Layer]:
    """One step as at most one layer."""
    match step:
        case Reshape(before, after) if before == after:
            return []
        case Reshape(before, after):
            keeps_examples = len(after) == 2 and after[0] == before[0]
            return [Flatten() if keeps_examples else Other(f"a reshape to {after}")]
        case Pad():
            return [Other("pad")]
    return [step]
