"""What a chain of layers adds up to: units, parameters, shapes, and whether it can be built."""

import math
from itertools import pairwise

from grader.exercises.layers import (
    BatchNorm2d,
    Chain,
    ChainError,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Other,
    ReLU,
    Softmax,
)

Shape = tuple[int, ...]

IMAGE: Shape = (1, 28, 28)
MAX_PARAMETERS = 10**7
MAX_ACTIVITY = 10**6  # outputs of all layers for one image; a batch of 32 then takes 128 MB


def require_buildable(chain: Chain) -> None:
    """Raise ChainError if the chain can't be built.

    It must consist of layers only, they must fit together, and it must not be too large.
    """
    if others(chain):
        raise ChainError(f"{listed(others(chain))} is not among the allowed layers.")
    if count_parameters(chain) > MAX_PARAMETERS:
        raise ChainError(
            f"The network has {count_parameters(chain):,} parameters; it may have at most {MAX_PARAMETERS:,}."
        )
    if sum(map(math.prod, shapes(chain))) > MAX_ACTIVITY:
        raise ChainError(
            f"For one image, all layers together may give at most {MAX_ACTIVITY:,} numbers; they give more."
        )


def others(chain: Chain) -> list[str]:
    """The names of the operations that are not layers, each once."""
    return list(dict.fromkeys(layer.name for layer in chain if isinstance(layer, Other)))


def linear_layers(chain: Chain) -> list[Linear]:
    return [layer for layer in chain if isinstance(layer, Linear)]


def hidden_units(chain: Chain) -> int:
    """The outputs of all linear layers except the last."""
    return sum(layer.out_features for layer in linear_layers(chain)[:-1])


def hidden_layers(chain: Chain) -> int:
    """How many linear layers have a ReLU or a softmax between themselves and the next linear layer.

    Two linear layers with nothing between them count as one, since they compute one linear
    function.
    """
    relevant = [layer for layer in chain if isinstance(layer, (Linear, ReLU, Softmax))]
    is_linear = [isinstance(layer, Linear) for layer in relevant]
    activated = sum(first and not second for first, second in pairwise(is_linear))
    return activated if is_linear[-1:] == [True] else max(0, activated - 1)


def count_parameters(chain: Chain) -> int:
    """How many numbers the layers learn."""
    return sum(map(parameters_of, chain))


def parameters_of(layer: Layer) -> int:
    match layer:
        case Linear():
            return layer.out_features * (layer.in_features + layer.bias)
        case Conv2d():
            per_output = layer.in_channels // layer.groups * math.prod(layer.kernel_size)
            return layer.out_channels * (per_output + layer.bias)
        case BatchNorm2d(affine=True):
            return 2 * layer.num_features
    return 0


def shapes(chain: Chain) -> list[Shape]:
    """The shape of one image after each layer. Raises ChainError if a layer does not fit."""
    result: list[Shape] = []
    shape = IMAGE
    for layer in chain:
        shape = shape_after(layer, shape)
        if min(shape, default=0) < 1:
            raise ChainError("Nothing is left of the image after one of the layers.")
        result.append(shape)
    return result


def shape_after(layer: Layer, shape: Shape) -> Shape:
    """The shape of one image after a layer. Raises ChainError if the layer does not fit."""
    match layer, shape:
        case Flatten(), _:
            return (math.prod(shape),)
        case Linear(), (*rows, width) if layer.in_features == width:
            return (*rows, layer.out_features)
        case Conv2d(padding="same"), (channels, height, width) if layer.in_channels == channels:
            return (layer.out_channels, height, width)
        case Conv2d(), (channels, *sides) if layer.in_channels == channels and len(sides) == 2:
            return (layer.out_channels, *(window_count(layer, side, axis) for axis, side in enumerate(sides)))
        case MaxPool2d(), (channels, *sides) if len(sides) == 2:
            return (channels, *(window_count(layer, side, axis) for axis, side in enumerate(sides)))
        case BatchNorm2d(), (channels, _, _) if layer.num_features == channels:
            return shape
        case ((ReLU() | Softmax() | Dropout() | Other()), _):
            return shape
    raise ChainError(f"{in_words(layer)} does not fit its input of {'x'.join(map(str, shape))} numbers.")


def window_count(layer: Conv2d | MaxPool2d, side: int, axis: int) -> int:
    """How many windows of a kernel fit along a side of an image; axis 0 is the height.

    The formula is that of https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html.
    """
    padding = 0 if isinstance(layer.padding, str) else layer.padding[axis]
    kernel, stride, dilation = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    room = side + 2 * padding - dilation * (kernel - 1) - 1
    if isinstance(layer, Conv2d) or not layer.ceil_mode:
        return room // stride + 1
    windows = math.ceil(room / stride) + 1
    # The last window must start inside the image or its left padding.
    return windows - 1 if (windows - 1) * stride >= side + padding else windows


def in_words(layer: Layer) -> str:
    """A layer as a student would write it, such as "Linear(784, 100)"; others by their name."""
    match layer:
        case Linear(in_features=before, out_features=after) | Conv2d(in_channels=before, out_channels=after):
            return f"{name_of(layer)}({before}, {after})"
    return name_of(layer)


def name_of(layer: Layer) -> str:
    return layer.name if isinstance(layer, Other) else type(layer).__name__


def listed(names: list[str]) -> str:
    """The first five names, for a sentence."""
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
