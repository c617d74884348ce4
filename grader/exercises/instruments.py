"""Models, loaders and measurements that probes put beside a submission's code, in a worker.  Only probes import this module."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from grader.exercises.returned import kind_of
from grader.sandbox.probe import Arrays, Unusable

LAYER_KINDS = (nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.BatchNorm1d, nn.ConvTranspose2d)


def tensor(array: np.ndarray) -> torch.Tensor:
    """An array as a tensor, float32 where it holds floats: what a network takes."""
    converted = torch.from_numpy(np.ascontiguousarray(array))
    return converted.float() if converted.is_floating_point() else converted


def arrays(tensors: Iterable[torch.Tensor]) -> Arrays:
    """Copies of tensors as NumPy arrays."""
    return [t.detach().cpu().numpy().copy() for t in tensors]


# Data


def dataset(x: np.ndarray, y: np.ndarray) -> Dataset[Any]:
    """The course's data set over two arrays."""
    from data.my_dataset import MyDataset

    return MyDataset(x, y)


def loader(data: Arrays, batch_size: int, n: int | None = None) -> DataLoader[Any]:
    """A loader over x and y, or their first n examples, in order."""
    return DataLoader(dataset(*(array[:n] for array in data)), batch_size=batch_size)


# A small net that remembers what passed through it


class Log(list[Any]):
    """A list that copies of a model share, since a submission may well evaluate a copy."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Log":
        return self


@dataclass
class Pass:
    """One forward pass: the modes it ran in and the ids (first feature) of its examples."""

    training: bool
    gradients: bool
    ids: np.ndarray


class Recorder(nn.Module):
    """Takes the id off every example (its first feature) and remembers the pass.

    Where gradients are recorded it adds `tell` to the features, so that numbers show it and not only a word of the probe's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[Pass] = Log()
        self.broken, self.tell = False, 0.0
        self.leaf = [torch.ones((), requires_grad=True)]  # in a list: it is no parameter of the model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.broken:
            raise RuntimeError("This model fails, to see what evaluate leaves behind.")
        ids = x[:, 0].detach().cpu().numpy().copy()
        self.passes.append(Pass(self.training, torch.is_grad_enabled(), ids))
        recording = (self.leaf[0] * 1).requires_grad
        return x[:, 1:] + self.tell if self.tell and recording else x[:, 1:]


class SmallNet(nn.Module):
    """Linear, optional batch norm and dropout, ReLU, linear: with given weights, behind a recorder."""

    def __init__(self, weights: Arrays, batch_norm: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.recorder = Recorder()
        width, features = weights[0].shape
        self.hidden = nn.Linear(features, width)
        self.norm = nn.BatchNorm1d(width) if batch_norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, len(weights[-1]))
        linear = [self.hidden.weight, self.hidden.bias, self.out.weight, self.out.bias]
        with torch.no_grad():
            for parameter, array in zip(linear, weights, strict=True):
                parameter.copy_(tensor(array))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.norm(self.hidden(self.recorder(x)))
        logits: torch.Tensor = self.out(self.dropout(torch.relu(hidden)))
        return logits


def build(net: dict[str, Any]) -> SmallNet:
    """A SmallNet from the plain data that travels: its constructor's arguments."""
    return SmallNet(**net)


def hand_over(model: SmallNet, modes: list[bool], tell: float, fails: bool) -> None:
    """Put each submodule in a mode of its own, the model itself first; see Recorder for the rest."""
    for part, mode in zip(model.modules(), modes, strict=True):
        part.training = mode
    model.recorder.tell, model.recorder.broken = tell, fails


def set_modes(model: SmallNet, modes: str) -> None:
    """Put a model in "train" or "eval" mode, or "mixed": training, but for its batch norm and dropout."""
    model.train(modes != "eval")
    if modes == "mixed":
        model.norm.eval()
        model.dropout.eval()


