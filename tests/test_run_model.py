"""Visible checks of src/run_model.py: train_epoch (1), evaluate (2), run_model (3)."""

import re
from dataclasses import asdict

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.inputs import FIRST_VALID_ID, N_PARTS, blobs, curve, small_net, task
from grader.exercises.models import probes as models_probes
from grader.exercises.models.pictures import show_classifier
from grader.exercises.models.questions import needs_logits, weight_seed
from grader.exercises.run_model import probes
from grader.exercises.run_model.questions import (
    FIGURES,
    SHOWN_BY_NUMBERS,
    Curve,
    agree_on_refusals,
    agree_on_stops,
    curves_with,
    handed_over_in_turn,
    history_picture,
    needs_figures,
    needs_steps,
    needs_training,
    needs_training_in_order,
    require_steps,
    wrong_number_of_epochs,
)
from grader.judging.checks import Question
from grader.judging.data import data_name
from grader.judging.measure import accuracy, cross_entropy, relu_network


@number("1.1")
@weight(2)
def test_train_epoch_even_batches(agree, rng):
    """train_epoch returns the mean loss and the accuracy in percent."""
    agree(probes.train_epoch, only=FIGURES, **task(rng, n=20, batch_size=5), learning_rate=0.0)


@number("1.2")
@weight(2)
def test_train_epoch_uneven_batches(agree, rng):
    """train_epoch averages over examples when the last batch is smaller."""
    agree(probes.train_epoch, only=FIGURES, **task(rng, n=23, batch_size=5), learning_rate=0.0)


@number("1.3")
@weight(2)
def test_train_epoch_weights(agree, rng):
    """train_epoch takes one step for each batch, along the gradient of that batch only."""
    agree(probes.train_epoch, only=("weights",), **task(rng, n=22, batch_size=5), learning_rate=0.2)


@number("1.4")
@weight(1)
def test_train_epoch_figures_before_step(agree, rng):
    """train_epoch's loss and accuracy come from the forward passes that its steps used."""
    agree(probes.train_epoch, only=FIGURES, **task(rng, n=16, batch_size=16), learning_rate=1.0, up_to_scale=FIGURES)


@number("1.5")
@weight(1)
@pytest.mark.parametrize("dtype, label_dtype", [("float64", "int64"), ("int64", "float32"), ("uint8", "int8")])
def test_train_epoch_dtypes(agree, rng, dtype, label_dtype):
    """train_epoch takes {dtype} inputs and {label_dtype} labels."""
    arguments = task(rng, n=20, batch_size=5, dtype=dtype, label_dtype=label_dtype)
    agree(probes.train_epoch, only=("loss",), up_to_scale=("loss",), **arguments, learning_rate=0.0)


@number("1.6")
@weight(2)
def test_train_epoch_training_mode(agree, rng):
    """train_epoch puts the model in training mode: batch norm uses and updates batch statistics."""
    arguments = task(rng, n=20, batch_size=5, net=small_net(rng, batch_norm=True))
    observed = ("loss", "buffers", "training mode")
    agree(probes.train_epoch, only=observed, up_to_scale=("loss",), **arguments, learning_rate=0.0)


@number("2.1")
@weight(2)
def test_evaluate_even_batches(agree, rng):
    """evaluate returns the mean loss and the accuracy in percent."""
    agree(probes.evaluate, only=FIGURES, **task(rng, n=20, batch_size=5))


@number("2.2")
@weight(2)
def test_evaluate_uneven_batches(agree, rng):
    """evaluate averages over examples when the last batch is smaller."""
    agree(probes.evaluate, only=FIGURES, **task(rng, n=23, batch_size=5))


@number("2.3")
@weight(2)
def test_evaluate_evaluation_mode(agree, rng):
    """evaluate puts the model in evaluation mode: no dropout, batch norm's running statistics."""
    arguments = task(rng, n=20, batch_size=5, net=small_net(rng, batch_norm=True, dropout=0.5))
    agree(probes.evaluate, only=("loss", "training mode"), up_to_scale=("loss",), **arguments)


@number("2.4")
@weight(2)
def test_evaluate_leaves_the_model(agree, rng):
    """evaluate does not change parameters, buffers or modes, and records no gradients."""
    arguments = task(rng, n=20, batch_size=5, net=small_net(rng, batch_norm=True))
    handed_over = handed_over_in_turn(rng, [[mode] * N_PARTS for mode in (True, False, True, False)])
    agree(
        probes.evaluate_modes,
        only=("changed", "modes changed", "gradients recorded", "accuracy", *SHOWN_BY_NUMBERS),
        up_to_scale=("accuracy", "losses by call"),
        **arguments,
        handed_over=handed_over,
    )


