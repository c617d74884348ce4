"""The rules that the networks of src/design.py must keep, and what may stop them from learning."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.exercises.design.chain import (
    count_parameters,
    hidden_layers,
    hidden_units,
    linear_layers,
    listed,
    name_of,
)
from grader.exercises.layers import (
    BatchNorm2d,
    Chain,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)

CLASSES = 10
STRONG_DROPOUT = 0.6
Kinds = tuple[type[Layer], ...]


@dataclass(frozen=True)
class Budget:
    """The layers that a network may consist of, and its limits on units, layers and parameters."""

    allowed: Kinds = (Flatten, Linear, ReLU, Softmax, Dropout)
    max_hidden_units: int | None = None
    min_hidden_layers: int = 0
    max_parameters: int | None = None
    needed: Kinds = ()


BUDGETS = {
    "narrow_mlp": Budget(max_hidden_units=100, min_hidden_layers=1),
    "two_layer_mlp": Budget(max_hidden_units=200, min_hidden_layers=2),
    "deep_mlp": Budget(max_hidden_units=1000, min_hidden_layers=3),
    "budget_cnn": Budget(
        allowed=(*Budget.allowed, Conv2d, MaxPool2d, BatchNorm2d),
        max_parameters=999_999,
        needed=(Conv2d, Dropout, BatchNorm2d),
    ),
}


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a network breaks: its name, without sizes, and a sentence for the student."""

    name: str
    sentence: str


def broken_rules(chain: Chain, parameters: int, budget: Budget) -> list[BrokenRule]:
    """The rules that a network breaks.

    `parameters` is the model's own count, which is larger than its layers' if it never calls some.
    """
    return [
        *wrong_layers(chain, budget),
        *wrong_hidden_layers(chain, budget),
        *wrong_parameters(chain, parameters, budget),
        *wrong_end(chain),
    ]


def wrong_layers(chain: Chain, budget: Budget) -> list[BrokenRule]:
    broken = []
    names = list(dict.fromkeys(name_of(layer) for layer in chain if not isinstance(layer, budget.allowed)))
    if names:
        allowed = ", ".join(kind.__name__ for kind in budget.allowed)
        sentence = f"Its forward uses {listed(names)}. Only these layers are allowed: {allowed}."
        broken.append(BrokenRule(f"not allowed: {', '.join(names)}", sentence))
    for kind in budget.needed:
        if not any(isinstance(layer, kind) and not does_nothing(layer) for layer in chain):
            which = "Dropout layer with p above 0" if kind is Dropout else f"{kind.__name__} layer"
            broken.append(BrokenRule(f"no {kind.__name__}", f"It needs at least one {which}."))
    return broken


def does_nothing(layer: Layer) -> bool:
    return isinstance(layer, Dropout) and not layer.p > 0


def wrong_hidden_layers(chain: Chain, budget: Budget) -> list[BrokenRule]:
    broken = []
    units, layers = hidden_units(chain), hidden_layers(chain)
    most, least = budget.max_hidden_units, budget.min_hidden_layers
    if most is not None and units > most:
        broken.append(BrokenRule("hidden units", f"It has {units:,} hidden units; at most {most:,} are allowed."))
    if layers < least:
        enough_linear = len(linear_layers(chain)) > least
        name = "activations between linear layers" if enough_linear else "hidden layers"
        sentence = (
            f"It has {counted(layers, 'hidden layer')}; it needs at least {least}. "
            "A linear layer is a hidden layer if a ReLU stands between it and the next linear layer."
        )
        broken.append(BrokenRule(name, sentence))
    return broken


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def wrong_parameters(chain: Chain, parameters: int, budget: Budget) -> list[BrokenRule]:
    most, used = budget.max_parameters, count_parameters(chain)
    count = max(parameters, used)
    if most is None or count <= most:
        return []
    limit = f"at most {most:,} are allowed."
    if used <= most:
        sentence = f"It has {count:,} parameters, some in layers that its forward never calls; {limit}"
        return [BrokenRule("unused parameters", sentence)]
    return [BrokenRule("parameters", f"It has {count:,} parameters; {limit}")]


def wrong_end(chain: Chain) -> list[BrokenRule]:
    """What is wrong with the last layer, which must be the linear one that gives the logits."""
    last = chain[-1]
    if not isinstance(last, Linear):
        sentence = f"Its last layer should be linear, for the logits; {name_of(last)} comes after it."
        return [BrokenRule(f"ends in {name_of(last)}", sentence)]
    if last.out_features != CLASSES:
        sentence = f"Its last layer gives {last.out_features} numbers for an image; there are {CLASSES} classes."
        return [BrokenRule("classes", sentence)]
    return []


def remarks(chain: Chain) -> list[str]:
    """What may stop a network that keeps the rules from learning well, without its sizes."""
    weighted = [place for place, layer in enumerate(chain) if isinstance(layer, (Linear, Conv2d))]
    first, last = (weighted[0], weighted[-1]) if weighted else (len(chain), 0)
    dropouts = [layer for layer in chain if isinstance(layer, Dropout)]
    answers = {
        "no hidden layer": len(weighted) < 2,
        "layers with weights follow each other without a ReLU between": any(
            not has_relu(chain[start:end]) for start, end in pairwise(weighted)
        ),
        "a softmax stands between layers": any(isinstance(layer, Softmax) for layer in chain[:last]),
        f"a dropout takes away more than {STRONG_DROPOUT:.0%}": any(layer.p > STRONG_DROPOUT for layer in dropouts),
        "a dropout takes away pixels of the images": any(
            isinstance(layer, Dropout) and layer.p > 0 for layer in chain[:first]
        ),
        "a layer has fewer numbers than there are classes": is_squeezed(chain, last),
        "more than six hidden layers": len(weighted) > 7,
    }
    return [remark for remark, holds in answers.items() if holds]


def has_relu(layers: Sequence[Layer]) -> bool:
    return any(isinstance(layer, ReLU) for layer in layers)


def is_squeezed(chain: Chain, last: int) -> bool:
    """Whether a linear layer gets, or one before `last` gives, fewer numbers than classes."""
    return any(layer.in_features < CLASSES for layer in linear_layers(chain)) or any(
        layer.out_features < CLASSES for layer in linear_layers(chain[:last])
    )
