"""Networks of src/design.py as plain data: a chain of layers, what it counts up to, and the rules that it must keep.  No torch here.

A chain is a list of dicts, one for each thing that a forward pass does to the images, in order::

    [{"kind": "Flatten"}, {"kind": "Linear", "in": 784, "out": 100, "bias": True}, {"kind": "ReLU"}, ...]

Workers record it (chain_recorder.py) and build networks from it (chain_builder.py).  What came from a worker may be anything, so
`read_chain` looks at it strictly before it is used.  Whatever is no layer of KINDS stands in a chain as {"kind": "other", "name": "sigmoid"}.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Step = dict[str, Any]
Chain = list[Step]
Shape = tuple[int, ...]

IMAGE: Shape = (1, 28, 28)
CLASSES = 10
MAX_STEPS = 100
MAX_SIZE = 10**6  # of a layer, in any of its numbers
MAX_PARAMETERS = 10**7
MAX_ACTIVITY = 10**6  # numbers that all layers together put out for one image: a batch of 32 then takes 128 MB
STRONG_DROPOUT = 0.6


class ChainError(ValueError):
    """A value that is no chain, or a network too large to be built; the text says why."""


def is_size(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MAX_SIZE


def is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_SIZE


def is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def is_flag(value: Any) -> bool:
    return type(value) is bool


def is_name(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= 60 and value.isprintable()


def pair_of(part: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and len(value) == 2 and all(map(part, value))


KINDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "Flatten": {},
    "Linear": {"in": is_size, "out": is_size, "bias": is_flag},
    "ReLU": {},
    "Softmax": {"dim": lambda value: type(value) is int and 0 <= value <= 3},
    "Dropout": {"p": is_share},
    "Conv2d": {
        "in": is_size,
        "out": is_size,
        "kernel": pair_of(is_size),
        "stride": pair_of(is_size),
        "padding": lambda value: value == "same" or pair_of(is_count)(value),
        "padding_mode": lambda value: type(value) is str and value in ("zeros", "reflect", "replicate", "circular"),
        "dilation": pair_of(is_size),
        "groups": is_size,
        "bias": is_flag,
    },
    "MaxPool2d": {
        "kernel": pair_of(is_size),
        "stride": pair_of(is_size),
        "padding": pair_of(is_count),
        "dilation": pair_of(is_size),
        "ceil_mode": is_flag,
    },
    "BatchNorm2d": {
        "features": is_size,
        "eps": lambda value: type(value) is float and 0 < value <= 1,
        "momentum": is_share,
        "affine": is_flag,
        "tracks": is_flag,
    },
    "other": {"name": is_name},
}


def read_chain(value: Any) -> Chain:
    """A chain that is one, so far as it can be told without building it.  Raises ChainError."""
    if type(value) is not list or not 1 <= len(value) <= MAX_STEPS:
        raise ChainError(f"its forward should call from 1 to {MAX_STEPS} layers")
    return [read_step(step) for step in value]


def read_step(step: Any) -> Step:
    fields = KINDS.get(step["kind"]) if type(step) is dict and type(step.get("kind")) is str else None
    if fields is None or step.keys() != {"kind", *fields} or not all(fits(step[key]) for key, fits in fields.items()):
        raise ChainError("one of its layers is none that can be built")
    return dict(step)


def require_buildable(chain: Chain) -> None:
    """Raise ChainError where layers are not among KINDS, do not fit together, or are too large."""
    if others(chain):
        raise ChainError(f"{named(others(chain))} is not among the allowed layers")
    if count_parameters(chain) > MAX_PARAMETERS:
        raise ChainError(f"it has {count_parameters(chain):,} parameters; at most {MAX_PARAMETERS:,} can be tried")
    if sum(map(math.prod, shapes(chain))) > MAX_ACTIVITY:
        raise ChainError(f"its layers put out more than {MAX_ACTIVITY:,} numbers for one image, too many to be tried")


# What a chain counts up to


def others(chain: Chain) -> list[str]:
    """The names of what is no layer, each once."""
    return list(dict.fromkeys(step["name"] for step in chain if step["kind"] == "other"))


def of_kind(chain: Chain, kind: str) -> Chain:
    return [step for step in chain if step["kind"] == kind]


def hidden_units(chain: Chain) -> int:
    """The outputs of all linear layers but the last."""
    return sum(int(step["out"]) for step in of_kind(chain, "Linear")[:-1])


def hidden_layers(chain: Chain) -> int:
    """How many linear layers have a ReLU or a softmax between themselves and the next: without one, two are together one."""
    kinds = [step["kind"] for step in chain if step["kind"] in ("Linear", "ReLU", "Softmax")]
    ends = len([kind for kind, then in pairwise(kinds) if kind == "Linear" and then != "Linear"])
    return ends if kinds[-1:] == ["Linear"] else max(0, ends - 1)


def count_parameters(chain: Chain) -> int:
    """How many numbers the layers learn."""
    return sum(parameters_of(step) for step in chain)


def parameters_of(step: Step) -> int:
    if step["kind"] == "BatchNorm2d":
        return 2 * int(step["features"]) * bool(step["affine"])
    if step["kind"] not in ("Linear", "Conv2d"):
        return 0
    per_output = int(step["in"]) // int(step.get("groups", 1)) * math.prod(step.get("kernel", [1]))
    return int(step["out"]) * (per_output + bool(step["bias"]))


def shapes(chain: Chain) -> list[Shape]:
    """What shape one image has after each layer.  Raises ChainError where a layer does not fit."""
    found: list[Shape] = []
    shape = IMAGE
    for step in chain:
        shape = shape_after(step, shape)
        if min(shape, default=0) < 1:
            raise ChainError("nothing is left of the image after one of its layers")
        found.append(shape)
    return found


def shape_after(step: Step, shape: Shape) -> Shape:
    kind = step["kind"]
    inputs = {"Linear": ("in", shape[-1]), "Conv2d": ("in", shape[0]), "BatchNorm2d": ("features", shape[0])}
    needs_maps = kind in ("Conv2d", "MaxPool2d", "BatchNorm2d")
    key, width = inputs.get(kind, ("kind", kind))
    if step[key] != width or (needs_maps and len(shape) != 3):
        raise ChainError(f"{describe(step)} does not fit what reaches it, {'x'.join(map(str, shape))} numbers")
    if kind == "Flatten":
        return (math.prod(shape),)
    if kind == "Linear":
        return (*shape[:-1], step["out"])
    if kind == "Conv2d" and step["padding"] == "same":
        return (step["out"], *shape[1:])
    if kind in ("Conv2d", "MaxPool2d"):
        return (step.get("out", shape[0]), *(window_count(step, shape, axis) for axis in (0, 1)))
    return shape


def window_count(step: Step, shape: Shape, axis: int) -> int:
    """How often a kernel fits along an axis (https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html)."""
    kernel, stride, padding, dilation = (step[key][axis] for key in ("kernel", "stride", "padding", "dilation"))
    room = shape[1 + axis] + 2 * padding - dilation * (kernel - 1) - 1
    if not step.get("ceil_mode"):
        return int(room // stride + 1)
    windows = -(-room // stride) + 1  # the last must start inside the image or its left padding
    return int(windows - 1 if (windows - 1) * stride >= shape[1 + axis] + padding else windows)


# The rules


@dataclass(frozen=True)
class Budget:
    """What a network may have at most, what it must have at least, and of which layers it may be made."""

    kinds: tuple[str, ...] = ("Flatten", "Linear", "ReLU", "Softmax", "Dropout")
    hidden_units: int | None = None
    hidden_layers: int = 0
    parameters: int | None = None
    needs: tuple[str, ...] = ()


BUDGETS = {
    "narrow_mlp": Budget(hidden_units=100, hidden_layers=1),
    "two_layer_mlp": Budget(hidden_units=200, hidden_layers=2),
    "deep_mlp": Budget(hidden_units=1000, hidden_layers=3),
    "budget_cnn": Budget(
        kinds=(*Budget.kinds, "Conv2d", "MaxPool2d", "BatchNorm2d"),
        parameters=999_999,
        needs=("Conv2d", "Dropout", "BatchNorm2d"),
    ),
}


def broken_rules(chain: Chain, parameters: int, budget: Budget) -> dict[str, str]:
    """The rules that a network breaks: a short name of each, which does not depend on its sizes, and a sentence.

    `parameters` is the model's own count, which may be more than its layers' where some are unused.
    """
    return {**wrong_layers(chain, budget), **wrong_sizes(chain, parameters, budget), **wrong_end(chain)}


def wrong_layers(chain: Chain, budget: Budget) -> dict[str, str]:
    names = [label(step) for step in chain if step["kind"] not in budget.kinds]
    found = {}
    if names:
        names = list(dict.fromkeys(names))
        allowed = ", ".join(budget.kinds)
        found[f"not allowed: {', '.join(names)}"] = (
            f"Its forward uses {named(names)}, not among the allowed layers ({allowed})."
        )
    for kind in budget.needs:
        if not any(step.get("p", 1) > 0 for step in of_kind(chain, kind)):
            found[f"no {kind}"] = f"It needs at least one {kind} layer{' with p above 0' * (kind == 'Dropout')}."
    return found


def wrong_sizes(chain: Chain, parameters: int, budget: Budget) -> dict[str, str]:
    found = {}
    units, layers, count = hidden_units(chain), hidden_layers(chain), max(parameters, count_parameters(chain))
    if budget.hidden_units is not None and units > budget.hidden_units:
        found["hidden units"] = f"It has {units:,} hidden units; at most {budget.hidden_units:,} are allowed."
    if layers < budget.hidden_layers:
        enough = len(of_kind(chain, "Linear")) > budget.hidden_layers
        found["activations between linear layers" if enough else "hidden layers"] = (
            f"It has {layers} hidden layers (linear layers with a ReLU between them and the next); at least {budget.hidden_layers} are asked for."
        )
    if budget.parameters is not None and count > budget.parameters:
        unused = count_parameters(chain) <= budget.parameters
        found["unused parameters" if unused else "parameters"] = (
            f"It has {count:,} parameters{', some in layers that its forward never calls' * unused}; at most {budget.parameters:,} are allowed."
        )
    return found


def wrong_end(chain: Chain) -> dict[str, str]:
    """What is wrong with the last layer, which must be the linear one that gives the logits."""
    last = chain[-1]
    if last["kind"] == "Linear":
        classes = last["out"]
        sentence = f"Its last layer gives {classes} numbers for an image; there are {CLASSES} classes."
        return {} if classes == CLASSES else {"classes": sentence}
    kind = label(last)
    return {f"ends in {kind}": f"Its last layer should be linear, for the logits; {kind} comes after it."}


def remarks(chain: Chain) -> list[str]:
    """What may keep a network that keeps the rules from learning well, in words that do not depend on its sizes."""
    weighted = [i for i, step in enumerate(chain) if step["kind"] in ("Linear", "Conv2d")]
    before, inner = chain[: weighted[0]] if weighted else chain, chain[: weighted[-1]] if weighted else []
    between = [{step["kind"] for step in chain[a:b]} for a, b in pairwise(weighted)]
    narrow = [step for step in inner if step["kind"] == "Linear" and step["out"] < CLASSES]
    found = {
        "no hidden layer": len(weighted) < 2,
        "layers with weights follow each other without a ReLU between": any("ReLU" not in kinds for kinds in between),
        "a softmax stands between layers": bool(of_kind(inner, "Softmax")),
        f"a dropout takes away more than {STRONG_DROPOUT:.0%}": any(
            step["p"] > STRONG_DROPOUT for step in of_kind(chain, "Dropout")
        ),
        "a dropout takes away pixels of the images": any(step["p"] > 0 for step in of_kind(before, "Dropout")),
        "a layer has fewer numbers than there are classes": bool(narrow) or is_squeezed(chain),
        "more than six hidden layers": len(weighted) > 7,
    }
    return [remark for remark, holds in found.items() if holds]


def is_squeezed(chain: Chain) -> bool:
    """Whether fewer numbers than classes reach a linear layer."""
    return any(step["in"] < CLASSES for step in of_kind(chain, "Linear"))


def describe(step: Step) -> str:
    """A layer in words: "Linear(784, 100)"."""
    if step["kind"] in ("Linear", "Conv2d"):
        return f"{step['kind']}({step['in']}, {step['out']})"
    return label(step)


def label(step: Step) -> str:
    """A layer's kind, or the name of what is none."""
    return str(step.get("name", step["kind"]))


def named(names: list[str]) -> str:
    """Names in a sentence, the first few."""
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
