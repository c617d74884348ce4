"""Hidden checks of src/models.py: gradients, other arguments and inputs, training."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from data.synth import load_synth_data
from grader.exercises.inputs import images
from grader.exercises.models import probes
from grader.exercises.models.questions import (
    SHAPES,
    USUAL_ARGUMENTS,
    gradient_arguments,
    needs_logits,
    network_arguments,
    weight_seed,
)
from grader.judging.compare import compare
from grader.judging.data import data_name
from grader.judging.measure import accuracy, way_between
from grader.staff.exercises.arguments import with_right
from grader.staff.exercises.models import probes as hidden_probes

NO_LENET5 = "The trained network's weights are not those of a LeNet5: a layer has another name, or another shape."
# How far float noise leads the weights apart, as a share of their way: in 60 runs on digits by 0.16
# on average and 0.35 at most.  Without its hidden layers' training a LeNet5 ends 1.0 away, and with
# weights that were learnt elsewhere 4.
FAR = 0.7
NO_STEP = {"training": {"n_epochs": 0, "learning_rate": 0.0}}
NOT_SQUARE = [
    ("DogClassifierConv", [(3, 7), (5, 2)], [(1, 2), (2, 1)]),
    ("SynthClassifier", [(2, 5), 2, (2, 1)], [(1, 2), (2, 1), 1]),
]
# With these, one row or column more or less in the images changes the number of features.
ON_THE_EDGE = {
    "DogClassifierConv": ([[(3, 2), 1], [(2, 3), 1]], [2, 1]),
    "SynthClassifier": ([[(2, 3), (3, 2), 1], [(3, 2), (2, 3), 1]], [1, 1, 1]),
}


@number("4.6")
@weight(1)
@pytest.mark.parametrize("name", list(SHAPES))
def test_gradients_reach_every_parameter(agree, rng, name):
    """Gradients of the right size reach every parameter of {name}, and only dropout is random."""
    agree(probes.gradients, rtol=2e-3, needs=needs_logits(rng, name), **gradient_arguments(rng, name))


@number("4.7")
@weight(2)
@pytest.mark.parametrize("name, kernel_size, stride", NOT_SQUARE, ids=[name for name, *_ in NOT_SQUARE])
def test_kernels_that_are_not_square(agree, rng, name, kernel_size, stride):
    """{name} takes lists and tuples of different heights and widths, and refuses wrong lengths."""
    sizes = {"kernel_size": kernel_size, "stride": stride}
    short, long = (
        {"kernel_size": kernel_size[1:], "stride": stride[1:]},
        {"kernel_size": [*kernel_size, 1], "stride": [*stride, 1]},
    )
    wrong = [sizes | {"kernel_size": kernel_size[1:]}, sizes | {"stride": [*stride, 1]}, short, long]
    given = network_arguments(rng, name, arguments=sizes) | {"wrong": with_right(rng, wrong, sizes)}
    agree(probes.network, needs=needs_logits(rng, name), **given)
    kernel_sizes, stride = ON_THE_EDGE[name]
    for kernel_size in kernel_sizes:
        sizes = {"stride": stride, "kernel_size": kernel_size}  # the second becomes a tuple
        agree(probes.network, only=("logits",), **network_arguments(rng, name, batches=(1,), arguments=sizes))


@number("4.8")
@weight(2)
def test_digit_classifier_flattens(agree, rng):
    """DigitClassifier takes images of any shape that flattens to 784 numbers."""
    shapes = [(3, 784), (2, 1, 28, 28), (4, 28, 28), (1, 14, 56)]
    arguments = network_arguments(rng, "DigitClassifier") | {"inputs": [images(rng, *shape) for shape in shapes]}
    agree(probes.network, needs=needs_logits(rng, "DigitClassifier"), **arguments)


@number("4.9")
@weight(2)
def test_lenet5_pads_only_small_images(agree, rng):
    """LeNet5 pads 28x28 images with zeros on every side, and nothing else."""
    inputs = [1 + images(rng, 2, 2, 28, 28), 1 + images(rng, 1, 2, 32, 32), images(rng, 1, 2, 28, 28) - 2]
    padded = network_arguments(rng, "LeNet5", arguments={"in_channels": 2}) | {"inputs": inputs}
    agree(probes.network, needs=needs_logits(rng, "LeNet5"), **padded)


@number("4.10")
@weight(2)
def test_regularised_training(check, rng, thresholds):
    """RegularizedFashionCNN trains with batch statistics, and drops a fifth after the last ReLU."""
    arguments = dict(name="RegularizedFashionCNN", x=images(rng, 6, 1, 28, 28), seed=weight_seed(rng), repeats=400)
    check.block_unless(needs_logits(rng, "RegularizedFashionCNN"))
    got, expected = (ask(probes.training_statistics, **arguments) for ask in (check.ask, check.expect))
    check.require(
        compare(expected["buffers"], got["buffers"]) is None,
        "RegularizedFashionCNN's batch norms do not update their running statistics as torch's do by default.",
        only=("buffers",),
    )
    error = expected["deviation"].mean() / np.sqrt(arguments["repeats"])  # of one mean
    centre = np.abs(got["mean"] - expected["mean"]).mean() / error
    spread = float(np.mean(got["deviation"]) / np.mean(expected["deviation"]))
    most = thresholds("distance of mean logits", "images")
    check.at_most(
        centre, most, "The distance of RegularizedFashionCNN's mean logits from the expected ones (in standard errors)"
    )
    most = thresholds("difference of spread", "images")
    check.at_most(
        abs(spread - 1), most, "The difference in the spread of RegularizedFashionCNN's logits that dropout causes"
    )


@number("4.11")
@weight(2)
@pytest.mark.timeout(90)
@pytest.mark.trains
def test_lenet5_learns(check, rng, thresholds):
    """LeNet5 learns handwritten digits when the grader trains it."""
    check.block_unless(needs_logits(rng, "LeNet5"))
    digits = check.digits(examples_per_class=250, fraction=0.8, seed=int(rng.integers(2**31)))
    labels = rng.permutation(10)
    (x, y), (x_test, y_test) = digits["train"], digits["test"]
    training = dict(n_epochs=5, learning_rate=0.02, momentum=0.9)
    arguments = dict(name="LeNet5", x=x[:, None], y=labels[y], seed=weight_seed(rng), training=training)
    state = check.ask(hidden_probes.fit_network, **arguments)["state"]
    logits = check.ask_staff(hidden_probes.predict, NO_LENET5, name="LeNet5", x=x_test[:, None], state=state)
    least = thresholds("LeNet5's accuracy", data_name())
    check.at_least(accuracy(logits, labels[y_test]), least, "LeNet5's accuracy on test images")
    # Weights that were learnt elsewhere do not lie where training from drawn weights leads.
    nearly = arguments | {"x": arguments["x"] * np.float32(1 + 1e-6)}  # as far off as float noise
    start, end = (check.expect(hidden_probes.fit_network, **nearly | how)["state"] for how in (NO_STEP, {}))
    near = way_between(end, state) <= FAR * way_between(start, end)
    check.require(near, "LeNet5's weights are far from where this training leads.")


@number("4.12")
@weight(2)
@pytest.mark.timeout(60)
def test_synth_classifier_learns(agree, rng):
    """SynthClassifier's loss falls as expected when the grader trains it from given weights."""
    x, y = load_synth_data(400, seed=int(rng.integers(2**31)))
    arguments = dict(name="SynthClassifier", x=(x / 255).astype(np.float32), y=y, seed=weight_seed(rng))
    arguments |= dict(arguments=USUAL_ARGUMENTS["SynthClassifier"], training=dict(n_epochs=3, learning_rate=1e-2))
    agree(hidden_probes.fit_network, only=("losses",), rtol=2e-3, **arguments)


@number("4.13")
@weight(1)
def test_inversion_outside_usual_values(agree, rng):
    """InversionInvariantLeNet5 applies x(1 - x) before it pads, for black and white images too."""
    inputs = [np.round(images(rng, 2, 1, 28, 28)), np.zeros((1, 1, 28, 28), np.float32)]
    arguments = network_arguments(rng, "InversionInvariantLeNet5") | {"inputs": inputs}
    agree(probes.network, needs=needs_logits(rng, "InversionInvariantLeNet5"), **arguments)
