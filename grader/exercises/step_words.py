"""Steps of a network's forward pass in words, as a student would write them.  Workers only."""

from typing import Any

from grader.exercises.calls import SAME_NUMBERS, Arguments, Operation, Pad, Reshape, Step, pair
from grader.exercises.layers import BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d, Other, Softmax

Shape = tuple[int, ...]
NAMES = {"leaky_relu": "leaky ReLU", "log_softmax": "log-softmax", "gelu": "GELU", "elu": "ELU", "silu": "SiLU"}


def step_in_words(step: Step, n_examples: int) -> str:
    """A step in words; `n_examples`, the size of the batch, is written as N."""
    match step:
        case Linear(before, after, bias):
            return f"Linear({listed(before, after, without_bias(bias))})"
        case Conv2d():
            return conv_in_words(step)
        case MaxPool2d(kernel, stride, padding, dilation, ceil_mode):
            further = [
                "" if stride == kernel else f"stride {size(stride)}",
                *options(padding=padding, dilation=dilation),
                "ceil_mode" if ceil_mode else "",
            ]
            return listed(f"max-pool {window(kernel)}", *further)
        case BatchNorm2d(features):
            return f"BatchNorm2d({features})"
        case Dropout(p):
            return f"Dropout({p:g})"
        case Softmax(axis):
            return f"softmax over axis {axis}"
        case Pad(padding, mode):
            return f"padding {size(padding)} ({mode})"
        case Reshape(before, after):
            return reshape_in_words(before, after, n_examples)
        case Other(name):
            return name
    return type(step).__name__


def conv_in_words(layer: Conv2d) -> str:
    parts = [
        window(layer.kernel_size),
        "" if layer.stride == (1, 1) else f"stride {size(layer.stride)}",
        *options(padding=layer.padding, dilation=layer.dilation),
        "" if layer.padding_mode == "zeros" else f"{layer.padding_mode} padding",
        "" if layer.groups == 1 else f"{layer.groups} groups",
        without_bias(layer.bias),
    ]
    return f"Conv2d({listed(layer.in_channels, layer.out_channels, *parts)})"


def reshape_in_words(before: Shape, after: Shape, n_examples: int) -> str:
    if len(after) == 2 and after[0] == before[0]:
        return "flatten"
    if len(after) == 1 or (after[0] == 1 and len(after) == 2):
        return "flatten the whole batch into one row"
    sizes = ["N" if axis == 0 and count == n_examples else str(count) for axis, count in enumerate(after)]
    return f"reshape to ({', '.join(sizes)})"


def call_in_words(operation: Operation) -> str:
    """A call that is no layer of grader/exercises/layers.py."""
    name, given = operation.name.strip("_"), operation.given
    match name:
        case "conv_transpose2d":
            return transposed_in_words(given)
        case "avg_pool2d":
            kernel, stride = given.get(1, "kernel_size"), given.get(2, "stride")
            further = "" if stride in (None, [], kernel) else f"stride {size(pair(stride))}"
            return listed(f"average pool {window(pair(kernel))}", further)
        case "adaptive_avg_pool2d" | "adaptive_max_pool2d":
            kind = "average pool" if "avg" in name else "max-pool"
            return f"{kind} to {window(pair(given.get(1, 'output_size')))}"
        case "feature_dropout" | "dropout2d":
            return "Dropout2d"
    return NAMES.get(name, name)


def transposed_in_words(given: Arguments) -> str:
    weight, bias = given.get(1, "weight"), given.get(2, "bias")
    stride, padding = pair(given.get(3, "stride", 1)), pair(given.get(4, "padding", 0))
    extra = pair(given.get(5, "output_padding", 0))
    parts = [
        window(tuple(weight.shape[2:])),
        "" if stride == (1, 1) else f"stride {size(stride)}",
        *options(padding=padding, output_padding=extra),
        without_bias(bias is not None),
    ]
    return f"ConvTranspose2d({listed(weight.shape[0], weight.shape[1], *parts)})"


def failed_call_in_words(operation: Operation) -> str:
    """A call that raised, if it is a change of shape: with the sizes that it asked for."""
    if operation.name not in SAME_NUMBERS:
        return ""
    sizes = [value for value in operation.given.args[1:] if isinstance(value, (int, tuple, list))]
    if sizes == [*operation.given.shape[:1], -1]:
        return "flatten"
    return f"{operation.name}({', '.join(map(str, sizes))})"


def options(**sizes: Any) -> list[str]:
    """The sizes that are not the usual ones: 1 for a dilation, else 0."""
    usual = {"dilation": (1, 1)}
    return [f"{name} {size(value)}" for name, value in sizes.items() if value != usual.get(name, (0, 0))]


def without_bias(bias: bool) -> str:
    return "" if bias else "no bias"


def window(sizes: Any) -> str:
    return "x".join(map(str, sizes)) if isinstance(sizes, tuple) else str(sizes)


def size(sizes: Any) -> str:
    """A pair as one number if both are the same."""
    return str(sizes[0]) if isinstance(sizes, tuple) and len({*sizes}) == 1 else str(sizes)


def listed(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part != "")
