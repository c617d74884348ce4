"""Questions that several checks of run_model ask, visible and hidden ones."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.exercises.inputs import blobs, small_net
from grader.exercises.run_model import probes
from grader.judging.checks import Question

FIGURES = ("loss", "accuracy")
SHOWN_BY_NUMBERS = (
    "state afterwards",
    "modes by call",
    "losses by call",
)  # what evaluate leaves, and whether it records gradients
Data = tuple[np.ndarray, np.ndarray]


def figures_questions(net: dict[str, Any], train: Data, valid: Data) -> list[Question]:
    """What has to agree before run_model can be judged: train_epoch over a few epochs, then evaluate, on the same sets."""
    return [
        (probes.train_epoch, dict(net=net, sets=[train] * 3, batch_size=len(train[0])), (*FIGURES, "weights")),
        (probes.evaluate, dict(net=net, sets=[valid], batch_size=len(valid[0])), (*FIGURES, "changed")),
    ]


def steps_questions(net: dict[str, Any], train: Data, valid: Data) -> list[Question]:
    """What has to agree before run_model's steps and stops can be judged: no accuracy, and no loss of the training."""
    (_, training, _), (_, evaluation, _) = figures_questions(net, train, valid)
    return [(probes.train_epoch, training, ("weights",)), (probes.evaluate, evaluation, ("loss", "changed"))]


def any_steps_questions(rng: np.random.Generator) -> list[Question]:
    """The same on sets of their own, where run_model's sets are not of this kind."""
    return steps_questions(small_net(rng), blobs(rng, 12), blobs(rng, 12))


def stops_as_it_should(
    agree: Callable[..., Any],
    rng: np.random.Generator,
    curves: list[list[float]],
    settings: list[dict[str, Any]],
    to_scale: bool = False,
) -> None:
    """Compare after how many epochs training stops for each curve of validation losses.

    The history itself tells, and may be any multiple of the true one unless `to_scale`, so that a wrong average costs nothing here.
    Then the sets have two batches, so that a sum over batches is no mean; elsewhere one, since this is the dearest question.
    """
    scaled, batches = ((), 2) if to_scale else (("valid losses",), 1)
    needs = any_steps_questions(rng)
    observed = ("valid losses", "epochs trained")
    given = dict(curves=curves, settings=settings, batches=batches)
    agree(probes.stopping, only=observed, up_to_scale=scaled, needs=needs, **given)


def handed_over_in_turn(
    rng: np.random.Generator, modes: list[list[bool]], fails: Sequence[bool] = (False,)
) -> list[dict[str, Any]]:
    """How a small net is handed over to evaluate, call by call in random order: its submodules' modes, and whether it fails."""
    calls = [
        dict(modes=modes[i], gradient_offset=float(rng.uniform(1, 2)), fails=fails[i % len(fails)])
        for i in range(len(modes))
    ]
    return [calls[i] for i in rng.permutation(len(calls))]


def settings_for(*patience: int, stop_thr: float = 2**-4, n_epochs: int = 12) -> list[dict[str, Any]]:
    """run_model's settings for each curve: its patience, and a threshold and number of epochs for all."""
    return [dict(n_epochs=n_epochs, stop_thr=stop_thr, patience=count) for count in patience]


def refuses(agree: Callable[..., Any], rng: np.random.Generator, wrong: list[dict[str, Any]]) -> None:
    """Compare what run_model raises for wrong arguments, among which right ones are strewn, beside a history that right ones give."""
    net, train = small_net(rng), blobs(rng, 8)
    needs = steps_questions(net, train, train)[:1]
    right: list[dict[str, Any]] = [
        {"n_epochs": 2},
        {"batch_size": 3},
        {"learning_rate": 0.25},
        {"stop_thr": 0.5},
        {"patience": 2},
    ]
    mixed = [*wrong, *(right[i] for i in rng.permutation(len(right))[:3])]
    given = [mixed[i] for i in rng.permutation(len(mixed))]
    agree(probes.wrong_arguments, up_to_scale=("losses",), needs=needs, net=net, train=train, given=given)