def snapshot(model: nn.Module) -> dict[str, Any]:
    """Everything but modes that an evaluation must leave as it is: values by name, gradients, and whether they are recorded."""
    state: dict[str, Any] = {f"the values of {name}": value.clone() for name, value in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        state[f"the gradient of {name}"] = None if parameter.grad is None else parameter.grad.clone()
        state[f"requires_grad of {name}"] = parameter.requires_grad
    return state | {"whether torch records gradients": torch.is_grad_enabled()}


def modes(model: nn.Module) -> dict[str, Any]:
    """The mode of every submodule, by name."""
    return {f"the mode of {name or 'the model'}": module.training for name, module in model.named_modules()}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs between two snapshots, in words."""
    return [what for what in before if not same(before[what], after.get(what))]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return torch.equal(a, b)
    return type(a) is type(b) and a == b


def weights_after_change(given: nn.Module, returned: Any) -> Arrays:
    """The returned model's parameters once those of the given one have been negated: they show whether the two are one."""
    negate(given.modules())
    return arrays(returned.parameters()) if isinstance(returned, nn.Module) else []


# A net of given weights for images of any shape


def image_net(
    weights: Arrays, norm: Arrays | None = None, dropout: float = 0.0, dtype: str = "float32"
) -> nn.Sequential:
    """Layers with given weights and biases, ReLU between: linear ones for flattened images, convolutions of stride 3 where weights have four axes.

    Before every ReLU stands a dropout, and with `norm` (its weight, bias, running mean and variance) a batch norm before that.
    """
    parts: list[nn.Module] = []
    for place in range(0, len(weights), 2):
        parts += between(norm, dropout) if parts else []
        parts += layer_of(tensor(weights[place]), tensor(weights[place + 1]))
    return nn.Sequential(*parts).to(getattr(torch, dtype))


def between(norm: Arrays | None, dropout: float) -> list[nn.Module]:
    """What stands between two layers of an image_net."""
    if norm is None:
        return [nn.Dropout(dropout), nn.ReLU()]
    batch_norm = nn.BatchNorm1d(len(norm[0]))
    names = ("weight", "bias", "running_mean", "running_var")
    batch_norm.load_state_dict(dict(zip(names, map(tensor, norm), strict=True)), strict=False)
    return [batch_norm, nn.Dropout(dropout), nn.ReLU()]


def layer_of(weight: torch.Tensor, bias: torch.Tensor) -> list[nn.Module]:
    """A layer with this weight and bias, and what brings its inputs into the form that it takes."""
    layer: nn.Conv2d | nn.Linear
    if weight.dim() == 4:
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], (weight.shape[2], weight.shape[3]), stride=3)
    else:
        layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return [layer] if isinstance(layer, nn.Conv2d) else [nn.Flatten(), layer]


# A model whose validation losses follow a script


class ScriptedModel(nn.Module):
    """Two logits whose cross-entropy, for label 1, is a given number: exactly, in float32.

    For logits (0, -L) the loss is log(1 + e^-L) + L, which rounds to L from about L = 17 on.  Inputs marked 0 are training
    examples: L is START plus the one parameter, so that every SGD step lowers it by the learning rate.  Inputs marked 1 are
    validation examples: L is the script's value for the epoch, and an epoch begins when the parameter has moved.
    """

    START = 64.0

    def __init__(self, curve: list[float]) -> None:
        super().__init__()
        self.moved = nn.Parameter(torch.zeros(()))
        self.curve, self.seen = curve, Log([0.0])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        loss = self.scripted() if x[0, 0] == 1 else self.START
        height = self.moved * (1 - x[:, 0]) + loss
        return torch.stack([torch.zeros_like(height), -height], dim=1)

    def scripted(self) -> float:
        moved = self.moved.item()
        if moved != self.seen[-1]:
            self.seen.append(moved)
        epoch = max(0, len(self.seen) - 2)
        return self.curve[min(epoch, len(self.curve) - 1)]

    def steps(self, learning_rate: float) -> float:
        """How many plain SGD steps of this learning rate the parameter has moved."""
        return -self.moved.item() / learning_rate


def scripted_sets(batches: int) -> tuple[Dataset[Any], Dataset[Any]]:
    """A training and a validation set of `batches` batches of four, for a ScriptedModel."""
    marks = np.zeros((4 * batches, 2), np.float32)
    labels = np.ones(4 * batches, np.int64)
    return dataset(marks, labels), dataset(marks + 1, labels)


# For the autoencoder's exercise


class SmallAutoencoder(nn.Module):
    """Two convolutions with tanh and, if asked for, batch norm between, weights drawn from `seed`: it remembers what passed through it.

    An image is known by its first pixel.
    """

    def __init__(self, seed: int, batch_norm: bool = False) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2) if batch_norm else nn.Identity()
        self.out = nn.Conv2d(2, 1, 3, padding=1)
        self.passes: list[Pass] = Log()
        write_weights([self.hidden, self.norm, self.out], seed)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ids = images[:, 0, 0, 0].detach().numpy().copy()
        self.passes.append(Pass(self.training, torch.is_grad_enabled(), ids))
        made: torch.Tensor = self.out(self.norm(torch.tanh(self.hidden(images))))
        return made


