"""What probes of several exercises use in a worker: tensors, networks, their layers and weights.

It imports torch, so only probes and exercises' own instruments import it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from grader.exercises.returned import kind_of
from grader.sandbox.probe import Arrays, Unusable

LAYER_KINDS = (nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.BatchNorm1d, nn.ConvTranspose2d)


# Arrays, tensors and data sets


def tensor(array: np.ndarray) -> torch.Tensor:
    """An array as a tensor.  Floats become float32, which networks take."""
    converted = torch.from_numpy(np.ascontiguousarray(array))
    return converted.float() if converted.is_floating_point() else converted


def arrays(tensors: Iterable[torch.Tensor]) -> Arrays:
    """Copies of tensors as NumPy arrays."""
    return [t.detach().cpu().numpy().copy() for t in tensors]


def some_numbers(value: torch.Tensor, seed: int, most: int) -> np.ndarray:
    """Entries of a tensor at places drawn from `seed`, as a vector: at most `most` of them."""
    entries = arrays([value])[0].flatten()
    return np.random.default_rng(seed).choice(entries, min(most, len(entries)), replace=False)


def dataset(x: np.ndarray, y: np.ndarray) -> Dataset[Any]:
    """The course's data set over two arrays."""
    from data.my_dataset import MyDataset  # of the staged folder, which the server does not have

    return MyDataset(x, y)


# What the kit's own models remember


class Log(list[Any]):
    """A list that copies of a model share, because a submission may evaluate a copy."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        return self


@dataclass
class Pass:
    """One forward pass: its modes and the ids of its examples (their first number)."""

    training: bool
    gradients: bool
    ids: np.ndarray
    autocast: bool = False


# Networks


def network(constructor: Any, arguments: dict[str, Any] | None) -> nn.Module:
    """Construct a network.  Raises Unusable if the result is not a torch.nn.Module.

    The wire turns tuples into lists.  Pairs in `kernel_size` and `stride` become tuples again.  Of
    these two the one that is given first stays a list, the second becomes a tuple.
    """
    given = dict(arguments or {})
    for place, name in enumerate(name for name in given if name in ("kernel_size", "stride")):
        sizes = [tuple(size) if isinstance(size, list) else size for size in given[name]]
        given[name] = tuple(sizes) if place else sizes
    model = constructor(**given)
    if not isinstance(model, nn.Module):
        raise Unusable(f"A network should be a torch.nn.Module; it is {kind_of(model)}.")
    return model


def parameter_count(model: nn.Module) -> int:
    """How many numbers a model learns, even if it has its own method `parameters`."""
    return sum(parameter.numel() for parameter in nn.Module.parameters(model))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Put a model in evaluation mode, and at the end give each submodule its own mode back.

    Gives what the model's `eval` returns, which should be the model.
    """
    was_training = [(part, part.training) for part in model.modules()]
    try:
        yield model.eval()
    finally:
        for part, mode in was_training:
            part.training = mode


def output(model: nn.Module, x: np.ndarray, name: str, axes: str = "classes") -> torch.Tensor:
    """A network's output for a batch x: a tensor of shape (len(x), *axes).

    `name` is the network's for students, and `axes` names the axes after the first.  Raises
    Unusable if the output is not a tensor, or has another rank or length.
    """
    result = model(tensor(x))
    rank = 1 + len(axes.split(", "))
    if not isinstance(result, torch.Tensor) or result.dim() != rank or len(result) != len(x):
        expected = f"a tensor of shape ({len(x)}, {axes}) for {len(x)} examples"
        raise Unusable(f"{name}'s forward should return {expected}; it returned {kind_of(result)}.")
    return result


def train(
    net: nn.Module, x: np.ndarray, y: np.ndarray, optimizer: torch.optim.Optimizer, n_epochs: int, batch_size: int = 50
) -> list[float]:
    """Train a classifier on batches in order, by cross-entropy: the mean loss of each epoch.

    torch.autograd.backward is used because a submission's logits may have their own `backward`.
    """
    losses = []
    for _epoch in range(n_epochs):
        total = 0.0
        for start in range(0, len(y), batch_size):
            batch, labels = (tensor(array[start : start + batch_size]) for array in (x, y))
            mean_loss = nn.functional.cross_entropy(net(batch), labels)
            optimizer.zero_grad()
            torch.autograd.backward(mean_loss)
            optimizer.step()
            total += len(labels) * mean_loss.item()
        losses.append(total / len(y))
    return losses


# Layers


