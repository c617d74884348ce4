"""Hidden checks of src/run_model.py: train_epoch (1), evaluate (2), run_model (3)."""

import math
from dataclasses import asdict

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.inputs import N_PARTS, blobs, curve, image_task, small_net, task
from grader.exercises.run_model import probes
from grader.exercises.run_model.questions import (
    FIGURES,
    agree_on_refusals,
    agree_on_stops,
    curves_with,
    handed_over_in_turn,
    needs_steps,
    needs_steps_on_any_sets,
    require_steps,
)
from grader.judging.checks import Question
from grader.staff.exercises.run_model import probes as hidden_probes


@number("1.7")
@weight(1)
def test_train_epoch_uses_the_optimizer(agree, rng):
    """train_epoch works with any optimizer, and moves each batch to the device."""
    arguments = task(rng, n=22, batch_size=5)
    options = {"device": "cpu"}
    agree(probes.train_epoch, only=("weights",), **arguments, learning_rate=0.1, momentum=0.9, options=options)
    agree(hidden_probes.device_of_batches, name="train_epoch", data=blobs(rng, 4))


@number("1.8")
@weight(1)
def test_train_epoch_extreme_batches(agree, rng):
    """train_epoch takes images, one example, all, or part of a set; it frees each graph."""
    agree(probes.train_epoch, only=FIGURES, up_to_scale=FIGURES, **image_task(rng, 9, 4), learning_rate=0.0)
    for n, batch_size, given in [(3, 1, None), (4, 50, None), (13, 4, rng.permutation([4, 7, 10]).tolist())]:
        arguments = task(rng, n=n, batch_size=batch_size)
        agree(probes.train_epoch, only=FIGURES, up_to_scale=FIGURES, **arguments, learning_rate=0.0, given=given)
    agree(probes.train_epoch, only=("graphs kept",), **task(rng, n=16, batch_size=2), learning_rate=0.0)


@number("1.9")
@weight(1)
def test_empty_loaders_are_refused(agree, rng):
    """train_epoch and evaluate raise ValueError for no example, but not for a loss of 0."""
    for probe in (probes.train_epoch_empty, probes.evaluate_empty):
        sizes = rng.permutation([0, 0, 1, 3, 4]).tolist()
        observed = ("loss", "raised") + (("modes changed",) if probe is probes.evaluate_empty else ())
        agree(probe, only=observed, up_to_scale=("loss",), **task(rng, n=8, batch_size=4), sizes=sizes)
    certain = small_net(rng)
    certain["weights"][-1][0] += 1000  # so the loss of every example of class 0 is exactly 0
    sets = [[x, np.zeros_like(y)] for x, y in [blobs(rng, 6)]]
    for probe in (probes.train_epoch, probes.evaluate):
        agree(probe, only=("loss",), net=certain, sets=sets, batch_size=3)


@number("2.5")
@weight(1)
def test_evaluate_restores_every_mode(agree, rng):
    """evaluate restores the mode of every submodule, even if the model raises an error."""
    net = small_net(rng, batch_norm=True, dropout=0.5)
    arguments = task(rng, n=20, batch_size=5, net=net)
    observed = ("modes changed", "when the model fails", "accuracy", "modes by call", "gradients by call")
    modes = [[bool(drawn) for drawn in rng.integers(0, 2, N_PARTS)] for _ in range(6)]
    modes[0] = [False] + [True] * (N_PARTS - 1)  # the model's own mode says nothing of its parts'
    handed_over = handed_over_in_turn(rng, modes, fails=(False, True))
    given = dict(**arguments, modes="mixed", handed_over=handed_over)
    agree(probes.evaluate_when_the_model_fails, only=observed, up_to_scale=("accuracy",), **given)


@number("2.6")
@weight(1)
def test_evaluate_dtypes(agree, rng):
    """evaluate takes images, any dtype and device, a model in evaluation mode, part of a set."""
    observed = (*FIGURES, "training mode", "modes changed")
    for dtype, label_dtype in [("float64", "int8"), ("uint8", "float64")]:
        arguments = task(rng, n=22, batch_size=7, dtype=dtype, label_dtype=label_dtype)
        given = rng.permutation([7, 12, 20]).tolist()
        agree(probes.evaluate, only=observed, up_to_scale=FIGURES, **arguments, modes="eval", given=given)
    agree(probes.evaluate, only=FIGURES, up_to_scale=FIGURES, **image_task(rng, 9, 4))
    agree(hidden_probes.device_of_batches, name="evaluate", data=blobs(rng, 4))


@number("3.12")
@weight(2)
def test_stops_at_exactly_the_threshold(agree, rng):
    """run_model accepts an improvement of exactly stop_thr; anything less counts as a failure."""
    enough, tiny = 2**-4, 2**-10
    more = enough + rng.integers(1, 30, 8) / 64
    curves = [
        curve(66, more[0], enough, more[1], enough - tiny, more[2]),
        curve(65, enough + tiny, enough, enough, enough, more[3], enough - tiny),
        curve(62, enough - tiny, enough - tiny, more[4], enough - tiny, enough, more[5]),
    ]
    agree_on_stops(
        agree, rng, curves_with(curves, 1, 1, 2, stop_thr=enough, n_epochs=7), exact_losses=True, n_batches=2
    )


@number("3.13")
@weight(1)
def test_nan_is_no_improvement(agree, rng):
    """run_model counts a validation loss that is NaN, or that stays infinite, as a failure."""
    good = 2 + rng.integers(0, 8, 6) / 4
    curves = [
        [*curve(66, good[0]), math.nan, 50.0, 45.0],
        [*curve(66, good[1]), math.nan, math.nan, 50.0, 45.0],
        [math.nan, *curve(60, good[2], good[3])],
        [*curve(66, good[4]), math.inf, math.inf, 50.0, 45.0],
    ]
    agree_on_stops(agree, rng, curves_with(curves, 1, 3, 1, 2))