@number("3.1")
@weight(2)
def test_run_model_history(agree, rng):
    """run_model returns the losses and accuracies of both sets, one entry for each epoch."""
    train, valid = blobs(rng, 24), blobs(rng, 12, first_id=FIRST_VALID_ID)
    net = small_net(rng, batch_norm=True)
    agree(
        probes.run_model,
        only=("losses", "accuracies"),
        up_to_scale=("losses", "accuracies"),
        needs=needs_figures(net, train, valid),
        net=net,
        train=train,
        valid=valid,
        settings=dict(batch_size=24, learning_rate=0.5, n_epochs=4, patience=4),
        picture=history_picture,
    )
    stops = curves_with([curve(60, 1.0, -rng.integers(0, 4) / 4, 1.0)], 1)
    agree(probes.stopping, only=("entries",), curves=[asdict(one) for one in stops])


@number("3.2")
@weight(2)
def test_run_model_weights(agree, rng):
    """run_model trains the given model by plain SGD at the given learning rate and returns it."""
    net, train = small_net(rng), blobs(rng, 24)
    agree(
        probes.run_model,
        only=("weights", "the model returned", "weights of the model returned"),
        needs=needs_steps(net, train, train)[:1],
        net=net,
        train=train,
        settings=dict(batch_size=24, learning_rate=float(rng.uniform(0.2, 0.5)), n_epochs=3),
    )


@number("3.3")
@weight(1)
def test_run_model_without_validation_set(agree, rng):
    """run_model runs all epochs without a validation set, and leaves the valid lists empty."""
    net, train = small_net(rng), blobs(rng, 20)
    agree(
        probes.run_model,
        only=("losses", "accuracies"),
        up_to_scale=("losses", "accuracies"),
        needs=needs_figures(net, train, train)[:1],
        net=net,
        train=train,
        settings=dict(batch_size=20, learning_rate=0.5, n_epochs=5, stop_thr=10.0),  # no loss ever improves so much
    )


@number("3.4")
@weight(1)
def test_run_model_batch_size(check, rng):
    """run_model trains in batches of batch_size, in the given order when shuffle is False."""
    net, train, rate = small_net(rng), blobs(rng, 13), 0.2
    check.block_unless(needs_steps(net, train, train)[:1])
    settings = dict(batch_size=5, n_epochs=2, learning_rate=rate, shuffle=False)
    observed = check.ask(probes.run_model, net=net, train=train, settings=settings)
    got = [batch.tolist() for batch in observed["passes"]]
    ids = train[0][:, 0].tolist()
    in_order = [ids[:5], ids[5:10], ids[10:]] * 2
    sizes, sentence = (
        [len(batch) for batch in got],
        "run_model changes the order of the examples, although shuffle=False.",
    )
    if sizes != [5, 5, 3] * 2:
        sizes_told = f"The training batches have the sizes {listed(sizes)}; they should have {listed([5, 5, 3] * 2)}."
        sentence = wrong_number_of_epochs(sum(sizes), 13, 2) or sizes_told
    numbers = re.sub(r"\.0\b", "", f"expected {in_order}, got {got}")
    details = f"There are 13 examples, each with a number, batches of 5 and two epochs: {numbers}"
    check.require(got == in_order, sentence, details, only=("passes",))
    require_steps(check, net, train, observed, rate)


def listed(sizes):
    """The first twelve sizes of batches, in words."""
    return ", ".join(map(str, sizes[:12])) + (", ..." if len(sizes) > 12 else "") or "no batch"


@number("3.5")
@weight(1)
def test_run_model_shuffle(check, rng):
    """run_model shuffles the training set in every epoch, and keeps the validation set in order."""
    net, train, valid, rate = small_net(rng), blobs(rng, 12), blobs(rng, 6, first_id=FIRST_VALID_ID), 0.2
    check.block_unless(needs_steps(net, train, valid))
    settings = dict(batch_size=4, n_epochs=3, learning_rate=rate, patience=3, shuffle=True)
    got = check.ask(probes.run_model, net=net, train=train, valid=valid, settings=settings)
    ids_seen = np.concatenate([[], *got["passes"]])
    ids, trained_on = train[0][:, 0], ids_seen[ids_seen < FIRST_VALID_ID]
    orders = [trained_on[start : start + 12].tolist() for start in range(0, len(trained_on), 12)] + [ids.tolist()]
    each_once = len(orders) == 4 and all(sorted(order) == sorted(ids.tolist()) for order in orders)
    sentence = "run_model trains on some examples more than once in an epoch, and leaves others out."
    check.require(each_once, wrong_number_of_epochs(len(trained_on), 12, 3) or sentence, only=("passes",))
    changes = len(set(map(tuple, orders))) == 4
    check.require(changes, "run_model does not draw a new order in every epoch.", only=("passes",))
    evaluated = ids_seen[ids_seen >= FIRST_VALID_ID]
    in_order = len(evaluated) >= 18 and np.array_equal(evaluated, np.resize(valid[0][:, 0], len(evaluated)))
    sentence = "run_model does not evaluate on the validation set, in order, after every epoch."
    check.require(in_order, sentence, only=("passes",))
    require_steps(check, net, train, got, rate)


