"""Visible checks of src/models.py (4)."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.inputs import images
from grader.exercises.models import probes
from grader.exercises.models.questions import (
    SHAPES,
    explain_chance,
    first_maps,
    needs_logits,
    network_arguments,
    weight_seed,
)
from grader.judging.compare import compare


@number("4.1")
@weight(2)
@pytest.mark.parametrize("name", SHAPES)
def test_network(agree, rng, name):
    """{name} has the layers asked for and computes their logits, for one image and for several."""
    given = network_arguments(rng, name)
    agree(probes.network, explain=explain_chance, look=first_maps(given), copies=4, **given)


@number("4.2")
@weight(1)
@pytest.mark.parametrize(
    "name, kernel_size, stride",
    [("DogClassifierConv", [7, 3], [2, 1]), ("SynthClassifier", [4, 3, 2], [1, 1, 2])],
    ids=["DogClassifierConv", "SynthClassifier"],
)
def test_kernel_sizes_and_strides(agree, rng, name, kernel_size, stride):
    """{name} uses the kernel sizes {kernel_size} and the strides {stride} when it is given them."""
    arguments = network_arguments(rng, name, arguments={"kernel_size": kernel_size, "stride": stride})
    agree(probes.network, needs=needs_logits(rng, name), look=first_maps(arguments), **arguments)


@number("4.3")
@weight(1)
def test_lenet5_other_inputs(agree, rng):
    """LeNet5 does not pad 32x32 images, and takes any number of input channels."""
    arguments = network_arguments(rng, "LeNet5", arguments={"in_channels": 3})
    arguments["inputs"] = [images(rng, 2, 3, 32, 32), images(rng, 2, 3, 28, 28)]
    agree(probes.network, needs=needs_logits(rng, "LeNet5"), **arguments)


@number("4.4")
@weight(1)
def test_negatives_look_the_same(check, rng):
    """InversionInvariantLeNet5 gives an image and its negative the same logits."""
    x = images(rng, 4, 1, 28, 28)
    arguments = network_arguments(rng, "InversionInvariantLeNet5") | {"inputs": [x, 1 - x]}
    needs = needs_logits(rng, "InversionInvariantLeNet5")
    logits = check.agree(probes.network, only=("logits",), needs=needs, **arguments)["logits"]
    difference = compare(logits[0], logits[1], ("logits of the negatives",))
    sentence = "InversionInvariantLeNet5's logits differ between an image and its negative."
    check.require(difference is None, sentence, difference.sentence if difference else "")


def is_sample_of(layer, sample):
    """Whether a layer's figures are those of uniform weights, of which these are some."""
    slack = 6 * 0.45 / len(sample) ** 0.5
    size = np.sqrt(np.mean(sample**2)) / layer["deviation"]
    return np.abs(sample).max() <= layer["largest"] and abs(size - 1) < slack


@number("4.5")
@weight(1)
def test_small_vgg_initial_weights(check, rng):
    """SmallVGG starts with Xavier-uniform weights and zero biases."""
    arguments = dict(name="SmallVGG", x=images(rng, 2, 1, 28, 28), seed=weight_seed(rng))
    got = check.agree(probes.initial_weights, only=("logits",), needs=needs_logits(rng, "SmallVGG"), **arguments)
    for place, (layer, sample) in enumerate(zip(got["start"], got["sample"], strict=True), 1):
        bound = np.sqrt(6 / (layer["fan_in"] + layer["fan_out"]))
        slack = 6 * 0.26 / layer["weights"] ** 0.5  # six standard deviations of the root mean square of so many draws
        uniform = 0.9 * bound < layer["largest"] < 1.001 * bound and abs(layer["deviation"] / bound - 3**-0.5) < slack
        if not uniform:
            what = f"initial weights of layer {place}, some of them"
            check.picture("weights", f"Layer {place} of SmallVGG", found=sample, bound=bound, what=what)
        details = f"Layer {place} should have weights between -{bound:.4f} and {bound:.4f}; the largest is {layer['largest']:.4f}."
        check.require(
            uniform and is_sample_of(layer, sample),
            "SmallVGG's weights are not Xavier-uniform.",
            details,
            only=("start",),
            rtol=0.1,
        )
        zero, sentence = layer["largest bias"] == 0, "SmallVGG's biases do not start at 0."
        check.require(zero, sentence, f"This is layer {place}.", only=("start",), rtol=0.1)
