"""What run_model.py can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.inputs import SmallNetSpec
from grader.exercises.returned import exception_of, figures, trained
from grader.exercises.returned import numbers as number_list
from grader.sandbox.probe import Arrays, Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.run_model import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.run_model.instruments")


@probe("run_model", "train_epoch")
def train_epoch(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    learning_rate: float = 0.1,
    momentum: float = 0.0,
    options: dict[str, Any] | None = None,
    sizes: Iterable[int] = (),
) -> dict[str, Any]:
    """`train_epoch` over each of the sets in turn: figures, weights and buffers after, the modes seen, what loaders of so many examples raise.

    A learning rate of 0 leaves the weights alone, so that the figures depend on nothing but how they are averaged.
    """
    model = own.small_net(net).eval()  # train_epoch must itself switch to training mode
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    function = submission.get("run_model", "train_epoch")
    values = [function(model, own.loader(data, batch_size), optimizer, **(options or {})) for data in sets]
    return {
        **figures(values, "train_epoch", submission),
        "weights": instruments.arrays(model.parameters()),
        "buffers": instruments.arrays(model.buffers()),
        "training mode": sorted({seen.training for seen in model.recorder.passes}),
        "raised": [exception_of(function, model, own.loader(sets[0], 1, n), optimizer) for n in sizes],
    }


@probe("run_model", "evaluate")
def evaluate(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    modes: str = "train",
    options: dict[str, Any] | None = None,
    sizes: Iterable[int] = (),
    handed_over: Iterable[dict[str, Any]] = (),
) -> dict[str, Any]:
    """`evaluate` over each of the sets: figures, what it changed in the model, the modes that it ran in, what loaders of so many examples raise.

    `modes` is how the model is handed over: all of it in "train" or "eval" mode, or "mixed".  Then it is handed over as `handed_over` says
    (own.hand_over), and the modes afterwards and the losses are observed: numbers that no one knows who has not evaluated.
    """
    model = own.small_net(net)
    own.set_modes(model, modes)
    before, modes_before = own.snapshot(model), own.modes(model)
    function = submission.get("run_model", "evaluate")
    values = [function(model, own.loader(data, batch_size), **(options or {})) for data in sets]
    observation = {
        **figures(values, "evaluate", submission),
        "changed": own.changes(before, own.snapshot(model)),
        "modes changed": own.changes(modes_before, own.modes(model)),
        "training mode": sorted({seen.training for seen in model.recorder.passes}),
        "gradients recorded": sorted({seen.gradients for seen in model.recorder.passes}),
        "state afterwards": instruments.arrays(model.state_dict().values()),
        "raised": [exception_of(function, model, own.loader(sets[0], 1, n)) for n in sizes],
    }
    own.set_modes(model, modes)
    model.recorder.fails = True
    raised = exception_of(function, model, own.loader(sets[0], batch_size))
    left = own.changes(modes_before, own.modes(model))
    observation["when the model fails"] = {"raised": raised, "modes changed": left}
    losses, afterwards = [], []
    for given in handed_over:
        own.hand_over(model, **given)
        try:
            losses.append(function(model, own.loader(sets[0], batch_size))[0])
        except Exception:
            if not given["fails"]:
                raise
        afterwards.append([module.training for module in model.modules()])
    by_call = number_list(losses, "evaluate's loss", submission)
    return observation | {"losses by call": by_call, "modes by call": afterwards}


@probe("run_model", "run_model")
def run_model(
    submission: Submission,
    net: SmallNetSpec,
    train: list[np.ndarray],
    valid: list[np.ndarray] | None = None,
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`run_model` in "train" mode: history, weights after, and which examples each pass saw, by their first feature."""
    model = own.small_net(net)
    sets = {"train_set": instruments.dataset(*train), "valid_set": valid and instruments.dataset(*valid)}
    value = submission.get("run_model", "run_model")(model, "train", **sets, **(settings or {}))
    returned, losses, accuracies = trained(value, submission)
    return {
        "losses": losses,
        "accuracies": accuracies,
        "weights": instruments.arrays(model.parameters()),
        "the model returned": "the one given" if returned is model else "another",
        "passes": [seen.ids for seen in model.recorder.passes],
        "weights of the model returned": own.weights_after_change(model, returned),
    }


