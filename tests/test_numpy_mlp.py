"""Visible checks of src/numpy_mlp.py (8)."""

from itertools import pairwise

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.inputs import examples, mlp
from grader.exercises.numpy_mlp import probes
from grader.exercises.numpy_mlp.network import random_sums
from grader.exercises.numpy_mlp.only_numpy import reasons_in_folder
from grader.judging.compare import compare
from grader.judging.failures import Blocked
from grader.judging.picture import Picture

TINY = (4, 3, 2)
WIDE = (300, 400, 10)  # a loss for each weight takes minutes
EXACT = 1e-12  # float64, after the few sums of a small network
WRONG_ARGUMENTS = [
    {"sizes": [4, 3], "init": "xavier"},
    {"sizes": [4, 3], "activation": "tanh"},
    {"sizes": [4]},
]
DEFAULTS = ("init", "activation", "seed")  # what models of mlp_defaults leave out
RIGHT_ARGUMENTS = {"sizes": [3, 1, 2]}


@number("8.1")
@weight(2)
def test_imports(check, rng):
    """src/numpy_mlp.py imports nothing but NumPy, and works with it."""
    sizes = (6, 8, 10)
    question = dict(net=mlp(rng, sizes), x=examples(rng, 60, sizes)[0])
    got, expected = (ask(probes.mlp_predictions, **question)["classes"] for ask in (check.ask, check.expect))
    broken = [reason.sentence for reason in reasons_in_folder(check.folder())]
    details = "\n".join(broken[:8])
    check.require(
        not broken, "src/numpy_mlp.py imports, or can reach, more than NumPy.", details, only=("numpy alone",)
    )
    if got.shape != expected.shape or (got == expected).mean() < 0.5:
        raise Blocked("Not checked yet: first fix forward.")


@number("8.2")
@weight(2)
def test_initial_weights(check, rng):
    """New weights are zero, standard normal or Glorot's, drawn from the seed; biases are zero."""
    sizes = [int(n) for n in rng.integers((40, 40, 40), (45, 46, 47))]
    for init, fits in (("zero", are_zero), ("normal", are_normal), ("glorot", are_glorot)):
        wrong = [*WRONG_ARGUMENTS, RIGHT_ARGUMENTS] if init == "glorot" else []
        got = check.agree(probes.mlp_initial, only=("shapes",), sizes=sizes, init=init, wrong=wrong)
        largest = [f"{np.abs(array).max():.4g}" for array in got["weights"]]
        details = f'init="{init}", sizes {tuple(sizes)}: the largest weights of the layers are {" and ".join(largest)}'
        shapes = [list(array.shape) for array in (*got["weights"], *got["biases"])]
        right = shapes == got["shapes"] and fits([array.astype(float) for array in got["weights"]])
        if not right:
            show_weights(check, got["weights"], sizes, init)
        check.require(right, f'With init="{init}" NumpyMLP has the wrong weights.', details, ("start",), 0.1)
        zero = not any(bias.any() for bias in got["biases"])
        check.require(zero, "NumpyMLP's biases do not start at 0.", only=("start", "biases"), rtol=0.1)
        judge_seeds(check, got, init)
    refused = [error == "ValueError" for error in got["raised"][:3]]
    check.require(all(refused), refusals(got["raised"][:3]), only=("raised",))
    sentence = "NumpyMLP raises an error for a hidden layer of one unit."
    check.require(got["raised"][3] == "nothing", sentence, only=("raised",))
    judge_defaults(check, [5, 4, 3])


def judge_defaults(check, sizes):
    """Require Glorot's weights, seed 0 and ReLUs of models that are made without these arguments.

    The worker sends weights and probabilities. Whether they are the same is decided here.
    """
    got = check.agree(probes.mlp_defaults, only=("default sizes",), sizes=sizes)
    *weights, _ = got["weights"]
    first, *others, sigmoids = got["probabilities"]
    for name, one, probabilities in zip(DEFAULTS, weights[1:], others, strict=True):
        same = all(map(np.array_equal, one, weights[0])) and np.array_equal(probabilities, first)
        right = same and in_glorot_bounds(one, sizes) and not np.array_equal(sigmoids, first)
        check.require(right, f"NumpyMLP's default {name} is not the documented one.", only=("defaults",))


