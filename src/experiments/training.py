"""Train networks with the student's own functions, with a progress bar."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset
from data.split import Array
from src.experiments.progress import CountedDataset
from src.experiments.run import Run

History = dict[str, list[float]]
Pairs = dict[str, list[tuple[float, float]]]  # losses and accuracies
Examples = tuple[Array, Array]  # features and targets


def train_by_run_model(
    run: Run, model: nn.Module, train: Examples, valid: Examples | None = None, *, n_epochs: int, **settings: Any
) -> tuple[History, History]:
    """Train a network by the student's `run_model`.

    Args:
        run: the run of the experiment.
        model: the network, trained in place on the CPU.
        train: the training features and targets.
        valid: the validation features and targets; with them, training may stop early.
        n_epochs: the largest number of epochs.
        settings: further arguments of `run_model`: batch_size, learning_rate, stop_thr, ...

    Returns:
        The losses and the accuracies, each {"train": [...], "valid": [...]}, a number per epoch.
    """
    sets = {"train_set": CountedDataset(*train, run.display)}
    if valid is not None:
        sets["valid_set"] = CountedDataset(*valid, run.display)
    run.display.expect(n_epochs * sum(map(len, sets.values())))
    run_model = run.student("run_model").run_model
    _, losses, accuracies = run_model(model, "train", **sets, n_epochs=n_epochs, **settings)
    return (losses, accuracies)


def train_by_epochs(
    run: Run,
    model: nn.Module,
    train: Examples,
    optimizer: torch.optim.Optimizer,
    n_epochs: int,
    batch_size: int,
    shuffle: bool = True,
    watch: Examples | None = None,
    after_epoch: Callable[[], object] = lambda: None,
    seconds: list[float] | None = None,
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> tuple[History, History]:
    """Train a network by the student's `train_epoch`, with an optimizer of the experiment's own.

    Args:
        run: the run of the experiment; its device is used.
        model: the network, trained in place on that device.
        train: the training features and targets.
        optimizer: holds the parameters of `model`; made after `model.to(run.device)`.
        n_epochs: how many epochs.
        batch_size: examples per batch.
        shuffle: whether each epoch takes the examples in a new random order.
        watch: what to measure the network on after each epoch. It decides nothing.
        after_epoch: called after each epoch, such as a scheduler's `step`.
        seconds: a list to which the time of each epoch's training is added.
        augment: changes a training example's features each time that it is handed out.

    Returns:
        The losses and the accuracies, each {"train": [...], "valid": [...]}; "valid" is of `watch`.
    """
    run.display.expect(n_epochs * len(train[1]))
    batches = DataLoader(CountedDataset(*train, run.display, augment), batch_size, shuffle=shuffle)
    measured: Pairs = {"train": [], "valid": []}
    for _epoch in range(n_epochs):
        measured["train"].append(timed_epoch(run, model, batches, optimizer, seconds))
        if watch is not None:
            measured["valid"].append(measure(run, model, watch))
        after_epoch()
    return histories_of(measured)


def timed_epoch(
    run: Run, model: nn.Module, batches: Any, optimizer: torch.optim.Optimizer, seconds: list[float] | None
) -> tuple[float, float]:
    """The loss and the accuracy of one epoch's training. Its time is added to `seconds`."""
    start = time.perf_counter()
    loss, accuracy = run.student("run_model").train_epoch(model, batches, optimizer, run.device)
    if seconds is not None:
        seconds.append(time.perf_counter() - start)
    return loss, accuracy


def histories_of(measured: Pairs) -> tuple[History, History]:
    """The losses and the accuracies out of pairs (loss, accuracy), by part."""
    losses = {part: [loss for loss, _ in pairs] for part, pairs in measured.items()}
    return losses, {part: [accuracy for _, accuracy in pairs] for part, pairs in measured.items()}


def measure(run: Run, model: nn.Module, examples: Examples, batch_size: int = 500) -> tuple[float, float]:
    """The loss and the accuracy (in percent) of a network, by the student's `evaluate`."""
    batches = DataLoader(MyDataset(*examples), batch_size)
    loss, accuracy = run.student("run_model").evaluate(model, batches, run.device)
    return float(loss), float(accuracy)


def logits_of(run: Run, model: nn.Module, features: Array, batch_size: int = 500) -> Array:
    """The network's logits in evaluation mode, float32 of shape (N, classes), whatever its mode."""
    inputs: Any = torch.as_tensor(features, dtype=torch.float32)  # torch has no type hints for split
    training = model.training
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(batch.to(run.device)).cpu() for batch in inputs.split(batch_size)])
    model.train(training)
    return logits.numpy()


def probabilities_of(run: Run, model: nn.Module, features: Array, batch_size: int = 500) -> Array:
    """The network's probabilities in evaluation mode, float32 of shape (N, classes)."""
    logits = torch.from_numpy(logits_of(run, model, features, batch_size))
    return logits.softmax(dim=1).numpy()


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def weights_of(model: nn.Module, prefix: str = "weights") -> dict[str, Array]:
    """The model's parameters and buffers as arrays, by names that `put_weights` understands."""
    return {f"{prefix}/{name}": value.cpu().numpy().copy() for name, value in model.state_dict().items()}


def put_weights(model: nn.Module, results: dict[str, Any], prefix: str = "weights") -> nn.Module:
    """Put the arrays that `weights_of` gave back into a model of the same kind, and return it."""
    arrays = {
        name.removeprefix(f"{prefix}/"): value for name, value in results.items() if name.startswith(f"{prefix}/")
    }
    model.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
    return model