class Patterns:
    """A corruption that multiplies all images of a call by a pattern (28, 28): the next one with every call."""

    def __init__(self, patterns: Arrays) -> None:
        self.patterns = patterns
        self.sizes: list[int] = []

    def __call__(self, clean: np.ndarray) -> np.ndarray:
        if not isinstance(clean, np.ndarray) or clean.shape[1:] != (1, 28, 28):
            expected = "a NumPy array (B, 1, 28, 28)"
            raise Unusable(f"train_autoencoder should give `corruption` {expected}; it gave it {kind_of(clean)}.")
        pattern = self.patterns[len(self.sizes) % len(self.patterns)]
        self.sizes.append(len(clean))
        return clean * pattern


class ImageCoder(nn.Module):
    """Stands in for an autoencoder: an encoder (8, 2, 2) with weights drawn from `seed`, with batch norm and dropout or without, and a decoder."""

    def __init__(self, seed: int, regularized: bool = False) -> None:
        super().__init__()
        more = [nn.BatchNorm2d(8), nn.Dropout(0.5)] if regularized else []
        parts = [nn.Conv2d(1, 8, 7, stride=7), nn.ReLU(), nn.AvgPool2d(2), *more]
        encoder, decoder = nn.Sequential(*parts), nn.ConvTranspose2d(8, 1, 14, stride=14)
        self.encoder, self.decoder = encoder, decoder
        write_weights([*parts, decoder], seed)


# Networks, by their layers in call order


def network(constructor: Any, arguments: dict[str, Any] | None) -> nn.Module:
    """Construct a network; pairs travelled as lists and become tuples again, and so does the sequence of strides."""
    given = dict(arguments or {})
    for name in {"kernel_size", "stride"} & set(given):
        given[name] = [as_pair(size) for size in given[name]]
    if "stride" in given:
        given["stride"] = tuple(given["stride"])
    model = constructor(**given)
    if not isinstance(model, nn.Module):
        raise Unusable(f"A network should be a torch.nn.Module; it is {kind_of(model)}.")
    return model


def parameter_count(model: nn.Module) -> int:
    """How many numbers a model learns, whatever its own `parameters` says."""
    return sum(parameter.numel() for parameter in nn.Module.parameters(model))


def as_pair(size: Any) -> Any:
    return tuple(size) if isinstance(size, list) else size


def output(model: nn.Module, x: np.ndarray, name: str, axes: str = "classes") -> torch.Tensor:
    """What a network makes of a batch; Unusable when it is not a tensor with an entry an example and these other axes."""
    result = model(tensor(x))
    rank = 1 + len(axes.split(", "))
    if not isinstance(result, torch.Tensor) or result.dim() != rank or len(result) != len(x):
        expected = f"a tensor of shape ({len(x)}, {axes}) for {len(x)} examples"
        raise Unusable(f"{name}'s forward should return {expected}; it returned {kind_of(result)}.")
    return result


def submodule(model: nn.Module, name: str, owner: str) -> nn.Module:
    """A part of a network by its attribute's name; Unusable when there is none, or it is no module."""
    part = getattr(model, name, None)
    if not isinstance(part, nn.Module):
        found = "there is none" if part is None else f"it is {kind_of(part)}"
        raise Unusable(f"{owner} should have an attribute `{name}` that is a torch.nn.Module; {found}.")
    return part


def layers_in_call_order(model: nn.Module, x: torch.Tensor) -> dict[nn.Module, torch.Size]:
    """The modules that hold parameters themselves, in the order in which a first call uses them (lazy ones get their shapes), and what shape each gave."""
    called: dict[nn.Module, torch.Size] = {}

    def note(module: nn.Module, inputs: Any, result: Any) -> None:
        if any(True for _ in module.parameters(recurse=False)):
            called.setdefault(module, getattr(result, "shape", torch.Size()))

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    mode = model.training
    with torch.no_grad():
        model.eval()(x)
    model.train(mode)
    for hook in hooks:
        hook.remove()
    return called


def describe(layer: nn.Module, output: torch.Size) -> str:
    """A layer in words: its kind, its parameters' shapes and the size of its feature maps, "Conv2d: weight 16x3x5x5, bias 16, maps 60x60"."""
    kind = next((kind.__name__ for kind in LAYER_KINDS if isinstance(layer, kind)), type(layer).__name__)
    shapes = {name: tuple(parameter.shape) for name, parameter in layer.named_parameters(recurse=False)}
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        shapes["maps"] = tuple(output[-2:])
    parts = [f"{name} {'x'.join(map(str, shape))}" for name, shape in shapes.items()]
    return f"{kind}: {', '.join(parts)}"


def write_weights(layers: Iterable[nn.Module], seed: int) -> None:
    """Overwrite every layer's parameters and running statistics with numbers drawn from `seed` and its place in the order.

    Uniform draws are the same bits on every machine.  Weights have variance 2 / fan_in, which carries the signal's size
    through ReLUs (He et al., 2015, https://arxiv.org/abs/1502.01852).
    """
    write_states((layer.state_dict() for layer in layers), seed)


