"""Questions that several checks of run_model ask, visible and hidden ones."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.exercises.inputs import (
    FIRST_VALID_ID,
    SCRIPTED_RATE,
    SCRIPTED_START,
    HandedOver,
    SmallNetSpec,
    blobs,
    small_net,
)
from grader.exercises.run_model import probes
from grader.judging.checks import Check, Question
from grader.judging.compare import Difference, compare
from grader.judging.picture import Picture
from grader.judging.replay import trained_by_sgd

FIGURES = ("loss", "accuracy")
# Numbers that show what evaluate changes, and whether it records gradients
SHOWN_BY_NUMBERS = ("state afterwards", "modes by call", "losses by call", "gradients by call")
Data = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Curve:
    """Validation losses, one for each epoch, and run_model's settings that decide when to stop."""

    losses: list[float]
    patience: int
    stop_thr: float = 2**-4
    n_epochs: int = 12


def curves_with(curves: list[list[float]], *patience: int, stop_thr: float = 2**-4, n_epochs: int = 12) -> list[Curve]:
    """A patience for each curve of losses, and a threshold and a number of epochs for all."""
    return [Curve(losses, count, stop_thr, n_epochs) for losses, count in zip(curves, patience, strict=True)]


def needs_figures(net: SmallNetSpec, train: Data, valid: Data) -> list[Question]:
    """Before run_model is judged: train_epoch for three epochs, then evaluate, on the same sets.

    How to average is judged elsewhere.
    """
    training = dict(net=net, sets=[train] * 3, batch_size=len(train[0]))
    evaluation = dict(net=net, sets=[valid, train, valid], batch_size=max(len(valid[0]), len(train[0])))
    return [
        Question(probes.train_epoch, training, (*FIGURES, "weights"), up_to_scale=FIGURES),
        Question(probes.evaluate, evaluation, (*FIGURES, "changed"), up_to_scale=FIGURES),
    ]


def needs_steps(net: SmallNetSpec, train: Data, valid: Data) -> list[Question]:
    """Before run_model's steps and stops: the same, without accuracy and training loss."""
    training, evaluation = needs_figures(net, train, valid)
    return [training._replace(only=("weights",)), evaluation._replace(only=("loss", "changed"))]


def needs_training(rng: np.random.Generator) -> list[Question]:
    """Before a training is judged: train_epoch's and run_model's weights after some steps."""
    net, train = small_net(rng), blobs(rng, 12)
    settings = dict(batch_size=12, learning_rate=0.3, n_epochs=3)
    run_model = Question(probes.run_model, dict(net=net, train=train, settings=settings), ("weights",))
    return [needs_steps(net, train, train)[0], run_model]


def needs_training_in_order(rng: np.random.Generator) -> list[Question]:
    """Before trained weights are compared: run_model's with shuffle=False, in several batches."""
    settings = dict(batch_size=5, learning_rate=0.3, n_epochs=2)
    return [
        Question(probes.train_in_order, dict(net=small_net(rng), train=blobs(rng, 12), settings=settings), ("weights",))
    ]


def needs_steps_on_any_sets(rng: np.random.Generator) -> list[Question]:
    """The same on drawn sets, for checks whose own sets are of another kind."""
    return needs_steps(small_net(rng), blobs(rng, 12), blobs(rng, 12))


def require_steps(check: Check, net: SmallNetSpec, data: Data, got: Any, learning_rate: float) -> None:
    """Require that the weights are those of a step of SGD for each batch that the net saw.

    A submission could write down batches that it never trained on.  Validation examples, which
    have larger ids, are no batches.
    """
    x, y = data
    place = {value: i for i, value in enumerate(x[:, 0].tolist())}
    batches = [
        [place[value] for value in batch.tolist()]
        for batch in got["passes"]
        if batch.size and batch[0] < FIRST_VALID_ID
    ]
    expected = trained_by_sgd(net["weights"], [(x[batch, 1:], y[batch]) for batch in batches], learning_rate)
    sentence = "run_model's weights are not those of one SGD step for each batch that the model saw."
    check.require(compare(expected, got["weights"]) is None, sentence, only=("passes", "weights"))


