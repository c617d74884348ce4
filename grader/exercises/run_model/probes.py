"""What run_model.py can be asked.

A data set travels as [x, y]: examples x (N, 1 + features), with an id as first feature, and labels
y (N,).  "loss" and "accuracy" have one entry for each set.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.inputs import SCRIPTED_RATE, HandedOver, SmallNetSpec
from grader.exercises.returned import exception_of, figures, trained
from grader.exercises.run_model.evaluations import observe_calls, observe_evaluation, observe_failure
from grader.exercises.run_model.labels import EVALUATE_LABELS, IN_ORDER_LABELS, RUN_LABELS, TRAIN_LABELS
from grader.sandbox.probe import Arrays, Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.run_model import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.run_model.instruments")

Options = dict[str, Any] | None
Observation = dict[str, Any]


@probe("run_model", "train_epoch", labels=TRAIN_LABELS)
def train_epoch(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    learning_rate: float = 0.1,
    momentum: float = 0.0,
    options: Options = None,
    given: list[int] | None = None,
) -> Observation:
    """`train_epoch` over each of the sets in turn, with SGD.  `options` are further arguments.

    `given` may say how many examples of each set its loader gives.

    With a learning rate of 0, loss and accuracy depend on averages only.  The observation:
        loss, accuracy: lists of numbers.
        weights, buffers: the net's parameters and buffers after the last epoch.
        training mode: the modes that the net ran in, as a sorted list of booleans.
        graphs kept: whether it held the graphs of many batches at once.
    """
    model = own.small_net(net).eval()
    model.training = True  # but not its parts: train_epoch must itself switch them to training mode
    graphs = own.Graphs(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    function = submission.get("run_model", "train_epoch")
    loaders = own.loaders(sets, batch_size, given)
    values = [function(model, loader, optimizer, **(options or {})) for loader in loaders]
    own.note_autocast(model, submission, "train_epoch")
    return {
        **figures(values, "train_epoch", submission),
        "weights": instruments.arrays(model.parameters()),
        "buffers": instruments.arrays(model.buffers()),
        "training mode": sorted({one_pass.training for one_pass in model.recorder.passes}),
        "graphs kept": graphs.are_kept,
    }


@probe("run_model", "train_epoch", labels=TRAIN_LABELS)
def train_epoch_empty(
    submission: Submission, net: SmallNetSpec, sets: list[Arrays], batch_size: int, sizes: Iterable[int]
) -> Observation:
    """The observation of `train_epoch`, and what loaders of `sizes` examples raise.

    raised: a list of exceptions' names, "nothing" if there was none.
    """
    observation = train_epoch.run(submission, net, sets, batch_size)
    model = own.small_net(net)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    function = submission.get("run_model", "train_epoch")
    raised = [exception_of(function, model, own.loader(sets[0], 1, n), optimizer) for n in sizes]
    return {**observation, "raised": raised}


@probe("run_model", "evaluate", labels=EVALUATE_LABELS)
def evaluate(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    modes: str = "train",
    given: list[int] | None = None,
) -> Observation:
    """`evaluate` over each of the sets; the net is in the given modes before: see own.set_modes.

    `given` may say how many examples of each set its loader gives.  The observation:
        loss, accuracy: lists of numbers.
        changed, modes changed: the names of what evaluate changed in the net, as lists.
        training mode, gradients recorded: how the net ran, as sorted lists of booleans.
        state afterwards: the net's parameters and buffers.
    """
    return observe_evaluation(submission, own.small_net(net), sets, batch_size, modes, given)


@probe("run_model", "evaluate", labels=EVALUATE_LABELS)
def evaluate_empty(
    submission: Submission, net: SmallNetSpec, sets: list[Arrays], batch_size: int, sizes: Iterable[int]
) -> Observation:
    """The observation of `evaluate`, and what loaders of `sizes` examples raise.

    raised: a list of exceptions' names, "nothing" if there was none.
    modes changed: by these loaders.
    """
    observation = evaluate.run(submission, net, sets, batch_size)
    function, model = submission.get("run_model", "evaluate"), own.small_net(net)
    before = own.modes(model)
    raised = [exception_of(function, model, own.loader(sets[0], 1, n)) for n in sizes]
    return {**observation, "raised": raised, "modes changed": own.changes(before, own.modes(model))}


@probe("run_model", "evaluate", labels=EVALUATE_LABELS)
def evaluate_modes(
    submission: Submission, net: SmallNetSpec, sets: list[Arrays], batch_size: int, handed_over: Iterable[HandedOver]
) -> Observation:
    """The observation of `evaluate`, then `evaluate` on the first set for each state of the net.

    Only code that evaluates the net can know these losses.
        losses by call: a list of numbers; calls in which the net fails have none.
        modes by call: for each call the modes of all submodules afterwards.
        gradients by call: for each call the parameters' gradients in a step afterwards.
    """
    model = own.small_net(net)
    observation = observe_evaluation(submission, model, sets, batch_size)
    return observation | observe_calls(submission, model, sets[0], batch_size, handed_over)


@probe("run_model", "evaluate", labels=EVALUATE_LABELS)
def evaluate_when_the_model_fails(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    modes: str,
    handed_over: Iterable[HandedOver],
) -> Observation:
    """The observation of `evaluate_modes`, and of one more call in which the net fails.

    when the model fails: "raised", the exception's name, and "modes changed", a list of names.
    """
    model = own.small_net(net)
    observation = observe_evaluation(submission, model, sets, batch_size, modes)
    observation["when the model fails"] = observe_failure(submission, model, sets[0], batch_size, modes)
    return observation | observe_calls(submission, model, sets[0], batch_size, handed_over)


@probe("run_model", "run_model", labels=RUN_LABELS)
def run_model(
    submission: Submission,
    net: SmallNetSpec,
    train: Arrays,
    valid: Arrays | None = None,
    settings: Options = None,
    names_mode: bool = True,
) -> Observation:
    """`run_model` in "train" mode; `settings` are its further arguments.

    `names_mode`: whether it is given the mode, which is its default.  The observation:

    losses, accuracies: what it returned, {"train": [...], "valid": [...]}.
    weights: the given net's parameters afterwards.
    the model returned: "the one given" or "another".
    passes: for each forward pass the ids of its examples, as an array.
    weights of the model returned: after the given net's parameters changed their sign.
    """
    model = own.small_net(net)
    sets = {"train_set": instruments.dataset(*train), "valid_set": valid and instruments.dataset(*valid)}
    mode = ["train"] if names_mode else []
    value = submission.get("run_model", "run_model")(model, *mode, **sets, **(settings or {}))
    own.note_autocast(model, submission, "run_model")
    returned, losses, accuracies = trained(value, submission)
    return {
        "losses": losses,
        "accuracies": accuracies,
        "weights": instruments.arrays(model.parameters()),
        "the model returned": "the one given" if returned is model else "another",
        "passes": [one_pass.ids for one_pass in model.recorder.passes],
        "weights of the model returned": own.weights_after_change(model, returned),
    }


@probe("run_model", "run_model", labels=IN_ORDER_LABELS)
def train_in_order(submission: Submission, net: SmallNetSpec, train: Arrays, settings: dict[str, Any]) -> Observation:
    """The "weights" of a small net after `run_model` trained it with shuffle=False."""
    return {"weights": run_model.run(submission, net, train, settings={**settings, "shuffle": False})["weights"]}


@probe("run_model", "run_model", labels=RUN_LABELS)
def run_model_in_test_mode(
    submission: Submission,
    net: SmallNetSpec,
    sets: list[Arrays],
    batch_size: int,
    decoys: dict[str, Arrays] | None = None,
) -> Observation:
    """`run_model` in "test" mode over each of the sets.  `decoys` are other sets that it gets too.

    The observation:
        passes: for each forward pass the ids of its examples, as an array.
        loss, accuracy: lists of numbers.
        changed: the names of what it changed in the net.
        state afterwards: the net's parameters and buffers.
        gradients afterwards: of the parameters, in a training step with the first set.
    """
    model = own.small_net(net)
    before = own.snapshot(model)
    given: dict[str, Any] = {name: instruments.dataset(*arrays) for name, arrays in (decoys or {}).items()}
    given |= {"running_mode": "test", "batch_size": batch_size}
    function = submission.get("run_model", "run_model")
    values = [function(model, test_set=instruments.dataset(*data), **given) for data in sets]
    return {
        "passes": [one_pass.ids for one_pass in model.recorder.passes],
        **figures(values, 'run_model in "test" mode', submission),
        "changed": own.changes(before, own.snapshot(model)),
        "state afterwards": instruments.arrays(model.state_dict().values()),
        "gradients afterwards": own.next_gradients(model, sets[0]),
    }


@probe("run_model", "run_model", labels=RUN_LABELS)
def stopping(submission: Submission, curves: list[dict[str, Any]], n_batches: int = 1) -> dict[str, list[Any]]:
    """`run_model` on models whose validation losses follow curves.

    Each curve has "losses", one for each epoch, and run_model's n_epochs, stop_thr and patience
    (or none, for the default).  `n_batches` is the size of both sets.  The observation has an
    entry for each curve:
        valid losses: the list that run_model returned.
        epochs trained, steps: how many epochs and SGD steps the model saw.
        the model returned, weights of the model returned: as for `run_model`.
        entries: how many more entries than the validation losses the other three lists have.
    """
    function = submission.get("run_model", "run_model")
    names = ["valid losses", "epochs trained", "steps", "entries"]
    names += ["the model returned", "weights of the model returned"]
    observation: dict[str, list[Any]] = {name: [] for name in names}
    for curve in curves:
        settings = {name: value for name, value in curve.items() if name != "losses"}
        model = own.ScriptedModel(curve["losses"])
        train, valid = own.scripted_sets(n_batches)
        value = function(model, "train", train, valid, batch_size=4, learning_rate=SCRIPTED_RATE, **settings)
        returned, losses, accuracies = trained(value, submission)
        others = (losses["train"], accuracies["train"], accuracies["valid"])
        observation["entries"].append([len(other) - len(losses["valid"]) for other in others])
        observation["the model returned"].append("the one given" if returned is model else "another")
        observation["valid losses"].append(losses["valid"])
        observation["epochs trained"].append(len(model.steps_seen) - 1)
        observation["steps"].append(model.steps(SCRIPTED_RATE))
        observation["weights of the model returned"].append(own.weights_after_change(model, returned))
    return observation


@probe("run_model", "run_model", labels=RUN_LABELS)
def wrong_arguments(
    submission: Submission, net: SmallNetSpec, train: Arrays, given: list[dict[str, Any]]
) -> Observation:
    """What `run_model` raises for each set of arguments, and its losses in a correct call.

    In `given`, the value "empty" stands for a data set without examples, "one" for one with a
    single example, "data" for another good one.
    The observation:
        raised: by the arguments in words, the exception's name, or "nothing".
        losses: {"train": [...], "valid": [...]}.
    """
    function = submission.get("run_model", "run_model")
    right = {"running_mode": "train", "train_set": instruments.dataset(*train)}
    sizes = {"empty": 0, "one": 1, "data": len(train[0])}
    stand_ins = {name: instruments.dataset(train[0][:n], train[1][:n]) for name, n in sizes.items()}
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


@probe("run_model", "run_model", labels=RUN_LABELS)
def fit_small(
    submission: Submission, net: SmallNetSpec, x: np.ndarray, y: np.ndarray, settings: dict[str, Any]
) -> Observation:
    """The "weights" of a small net after `run_model` fitted (x, y), and its training "losses"."""
    model = own.small_net(net)
    value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
    returned, losses, _ = trained(value, submission)
    return {"weights": instruments.arrays(returned.parameters()), "losses": losses["train"]}