def in_glorot_bounds(weights, sizes):
    bounds = {shape: np.sqrt(6 / sum(shape)) for shape in pairwise(sizes)}
    shapes = [array.shape for array in weights]
    return shapes == [*bounds] and all(0 < np.abs(array).max() <= bounds[array.shape] for array in weights)


def show_weights(check, weights, sizes, init):
    """Show the first layer's weights next to the distribution asked for."""
    wanted = {"glorot": dict(bound=float(np.sqrt(6 / sum(sizes[:2])))), "normal": dict(deviation=1.0)}
    if init in wanted:
        what = f'weights of the first layer, init="{init}"'
        check.picture("weights", f'NumpyMLP with init="{init}"', found=weights[:1], what=what, **wanted[init])


def are_zero(weights):
    return not any(array.any() for array in weights)


def are_normal(weights):
    """Whether mean and deviation are within six standard errors.

    No uniform draw of this deviation is as large as 2.1.
    """
    draws = np.concatenate([array.ravel() for array in weights])
    slack = 6 / draws.size**0.5
    return abs(draws.mean()) < slack and abs(draws.std() - 1) < 0.71 * slack and np.abs(draws).max() > 2.1


def are_glorot(weights):
    """The same for uniform draws; and every layer's largest weight is near its bound."""
    scaled = [array / np.sqrt(6 / sum(array.shape)) for array in weights]
    draws = np.concatenate([array.ravel() for array in scaled])
    slack = 6 / draws.size**0.5
    centred = abs(draws.mean()) < 0.58 * slack and abs(draws.std() - 3**-0.5) < 0.26 * slack
    return centred and all(0.98 < np.abs(array).max() < 1.001 for array in scaled)


def judge_seeds(check, got, init):
    """Require equal weights for equal seeds, other weights for another seed, and float64."""
    first = [array[:1] for array in got["weights"]]
    same = all(map(np.array_equal, got["again"], first))
    check.require(same, "Two models with the same seed have different weights.", only=("seeds",))
    others = init == "zero" or not any(map(np.array_equal, got["other"], first))
    check.require(others, "Models with different seeds have the same weights.", only=("seeds",))
    dtypes = sorted(set(got["dtypes"]))
    check.require(
        dtypes == ["float64"],
        f"NumpyMLP's weights and biases should be float64; they are {' and '.join(dtypes)}.",
        only=("dtypes",),
    )


def refusals(raised):
    wanted = ["an unknown init", "an unknown activation", "a single size"]
    wrong = [what for what, error in zip(wanted, raised, strict=True) if error != "ValueError"]
    return f"NumpyMLP should raise ValueError for: {', '.join(wrong)}."


def forward_arguments(rng):
    return dict(net=mlp(rng), inputs=[examples(rng, n)[0] for n in (5, 1)])


def loss_arguments(rng):
    return dict(net=mlp(rng), batches=[examples(rng, n) for n in (7, 4)])


def backward_arguments(rng):
    sizes = (4, 3, 2, 3)
    return dict(net=mlp(rng, sizes), batches=[examples(rng, 8, sizes)])


def update_arguments(rng):
    gradients = [[mlp(rng, TINY)[name] for name in ("weights", "biases")] for _ in range(2)]
    return dict(net=mlp(rng, TINY), gradients=gradients, learning_rate=0.3)


@number("8.3")
@weight(1)
def test_forward(check, rng):
    """forward gives the probabilities of the classes, with ReLU and with sigmoid."""
    question = forward_arguments(rng)
    question["net"]["activation"] = "sigmoid"
    keys = ("probabilities", "dtypes")
    check.agree(probes.mlp_forward, only=keys, rtol=EXACT, **question)
    check.agree(probes.mlp_forward, only=keys, rtol=EXACT, **forward_arguments(rng))
    large = mlp(rng, activation="sigmoid")  # a softmax that overflows costs points in loss; this helps to name it
    large["weights"][-1] = 20000 * np.sort(large["weights"][-1], axis=1)  # the last class, which no row of nan has
    check.ask(probes.mlp_predictions, net=large, x=examples(rng, 12)[0])


