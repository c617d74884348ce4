"""Questions about the networks of src/models.py, for visible and hidden checks."""

from functools import partial
from typing import Any

import numpy as np

from grader.exercises.inputs import images
from grader.exercises.models import probes
from grader.exercises.models.pictures import maps_picture
from grader.judging.checks import Question
from grader.judging.compare import Difference
from grader.judging.examples import example_image
from grader.judging.picture import Look

SHAPES = {  # of an image
    "DigitClassifier": (28, 28),
    "DogClassifierFC": (64, 64, 3),
    "DogClassifierConv": (64, 64, 3),
    "SynthClassifier": (28, 28, 1),
    "FashionCNN": (1, 28, 28),
    "RegularizedFashionCNN": (1, 28, 28),
    "LeNet5": (1, 28, 28),
    "InversionInvariantLeNet5": (1, 28, 28),
    "SmallVGG": (1, 28, 28),
    "CatDogVGG": (3, 64, 64),
}
USUAL_ARGUMENTS: dict[str, dict[str, Any]] = {
    "DogClassifierConv": {"kernel_size": [[5, 5], [5, 5]], "stride": [[1, 1], [1, 1]]},
    "SynthClassifier": {"kernel_size": [[5, 5], [3, 3], [3, 3]], "stride": [[1, 1], [1, 1], [1, 1]]},
}


def network_arguments(
    rng: np.random.Generator, name: str, batches: tuple[int, ...] = (3, 1), arguments: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The arguments of probes.network, with a batch of images of each size in `batches`.

    `arguments` are the constructor's; the usual ones if None.
    """
    return {
        "name": name,
        "inputs": [images(rng, size, *SHAPES[name]) for size in batches],
        "seed": weight_seed(rng),
        "arguments": USUAL_ARGUMENTS.get(name) if arguments is None else arguments,
    }


def first_maps(given: dict[str, Any]) -> Look:
    """What to look at if an answer to probes.network with these arguments is wrong."""
    shape, kept = SHAPES[given["name"]], {name: given[name] for name in ("name", "seed", "arguments")}
    return Look(probes.feature_maps, lambda: kept | {"x": example_image(shape)}, partial(maps_picture, shape))


def gradient_arguments(rng: np.random.Generator, name: str) -> dict[str, Any]:
    """The arguments of probes.gradients, in training mode if nothing is random then."""
    return {
        "name": name,
        "x": images(rng, 3, *SHAPES[name]),
        "seed": weight_seed(rng),
        "training": name != "RegularizedFashionCNN",
        "arguments": USUAL_ARGUMENTS.get(name),
    }


def needs_logits(rng: np.random.Generator, name: str) -> list[Question]:
    """Before more is asked of a network: its logits for one image, with the usual arguments."""
    return [Question(probes.network, network_arguments(rng, name, batches=(1,)), ("logits",))]


def weight_seed(rng: np.random.Generator) -> int:
    """A seed from which a probe draws weights."""
    return int(rng.integers(2**31))


def explain_chance(difference: Difference) -> str:
    """The sentence about the part that chance plays in a network, "" for another difference."""
    if difference.place != ("chance",):
        return ""
    if difference.expected == probes.VARY:
        return "In training mode the logits are not random: is the dropout missing, or has it no effect?"
    return "In training mode the logits are random; without a dropout, they should not be."