@number("3.6")
@weight(1)
def test_run_model_test_mode(agree, rng):
    """run_model in "test" mode returns the loss and accuracy over the test set."""
    arguments = task(rng, n=20, batch_size=6, net=small_net(rng, batch_norm=True, dropout=0.5))
    needs = [Question(probes.evaluate, arguments, FIGURES, up_to_scale=FIGURES)]
    agree(probes.run_model_in_test_mode, only=FIGURES, up_to_scale=FIGURES, needs=needs, **arguments)


@number("3.7")
@weight(2)
def test_stops_when_validation_stops_improving(agree, rng):
    """run_model stops after the first epoch whose validation loss fails to improve."""
    better = 1 + rng.integers(0, 8, 9) / 4
    curves = [
        curve(66, better[0], better[1], 0.0, better[2], better[3]),
        curve(60, -better[4], better[5], better[6]),
        curve(63, better[7], better[8], 2**-9, 3.0),
    ]
    decided_otherwise = [  # by another loss or epoch, by a loss's size or by an accuracy
        Curve(curve(66, *(1.75 + better[:5])), patience=1, stop_thr=1.5, n_epochs=6),
        Curve([240.0, 180.0, 120.0, 50.0, 45.0, 44.0], patience=1, stop_thr=55.0, n_epochs=6),
        Curve(curve(66, *better[:3] / 16), patience=1, stop_thr=0.0, n_epochs=6),
        Curve(curve(66, 20 + better[0], 10 + better[1], 0.0), patience=1, stop_thr=2**-4, n_epochs=6),
        Curve(curve(66, 30.0, -20.0, 25.0), patience=1, stop_thr=2**-4, n_epochs=4),
    ]
    agree_on_stops(agree, rng, curves_with(curves, 1, 1, 1) + decided_otherwise)


@number("3.8")
@weight(1)
def test_patience_counts_failures_in_a_row(agree, rng):
    """run_model stops after `patience` failures in a row; an improvement restarts the count."""
    good, bad = 2 + rng.integers(0, 8, 9) / 4, -rng.integers(0, 4, 9) / 4
    curves = [
        curve(66, good[0], bad[0], good[1], bad[1], bad[2], good[2], good[3]),
        curve(66, bad[3], bad[4], good[4], bad[5], bad[6], bad[7], good[5]),
    ]
    agree_on_stops(agree, rng, curves_with(curves, 2, 3))


@number("3.9")
@weight(1)
def test_run_model_refuses_missing_sets(agree, rng):
    """run_model raises ValueError for an unknown mode and for a missing data set."""
    wrong = [
        {"running_mode": "validate", "test_set": "data"},
        {"running_mode": "Train"},
        {"train_set": None},
        {"running_mode": "test", "test_set": None},
    ]
    agree_on_refusals(agree, rng, wrong)


@number("3.10")
@weight(1)
@pytest.mark.timeout(30)
@pytest.mark.trains
def test_run_model_fits_a_small_problem(check, rng, thresholds):
    """run_model fits a small problem to a loss near zero."""
    net, (x, y) = small_net(rng, width=16), blobs(rng, 60, spread=0.2, apart=1.5)
    arguments = dict(net=net, x=x, y=y, settings=dict(batch_size=30, learning_rate=0.2, n_epochs=60))
    check.block_unless(needs_training(rng))
    weights = check.ask(probes.fit_small, **arguments)["weights"]
    loss = cross_entropy(relu_network(weights, x[:, 1:]), y)
    check.at_most(loss, thresholds("fitted loss", "blobs"), "The loss after 60 epochs")


@number("3.11")
@weight(1)
@pytest.mark.timeout(60)
@pytest.mark.trains
@pytest.mark.also("models")
def test_digit_classifier_learns(check, rng, thresholds):
    """A DigitClassifier trained by run_model recognises handwritten digits."""
    data = check.digits(examples_per_class=250, fraction=0.8, seed=int(rng.integers(2**31)))
    # nothing learnt from elsewhere fits these digits
    names, pixels = rng.permutation(10), rng.permutation(784)
    (x, y), (x_test, y_test) = ((mixed(images, pixels), names[labels]) for images, labels in data.values())
    settings = dict(batch_size=20, learning_rate=0.05, n_epochs=2)
    few = dict(x=x[:200], y=y[:200], seed=weight_seed(rng), settings=settings)
    digits_in_order = Question(models_probes.train_digits_in_order, few, ("weights",))
    needs = [*needs_training(rng), *needs_logits(rng, "DigitClassifier"), *needs_training_in_order(rng)]
    check.block_unless([*needs, digits_in_order])
    arguments = dict(x=x, y=y, settings=settings | {"n_epochs": 8})
    weights = check.ask(models_probes.train_digits, **arguments)["weights"]
    logits = relu_network(weights, x_test.reshape(len(x_test), -1))
    percent = accuracy(logits, y_test)
    show_classifier(check, weights, logits, names, np.argsort(pixels), *data["test"])
    least = thresholds("DigitClassifier's accuracy", data_name())
    check.at_least(percent, least, "DigitClassifier's accuracy on test images")


def mixed(images, pixels):
    """Images whose pixels are in another order, the same for all."""
    return images.reshape(len(images), -1)[:, pixels].reshape(images.shape)