def agree_on_stops(
    agree: Callable[..., Any],
    rng: np.random.Generator,
    curves: list[Curve],
    exact_losses: bool = False,
    n_batches: int = 1,
) -> None:
    """Compare after how many epochs training stops for each curve.

    Unless `exact_losses`, the returned losses may be any multiple of the true ones: a wrong average
    costs no points here.  Only with several batches is a sum over batches no mean; more batches
    take more time, and this question takes the longest of all.
    """
    agree(
        probes.stopping,
        only=("valid losses", "epochs trained"),
        up_to_scale=() if exact_losses else ("valid losses",),
        needs=needs_steps_on_any_sets(rng),
        curves=[asdict(curve) for curve in curves],
        n_batches=n_batches,
        explain=partial(explain_stop, curves),
        picture=partial(stop_picture, curves, n_batches),
    )


def training_losses(n_epochs: int, n_batches: int) -> list[float]:
    """A ScriptedModel's mean training loss in each epoch."""
    first = SCRIPTED_START - SCRIPTED_RATE * (n_batches - 1) / 2
    return [first - SCRIPTED_RATE * n_batches * epoch for epoch in range(n_epochs)]


def stop_picture(curves: list[Curve], n_batches: int, got: Any, expected: Any) -> Picture | None:
    """The first curve whose training stops after another epoch than it should."""
    for curve, *both in zip(curves, expected["valid losses"], got["valid losses"], strict=True):
        right, found = map(len, both)
        if right != found and found > 0:
            shown = max(right, found) + 2
            losses = [*curve.losses, *curve.losses[-1:] * shown][: min(shown, curve.n_epochs)]  # it repeats its last
            training = training_losses(len(losses), n_batches)
            data = {
                "losses": losses,
                "expected": right,
                "found": found,
                "loss": "validation loss",
                "training": training,
            }
            title = f"When to stop, with patience={curve.patience} and stop_thr={curve.stop_thr:g}"
            return Picture("stop", title, data)
    return None


def history_picture(got: Any, expected: Any) -> Picture:
    """The losses of both sets by epoch."""
    curves = [(f"{name} loss", expected["losses"][name], got["losses"][name]) for name in ("train", "valid")]
    return Picture("curves", "The losses that run_model returned", {"curves": curves, "what": "loss"})


def explain_stop(curves: list[Curve], difference: Difference) -> str:
    """The sentence about training that stops after the wrong epoch, "" for another difference."""
    if len(difference.place) != 2 or difference.place[0] != "valid losses":
        return ""
    expected, got = (len(losses) if isinstance(losses, list) else 0 for losses in (difference.expected, difference.got))
    curve = curves[int(difference.place[1])]
    if expected == got or not got:
        return ""
    # the model repeats its last loss
    losses = ", ".join(f"{loss:g}" for loss in [*curve.losses, *curve.losses[-1:] * got][: max(expected, got)])
    settings = f"patience={curve.patience}, stop_thr={curve.stop_thr:g}, n_epochs={curve.n_epochs}"
    return (
        f"Validation losses {losses}, with {settings}: training should stop after epoch {expected}; "
        f"it ran {got} epoch{'s' if got != 1 else ''}."
    )


def wrong_number_of_epochs(seen: int, n: int, n_epochs: int) -> str:
    """The sentence if training used more or fewer than the n examples of each epoch, else ""."""
    if seen == n * n_epochs:
        return ""
    if seen % n == 0:
        epochs = "1 epoch" if seen == n else f"{seen // n} epochs"
        return f"run_model trains for {epochs}; with n_epochs={n_epochs} it should train for {n_epochs}."
    return (
        f"run_model trains on {seen} examples; in {n_epochs} epochs of {n} examples it should train on {n * n_epochs}."
    )


def handed_over_in_turn(
    rng: np.random.Generator, modes: list[list[bool]], fails: Sequence[bool] = (False,)
) -> list[HandedOver]:
    """The states in which evaluate gets a small net, call by call in random order.

    `modes` are those of its submodules for each call; `fails` is repeated for all calls.
    """
    calls = [
        HandedOver(modes=modes[i], gradient_offset=float(rng.uniform(1, 2)), fails=fails[i % len(fails)])
        for i in range(len(modes))
    ]
    return [calls[i] for i in rng.permutation(len(calls))]


def agree_on_refusals(agree: Callable[..., Any], rng: np.random.Generator, wrong: list[dict[str, Any]]) -> None:
    """Compare what run_model raises for wrong and right arguments, and a correct history."""
    net, train = small_net(rng), blobs(rng, 8)
    needs = needs_steps(net, train, train)[:1]
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