def write_states(states: Iterable[dict[str, torch.Tensor]], seed: int) -> None:
    """The same for layers' weights, biases and running statistics by those names."""
    with torch.no_grad():
        for place, state in enumerate(states):
            rng = np.random.default_rng([seed, place])
            for name, value in state.items():
                if value.is_floating_point():
                    low, high = weight_range(name, value)
                    drawn = np.asarray(rng.random(tuple(value.shape), dtype=np.float32))
                    value.copy_(tensor(drawn)).mul_(high - low).add_(low)


def write_arrays(values: list[torch.Tensor], given: Arrays) -> bool:
    """Write arrays into tensors of these shapes; whether they fit: where they don't, none is written."""
    fits = [tuple(value.shape) for value in values] == [array.shape for array in given]
    if fits:
        with torch.no_grad():
            for value, array in zip(values, given, strict=True):
                value.copy_(tensor(array))
    return fits


def give_weights(layers: Iterable[nn.Module], weights: Arrays) -> None:
    """Write weights and biases, in turn, into layers whose parameters have these shapes; leave layers of other shapes alone."""
    write_arrays([parameter for layer in layers for parameter in layer.parameters(recurse=False)], weights)


def input_of(layer: nn.Module, model: nn.Module, x: np.ndarray) -> np.ndarray:
    """What reaches a layer of a model for a batch."""
    seen: list[torch.Tensor] = []
    hook = layer.register_forward_pre_hook(
        lambda _, given, named: seen.extend([*given, *named.values()]), with_kwargs=True
    )
    with torch.no_grad():
        model(tensor(x))
    hook.remove()
    return arrays(seen[:1])[0]


def states(layers: Iterable[nn.Module]) -> list[Arrays]:
    """What each layer holds: copies of its parameters and buffers."""
    return [arrays(layer.state_dict().values()) for layer in layers]


def output_with_states(model: nn.Module, x: np.ndarray, given: list[Arrays]) -> np.ndarray | None:
    """What a network makes of a batch in evaluation mode when its layers, in call order, hold these states; None where they do not fit."""
    layers = layers_in_call_order(model, tensor(x[:1]))
    values = [value for layer in layers for value in layer.state_dict().values()]
    if not write_arrays(values, [array for state in given for array in state]):
        return None
    with torch.no_grad():
        return arrays([model.eval()(tensor(x))])[0]


def negate(layers: Iterable[nn.Module]) -> None:
    """Give every parameter of these layers the opposite sign."""
    with torch.no_grad():
        for layer in layers:
            for parameter in layer.parameters(recurse=False):
                parameter.neg_()


def weight_range(name: str, value: torch.Tensor) -> tuple[float, float]:
    if name == "weight" and value.dim() > 1:
        bound = (6 / value[0].numel()) ** 0.5
        return -bound, bound
    return (0.5, 1.5) if name in ("weight", "running_var") else (-0.5, 0.5)


def send_gradients(outputs: torch.Tensor) -> None:
    """Go back from a sum of the outputs whose coefficients are all different, so that no two outputs can be swapped."""
    coefficients = np.linspace(-1, 2, outputs.numel(), dtype=np.float32).reshape(tuple(outputs.shape))
    torch.autograd.backward((outputs * tensor(coefficients)).sum())


def gradient_sizes(layer: nn.Module) -> dict[str, float]:
    """The root of the mean square of each parameter's gradient, 0 where none arrived."""
    return {
        name: 0.0 if parameter.grad is None else float(parameter.grad.square().mean().sqrt())
        for name, parameter in layer.named_parameters(recurse=False)
    }


def some_weights(layer: nn.Module, seed: int, most: int = 200) -> np.ndarray:
    """Weights of a layer at places drawn from `seed`, as a vector."""
    return some_numbers(layer.get_parameter("weight"), seed, most)


def some_numbers(value: torch.Tensor, seed: int, most: int) -> np.ndarray:
    """Entries of a tensor at places drawn from `seed`, as a vector."""
    entries = arrays([value])[0].flatten()
    return np.random.default_rng(seed).choice(entries, min(most, len(entries)), replace=False)


def as_vector(tensors: Iterable[torch.Tensor]) -> np.ndarray:
    """All entries of some tensors, one after the other."""
    return np.concatenate([np.zeros(0, np.float32), *(array.flatten() for array in arrays(tensors))])


def weight_statistics(layer: nn.Module) -> dict[str, Any]:
    """Of a layer's weight the fans, the largest value and the root mean square; the largest bias."""
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