@probe("run_model", "run_model")
def run_model_in_test_mode(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    decoys: dict[str, Arrays] | None = None,
) -> dict[str, Any]:
    """`run_model` in "test" mode over each of the sets: figures and what it changed.  `decoys` are other sets handed over beside."""
    model = own.small_net(net)
    before = own.snapshot(model)
    given: dict[str, Any] = {name: instruments.dataset(*arrays) for name, arrays in (decoys or {}).items()}
    given |= {"running_mode": "test", "batch_size": batch_size}
    function = submission.get("run_model", "run_model")
    values = [function(model, test_set=instruments.dataset(*data), **given) for data in sets]
    return {
        "passes": [seen.ids for seen in model.recorder.passes],
        **figures(values, 'run_model in "test" mode', submission),
        "changed": own.changes(before, own.snapshot(model)),
    }


@probe("run_model", "run_model")
def stopping(
    submission: Submission, curves: list[list[float]], settings: list[dict[str, Any]], batches: int = 1
) -> dict[str, list[Any]]:
    """`run_model` on models whose validation losses follow the given curves, one value an epoch: each history, and what the training itself shows.

    Settings give each curve's n_epochs, stop_thr and patience.
    """
    function = submission.get("run_model", "run_model")
    names = ("valid losses", "epochs trained", "steps", "the model returned", "weights of the model returned")
    seen: dict[str, list[Any]] = {name: [] for name in names}
    for curve, setting in zip(curves, settings, strict=True):
        model = own.ScriptedModel(curve)
        train, valid = own.scripted_sets(batches)
        value = function(model, "train", train, valid, batch_size=4, learning_rate=0.5, **setting)
        returned, losses, _ = trained(value, submission)
        seen["the model returned"].append("the one given" if returned is model else "another")
        seen["valid losses"].append(losses["valid"])
        seen["epochs trained"].append(len(model.seen) - 1)
        seen["steps"].append(model.steps(learning_rate=0.5))
        seen["weights of the model returned"].append(own.weights_after_change(model, returned))
    return seen


@probe("run_model", "run_model")
def wrong_arguments(
    submission: Submission, net: SmallNetSpec, train: list[np.ndarray], given: list[dict[str, Any]]
) -> dict[str, Any]:
    """What `run_model` raises for each set of arguments, wrong ones among them, beside the history of a call with right ones.

    In `given`, the value "empty" stands for a data set without examples and "data" for a good one.
    """
    function = submission.get("run_model", "run_model")
    right = {"running_mode": "train", "train_set": instruments.dataset(*train)}
    stand_ins = {"empty": instruments.dataset(train[0][:0], train[1][:0]), "data": instruments.dataset(*train)}
    raised = {}
    for arguments in given:
        changed = {
            key: stand_ins.get(value, value) if isinstance(value, str) else value for key, value in arguments.items()
        }
        words = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raised[words] = exception_of(function, own.small_net(net), **{**right, **changed})
    right |= {"n_epochs": 3, "batch_size": len(train[0]), "learning_rate": 1.5}
    _, losses, _ = trained(function(own.small_net(net), **right), submission)
    return {"raised": raised, "losses": losses}


@probe("run_model", "run_model")
def fit_small(
    submission: Submission, net: SmallNetSpec, x: np.ndarray, y: np.ndarray, settings: dict[str, Any]
) -> dict[str, Any]:
    """The weights of a small net after `run_model` has fitted (x, y)."""
    model = own.small_net(net)
    value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
    returned, losses, _ = trained(value, submission)
    return {"weights": instruments.arrays(returned.parameters()), "losses": losses["train"]}


@probe("models", "DigitClassifier", also=("run_model",))
def train_digits(submission: Submission, x: np.ndarray, y: np.ndarray, settings: dict[str, Any]) -> dict[str, Any]:
    """The weights of a DigitClassifier that `run_model` trained on images x (N, 28, 28) and labels y."""
    model = submission.get("models", "DigitClassifier")()
    value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
    returned, losses, _ = trained(value, submission)
    layers = instruments.layers_in_call_order(returned, instruments.tensor(x[:1]))
    weights = [array for layer in layers for array in instruments.arrays(layer.parameters(recurse=False))]
    return {"weights": weights, "losses": losses["train"]}