def layers_in_call_order(model: nn.Module, x: torch.Tensor) -> dict[nn.Module, torch.Size]:
    """The modules that have parameters of their own, in the order in which a forward calls them.

    Each is given with its output's shape.  The forward, for a batch x, also gives lazy layers
    their shapes.
    """
    called: dict[nn.Module, torch.Size] = {}

    def note(module: nn.Module, inputs: Any, result: Any) -> None:
        if any(True for _ in module.parameters(recurse=False)):
            called.setdefault(module, getattr(result, "shape", torch.Size()))

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    with torch.no_grad(), evaluating(model) as evaluated:
        evaluated(x)
    for hook in hooks:
        hook.remove()
    return called


def describe(layer: nn.Module, output: torch.Size) -> str:
    """A layer in words: its kind, the shapes of its parameters, and the size of its feature maps.

    For example "Conv2d: weight 16x3x5x5, bias 16, maps 60x60".
    """
    kind = next((kind.__name__ for kind in LAYER_KINDS if isinstance(layer, kind)), type(layer).__name__)
    shapes = {name: tuple(parameter.shape) for name, parameter in layer.named_parameters(recurse=False)}
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        shapes["maps"] = tuple(output[-2:])
    parts = [f"{name} {'x'.join(map(str, shape))}" for name, shape in shapes.items()]
    return f"{kind}: {', '.join(parts)}"


def own_parameters(layers: Iterable[nn.Module]) -> list[nn.Parameter]:
    """The parameters that these layers hold themselves, in order."""
    return [parameter for layer in layers for parameter in layer.parameters(recurse=False)]


def states(layers: Iterable[nn.Module]) -> list[Arrays]:
    """Copies of each layer's parameters and buffers."""
    return [arrays(layer.state_dict().values()) for layer in layers]


def output_with_states(model: nn.Module, x: np.ndarray, given: list[Arrays]) -> np.ndarray | None:
    """A network's output for a batch x, in evaluation mode, after its layers got these states.

    `given` has a state for each layer, in call order.  The result is None if they do not fit.
    """
    layers = layers_in_call_order(model, tensor(x[:1]))
    values = [value for layer in layers for value in layer.state_dict().values()]
    if not write_arrays(values, [array for state in given for array in state]):
        return None
    with torch.no_grad(), evaluating(model) as evaluated:
        return arrays([evaluated(tensor(x))])[0]


# Weights


def write_weights(layers: Iterable[nn.Module], seed: int) -> None:
    """Overwrite each layer's parameters and running statistics with numbers drawn from `seed`.

    They also depend on the layer's place in the order.  Uniform draws are the same bits on every
    machine.  Weights have variance 2 / fan_in, so that the signal keeps its size through ReLUs
    (He et al., 2015, https://arxiv.org/abs/1502.01852).
    """
    write_states((layer.state_dict() for layer in layers), seed)


def write_states(states: Iterable[dict[str, torch.Tensor]], seed: int) -> None:
    """The same for layers' states: their weights, biases and running statistics by name."""
    with torch.no_grad():
        for place, state in enumerate(states):
            rng = np.random.default_rng([seed, place])
            for name, value in state.items():
                if value.is_floating_point():
                    low, high = weight_range(name, value)
                    drawn = np.asarray(rng.random(tuple(value.shape), dtype=np.float32))
                    value.copy_(tensor(drawn)).mul_(high - low).add_(low)


def weight_range(name: str, value: torch.Tensor) -> tuple[float, float]:
    """Between which numbers a layer's parameter or running statistic of this name is drawn."""
    if name == "weight" and value.dim() > 1:
        bound = (6 / value[0].numel()) ** 0.5
        return -bound, bound
    return (0.5, 1.5) if name in ("weight", "running_var") else (-0.5, 0.5)


def write_arrays(values: list[torch.Tensor], given: Arrays) -> bool:
    """Write arrays into tensors, or none if a shape differs.  Returns whether all shapes agree."""
    fits = [tuple(value.shape) for value in values] == [array.shape for array in given]
    if fits:
        with torch.no_grad():
            for value, array in zip(values, given, strict=True):
                value.copy_(tensor(array))
    return fits


def negate(layers: Iterable[nn.Module]) -> None:
    """Give every parameter of these layers the opposite sign."""
    with torch.no_grad():
        for parameter in own_parameters(layers):
            parameter.neg_()


# Gradients


def send_gradients(outputs: torch.Tensor) -> None:
    """Compute gradients of a weighted sum of the outputs.

    All its coefficients differ, so two outputs that are swapped give other gradients.
    """
    coefficients = np.linspace(-1, 2, outputs.numel(), dtype=np.float32).reshape(tuple(outputs.shape))
    torch.autograd.backward((outputs * tensor(coefficients)).sum())


def gradient_sizes(layer: nn.Module) -> dict[str, float]:
    """The root mean square of each parameter's gradient by name, 0 if it has none."""
    return {
        name: 0.0 if parameter.grad is None else float(parameter.grad.square().mean().sqrt())
        for name, parameter in layer.named_parameters(recurse=False)
    }