@number("8.4")
@weight(2)
def test_loss(agree, rng):
    """loss is the mean cross-entropy, also for logits in the thousands."""
    agree(probes.mlp_loss, only=("loss",), rtol=EXACT, **loss_arguments(rng))
    question = loss_arguments(rng)
    question["net"]["weights"][-1] *= 1000
    agree(probes.mlp_loss, only=("loss",), rtol=EXACT, **question)


@number("8.5")
@weight(2)
@pytest.mark.timeout(10)
def test_backward(check, rng):
    """backward gives the gradients of the mean loss."""
    needs = [(probes.mlp_forward, forward_arguments(rng), ("probabilities",))]
    keys = ("weight gradients", "bias gradients", "dtypes")
    check.agree(probes.mlp_backward, only=keys, rtol=EXACT / 10, needs=needs, **backward_arguments(rng))
    question, signs = wide_arguments(rng), int(rng.integers(2**31))
    got = check.ask(probes.mlp_wide_gradients, **question)
    expected = check.expect(probes.mlp_wide_sums, **question, signs=signs)["sums"]  # a worker never sees the signs
    right = all(map(is_array, got)) and compare(expected, random_sums(got, signs), rtol=1e-5) is None
    check.require(right, "NumpyMLP's gradients of a wide network are wrong.")


def is_array(value):
    return isinstance(value, np.ndarray)


def wide_arguments(rng):
    x, y = examples(rng, 3, WIDE)
    return dict(sizes=list(WIDE), seed=int(rng.integers(2**31)), x=x, y=y)


@number("8.6")
@weight(1)
def test_update(agree, rng):
    """update takes a step against the gradients it is given."""
    agree(probes.mlp_update, rtol=EXACT, **update_arguments(rng))


@number("8.7")
@weight(1)
def test_fit(agree, rng):
    """fit takes a step for each batch, and returns a loss for each epoch."""
    needs = [
        (probes.mlp_loss, loss_arguments(rng), ("loss",)),
        (probes.mlp_backward, backward_arguments(rng), ("weight gradients", "bias gradients")),
        (probes.mlp_wide_sums, wide_arguments(rng) | {"signs": 1}, ("sums",)),
        (probes.mlp_update, update_arguments(rng), ("weights", "biases")),
    ]
    x, y = examples(rng, 9, TINY)
    training = dict(net=mlp(rng, TINY), n_epochs=4, learning_rate=0.3)
    # one example several times over: its order does not matter
    alike = dict(x=x[:1].repeat(6, axis=0), y=y[:1].repeat(6), batch_size=2)
    agree(probes.mlp_fit, only=("losses", "states"), picture=fit_picture, needs=needs, **training | alike)
    agree(probes.mlp_fit, only=("losses", "states"), picture=fit_picture, x=x, y=y, batch_size=50, **training)
    agree(probes.mlp_fit, only=("losses", "states"), **training | alike | {"batch_size": 1})


def fit_picture(got, expected):
    """The losses that fit returned."""
    curves = [("training loss", expected["losses"][0], got["losses"][0])]
    return Picture("curves", "The losses that fit returned", dict(curves=curves, what="loss"))


@number("8.8")
@weight(1)
def test_finite_difference(check, rng):
    """finite_difference takes central differences of the chosen weights, and restores the model."""
    net, (x, y) = mlp(rng), examples(rng, 4)
    question = dict(net=net, x=x, y=y, layer=1, indices=[[3, 1], [0, 2], [2, 2]], epsilon=0.3)
    check.agree(probes.mlp_finite_difference, only=("differences",), rtol=EXACT, **question)
    for other in ({"layer": 2, "indices": [[2, 1]], "epsilon": 0.1}, {"fails_at": 1}, {"layer": 0, "fails_at": 4}):
        got = check.agree(probes.mlp_finite_difference, only=("differences", "raised"), **question | other)
        as_it_was = all(map(np.array_equal, got["weights"], net["weights"]))
        when = "if the loss raises an error" if "fails_at" in other else "at the end"
        check.require(
            as_it_was, f"finite_difference leaves weights of the model changed {when}.", only=("as it was", "weights")
        )