@number("3.14")
@weight(2)
def test_never_stops_early_without_reason(agree, rng):
    """run_model runs all epochs while the loss improves; with stop_thr=0 it may stay the same."""
    good = 1 + rng.integers(0, 4, 9) / 4
    curves = [curve(68, *good), curve(66, 0.0, 0.0, good[0], 0.0, 0.0, 0.0, 0.0, 0.0, good[1])]
    agree_on_stops(agree, rng, curves_with(curves, 1, 1, stop_thr=0.0, n_epochs=8))


@number("3.15")
@weight(2)
def test_compares_with_the_previous_epoch(agree, rng):
    """run_model compares a validation loss with the previous epoch's, not the best or the first."""
    good = 0.5 + rng.integers(0, 4, 8) / 8
    curves = [
        curve(60, -9.0, good[0], good[1], good[2], good[3], good[4], good[5], 0.0, 0.0),
        curve(66, 9.0, -4.0, good[6], -2.0, good[7], 0.0, 0.0, 8.0),
    ]
    agree_on_stops(agree, rng, curves_with(curves, 2, 2))


@number("3.16")
@weight(1)
def test_run_model_refuses_wrong_numbers(agree, rng):
    """run_model raises ValueError for numbers out of range, and for an empty set that it needs."""
    testing = {"running_mode": "test", "test_set": "data"}
    out_of_range = [
        *({name: number} for name in ("n_epochs", "batch_size", "patience") for number in (0, -1)),
        {"learning_rate": 0.0},
        {"learning_rate": -0.1},
        {"learning_rate": math.nan},
        {"stop_thr": -1e-9},
        {"stop_thr": math.nan},
        {"train_set": "empty"},
        {"valid_set": "empty"},
        {"running_mode": "test", "test_set": "empty"},
        *(testing | {name: 0} for name in ("batch_size", "n_epochs", "patience", "learning_rate")),
        testing | {"stop_thr": -0.5},
        {"test_set": "empty"},  # which "train" does not use
        testing | {"train_set": "empty", "valid_set": "empty"},
        {"batch_size": 100},  # this one and the next two are right
        {"train_set": "one", "valid_set": "one"},
        {"running_mode": "test", "test_set": "one"},
    ]
    agree_on_refusals(agree, rng, out_of_range)


@number("3.17")
@weight(1)
def test_run_model_test_mode_uses_the_test_set(check, rng):
    """run_model in "test" mode looks at the test set only, in order; the model does not change."""
    arguments = image_task(rng, n=20, batch_size=6)
    decoys = {"train_set": blobs(rng, 9), "valid_set": blobs(rng, 9)}
    observed = (*FIGURES, "changed", "state afterwards", "gradients afterwards")
    mean = Question(probes.evaluate, arguments, FIGURES, up_to_scale=FIGURES)
    given = dict(**arguments, decoys=decoys)
    got = check.agree(probes.run_model_in_test_mode, only=observed, up_to_scale=FIGURES, needs=[mean], **given)
    first = arguments["sets"][0][0][:, 0].ravel()
    in_order = np.array_equal(np.concatenate([[], *got["passes"]])[: len(first)], first)
    check.require(in_order, "run_model does not go through the test set in order.", only=("passes",))


@number("3.18")
@weight(1)
def test_run_model_returns_the_last_weights(agree, rng):
    """run_model returns the given model with its last weights, even if earlier ones were better."""
    net = small_net(rng)
    train = blobs(rng, 24)
    valid = train[0], (train[1] + 1) % 3  # the better it learns, the worse it does here
    settings = dict(batch_size=24, learning_rate=0.5, n_epochs=5, patience=5)
    needs = needs_steps(net, train, valid)
    agree(probes.run_model, only=("weights",), needs=needs, net=net, train=train, valid=valid, settings=settings)
    worse = -rng.integers(1, 5, 12) / 4
    curves = curves_with([curve(60, 2.0, *worse[:3]), curve(60, *worse)], 2, 12)
    observed = ("steps", "the model returned", "weights of the model returned")
    agree(probes.stopping, only=observed, needs=needs, curves=[asdict(each) for each in curves])


@number("3.19")
@weight(1)
def test_run_model_defaults(check, rng):
    """run_model has its signature's defaults: batches of one example, shuffled, patience 1, ..."""
    (x, y), net, first = blobs(rng, 12), small_net(rng), needs_steps_on_any_sets(rng)
    check.block_unless(first)
    got = check.ask(probes.run_model, net=net, train=(x, y), names_mode=False)
    batches = [batch.tolist() for batch in got["passes"]]
    once = sorted(batches) == sorted([value] for value in x[:, 0].tolist())
    check.require(
        once, "By default, run_model does not train for one epoch with batches of one example.", only=("passes",)
    )
    shuffled = batches != x[:, :1].tolist()
    check.require(shuffled, "run_model does not shuffle by default.", only=("passes",))
    require_steps(check, net, (x, y), got, learning_rate=0.01)
    alike = np.repeat(x[:1], 6, axis=0), np.repeat(y[:1], 6)  # their order does not matter
    check.agree(probes.run_model, only=("weights",), net=net, train=alike)
    losses = [curve(60, 2**-13, 2**-13, 2**-14, 1.0), curve(62, -1.0, 4.0)]  # 1e-4 lies between
    curves = [{"losses": each, "n_epochs": 6} for each in losses]
    check.agree(probes.stopping, only=("valid losses",), curves=curves)
