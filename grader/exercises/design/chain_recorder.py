"""Records the chain of layers that a network's forward performs. Only workers import it."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from grader.exercises.calls import name_of
from grader.exercises.layers import Chain
from grader.exercises.recorder import ForwardRecorder, joined


@dataclass
class Recording:
    """What a forward pass did.

    `states` holds, for each layer with weights, the tensors that it computes with. `drops` and
    `batch_statistics` say whether a dropout or a batch norm worked as in training mode.
    """

    chain: Chain
    states: list[dict[str, torch.Tensor]]
    drops: bool
    batch_statistics: bool


class WithoutChance(TorchFunctionMode):
    """While it is on, dropouts do nothing, and batch norms use their running statistics.

    A forward that drops in evaluation mode too then shows what its layers compute.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if "dropout" in name_of(func) and args:
            return args[0]
        if func is functional.batch_norm and args[1] is not None:
            kwargs["training"] = False
        return func(*args, **kwargs)


def record(model: nn.Module, images: torch.Tensor, training: bool) -> Recording:
    """The chain of the model's forward on images (N, 1, 28, 28), in training or evaluation mode."""
    recorder = ForwardRecorder(images)
    model.train(training)
    with torch.no_grad(), recorder:
        logits = model(images)
    path = recorder.path_to(logits) if isinstance(logits, torch.Tensor) else []
    return Recording(
        joined(operation.step for operation in path),
        [operation.state for operation in path if operation.state],
        any(operation.drops for operation in path),
        any(operation.batch_statistics for operation in path),
    )
