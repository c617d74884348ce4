"""Hidden checks of src/autoencoder.py (7)."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.autoencoder import probes
from grader.exercises.autoencoder.questions import (
    MADE_UP,
    contrasting_images,
    explain_fact,
    judge_noise,
    needs_classifier_logits,
    needs_reconstruction,
    needs_two_steps,
    signed_images,
    training_arguments,
)
from grader.exercises.models.questions import weight_seed
from grader.judging.compare import compare
from grader.judging.data import data_name
from grader.judging.measure import accuracy, mean_squared_error, relu_network
from grader.staff.exercises.autoencoder import probes as hidden_probes

NOT_THESE = "train_autoencoder's weights are not those of one step for each batch that the model saw."
NO_NETWORK = "The weights do not fit an Autoencoder."


@number("7.10")
@weight(1)
def test_several_kinds_of_noise(check, rng):
    """corrupt applies several kinds in turn, and raises ValueError for wrong kinds and amounts."""
    small, large = (float(drawn) for drawn in rng.uniform((0.2, 0.35), (0.25, 0.4)))
    orders = [["zero", "salt_and_pepper"], ["salt_and_pepper", "zero"], ["gaussian", "zero", "zero"]]
    noise = [(orders[0], [small, large]), (orders[1], [large, small]), (orders[2], [small, large, small])]
    noise += [(["gaussian", "gaussian"], [large, large]), ("zero", 0.0)]  # clipped in between; a copy
    wrong = [
        {"kind": "speckle", "amount": small},
        {"kind": ["zero", "pepper"], "amount": [small, small]},
        {"kind": "gaussian", "amount": -small},
        {"kind": "zero", "amount": 1 + small},
        {"kind": ["gaussian", "salt_and_pepper"], "amount": [small, -large]},
        {"kind": ["zero", "gaussian"], "amount": [small]},
        {"kind": ["zero"], "amount": [small, large]},
        {"kind": "gaussian", "amount": 1 + small},
        {"kind": "zero", "amount": 1.0},
        {"kind": "salt_and_pepper", "amount": 0.0},
    ]
    judge_noise(check, noise, wrong=[wrong[i] for i in rng.permutation(len(wrong))])


@number("7.11")
@weight(1)
def test_noise_comes_from_the_generator(check, rng):
    """corrupt draws all random numbers from the generator, and does not change the given images."""
    x, seed = contrasting_images(rng, 3), weight_seed(rng)
    noise = [["gaussian", 0.2], ["salt_and_pepper", 0.4], ["zero", 0.3]]
    got = check.agree(probes.corrupt_again, only=("facts",), explain=explain_fact, images=x, noise=noise, seed=seed)
    drawn = np.random.RandomState((seed + 3) % 2**32).random_sample()
    for noisy, afterwards, global_draw in zip(got["made"], got["images"], got["drawn"], strict=True):
        first, second, same, other = noisy
        repeats = np.array_equal(first, same) and not any(np.mean(first == array) > 0.9 for array in (second, other, x))
        check.require(repeats and np.array_equal(afterwards, x) and global_draw == drawn, MADE_UP)


@number("7.12")
@weight(1)
def test_training_shuffles(check, rng):
    """train_autoencoder takes all images once an epoch, in a new order, batch_size at a time."""
    check.block_unless(needs_two_steps(rng))
    arguments = training_arguments(rng, 13, n_epochs=4, batch_size=5, learning_rate=0.03)
    got = check.ask(probes.train_autoencoder, **arguments)
    batches = got["batches"]
    sizes, given = [len(batch) for batch in batches], arguments["images"][:, 0, 0, 0].tolist()
    check.require(sizes == [5, 5, 3] * 4, "train_autoencoder's batches have the wrong sizes.", only=("order",))
    epochs = [np.concatenate(batches[start : start + 3]).tolist() for start in range(0, 12, 3)]
    complete = all(sorted(order) == sorted(given) for order in epochs)
    check.require(complete, "train_autoencoder does not train on every image once in each epoch.", only=("order",))
    new = len(set(map(tuple, [*epochs, given]))) == 5
    check.require(new, "train_autoencoder does not draw a new order in every epoch.", only=("order",))
    require_steps(check, arguments, got)
    for n, options, wanted in ((129, {}, [128, 1]), (7, {"batch_size": 1}, [1] * 7)):
        arguments = training_arguments(rng, n, n_epochs=1, learning_rate=0.03, **options)
        got = check.ask(probes.train_autoencoder, **arguments)
        sentence = f"train_autoencoder divides {n} images wrongly, with {options or 'the default batch_size'}."
        check.require([len(batch) for batch in got["batches"]] == wanted, sentence, only=("order",))
        require_steps(check, arguments, got)
    sentence = "train_autoencoder keeps the graph of every batch in memory: add up loss.item(), not loss."
    check.require(not got["graphs kept"], sentence, only=("graphs kept",))


def require_steps(check, arguments, got):
    """Require that a step for each batch in the record leads to the weights.

    The record lives in the worker, where a submission can write.  Float noise changes weights by
    0.000001, and batches of 127 images in place of 128 change them by at least 0.004.
    """
    images, rate = arguments["images"], arguments["settings"]["learning_rate"]
    given = images[:, 0, 0, 0].tolist()
    batches = [batch.tolist() for batch in got["batches"]]
    check.require({value for batch in batches for value in batch} <= {*given}, NOT_THESE, only=("order", "weights"))
    places = [[given.index(value) for value in batch] for batch in batches]
    trained = dict(images=images, seed=arguments["seed"], learning_rate=rate)
    expected = check.ask_staff(hidden_probes.trained_on_batches, NOT_THESE, batches=places, **trained)
    check.require(compare(expected, got["weights"], rtol=1e-3) is None, NOT_THESE, only=("order", "weights"))


def digits(check, rng):
    """Handwritten digits for training and testing, as pairs of arrays.

    Images (N, 1, 28, 28) have values in [-1, 1]; labels have the shape (N,).
    """
    data = check.digits(examples_per_class=125, fraction=0.8, seed=int(rng.integers(2**31)))
    return [(2 * x[:, None] - 1, y) for x, y in (data["train"], data["test"])]


def errors(check, x, seeds, given):
    """The mean squared error of an autoencoder for each seed of the noise that it was trained with.

    The autoencoders get `given`, and their reconstructions are compared with the test images.
    """
    settings = dict(n_epochs=4, batch_size=10, learning_rate=4e-3)
    (images, _), (test, _) = x
    states = check.ask(hidden_probes.fit_autoencoders, images=images, seeds=seeds, settings=settings)["states"]
    reconstructions = [
        check.ask_staff(hidden_probes.reconstruct, NO_NETWORK, images=given, states=state)
        for state in states[: len(seeds)]
    ]
    return [mean_squared_error(test, array) for array in reconstructions]


@number("7.13")
@weight(1)
@pytest.mark.timeout(60)
@pytest.mark.trains
def test_autoencoder_learns_digits(check, rng, thresholds):
    """train_autoencoder trains an Autoencoder that reconstructs new handwritten digits."""
    check.block_unless([*needs_two_steps(rng), *needs_reconstruction(rng)])
    data = digits(check, rng)
    (error,) = errors(check, data, [None], data[1][0])
    most = thresholds("Autoencoder's error", data_name())
    check.at_most(error, most, "The mean squared error on test images")


@number("7.14")
@weight(2)
@pytest.mark.timeout(90)
@pytest.mark.trains
def test_denoising(check, rng, thresholds):
    """Training on noisy images makes an Autoencoder better at cleaning noisy images."""
    check.block_unless([*needs_two_steps(rng), *needs_reconstruction(rng)])
    data = digits(check, rng)
    given = hidden_probes.noisy(data[1][0], rng)
    plain, denoising = errors(check, data, [None, weight_seed(rng)], given)
    what = "The error on noisy images, after training on noisy images,"
    check.at_most(denoising, thresholds("denoising error", data_name()), what)
    check.require(denoising < plain, f"{what} is not smaller than after training on clean images.")


@number("7.15")
@weight(1)
def test_encoder_stays_in_evaluation_mode(check, rng):
    """EncoderClassifier's encoder stays in evaluation mode, whatever the classifier's mode."""
    arguments = dict(x=signed_images(rng, 5), seed=weight_seed(rng))
    got = check.agree(hidden_probes.classifier_modes, needs=needs_classifier_logits(rng), **arguments)
    alike = all(np.array_equal(got["logits"][0], logits) for logits in got["logits"])
    check.require(alike, "EncoderClassifier's logits depend on its mode.", only=("logits",))


@number("7.16")
@weight(1)
@pytest.mark.timeout(40)
@pytest.mark.trains
def test_classifier_learns_on_frozen_codes(check, rng, thresholds):
    """An EncoderClassifier learns digits from their codes, and its encoder does not change."""
    check.block_unless(needs_classifier_logits(rng))
    (x, y), (x_test, y_test) = digits(check, rng)
    names, seed = rng.permutation(10), weight_seed(rng)
    given = dict(x=x, y=names[y], seed=seed, n_epochs=10, learning_rate=0.03)
    got = check.ask(hidden_probes.fit_classifier, **given)
    codes = check.expect(hidden_probes.encode, x=x_test, seed=seed)
    percent = accuracy(relu_network(got["after"][-1], codes), names[y_test])
    check.at_least(percent, thresholds("EncoderClassifier's accuracy", data_name()), "The accuracy on test images")
    before, after = ([array for state in got[when][:-1] for array in state] for when in ("before", "after"))
    frozen = len(before) == len(after) > 0 and all(map(np.array_equal, before, after))
    check.require(frozen, "EncoderClassifier's encoder changed in training.", only=("before", "after"))
