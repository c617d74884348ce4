"""run_model of generators: a pass yields a row of figures a batch, and training yields a pair of passes an epoch."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


class Figures(NamedTuple):
    loss: float
    accuracy: float


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> Figures:
    """The mean of all rows of training."""
    return mean(training_rows(model, batches(data_loader, device), optimizer))


def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> Figures:
    """The mean of all rows of testing."""
    return mean(testing_rows(model, batches(data_loader, device)))


def batches(data_loader: DataLoader, device: torch.device | str) -> Iterator[tuple[Tensor, Tensor]]:
    yield from ((x.to(device, torch.float32), y.to(device, torch.int64)) for x, y in data_loader)


def training_rows(model: nn.Module, pairs: Iterable[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer):
    model.train()
    for x, y in pairs:
        losses, hits = judge(model(x), y)
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        yield y.numel(), losses.sum().item(), hits.sum().item()


def testing_rows(model: nn.Module, pairs: Iterable[tuple[Tensor, Tensor]]):
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        for x, y in pairs:
            with torch.no_grad():  # not around the yield, or it would reach the caller
                losses, hits = judge(model(x), y)
            yield y.numel(), losses.sum().item(), hits.sum().item()
    finally:
        for module, mode in modes.items():
            module.training = mode


def judge(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Every example's loss, and whether it is right."""
    log_probabilities = logits.log_softmax(dim=1)
    losses = -log_probabilities.gather(1, y[:, None]).squeeze(1)
    return losses, log_probabilities.argmax(dim=1) == y


def mean(rows: Iterable[tuple[int, float, int]]) -> Figures:
    n = loss = hits = 0
    for row in rows:
        n, loss, hits = n + row[0], loss + row[1], hits + row[2]
    if n == 0:
        raise ValueError("data_loader is exhausted before its first example; it must have at least 1.")
    return Figures(loss / n, hits * 100 / n)


def run_model(
    model: nn.Module,
    running_mode: str = "train",
    train_set: MyDataset | None = None,
    valid_set: MyDataset | None = None,
    test_set: MyDataset | None = None,
    batch_size: int = 1,
    learning_rate: float = 0.01,
    n_epochs: int = 1,
    stop_thr: float = 1e-4,
    patience: int = 1,
    shuffle: bool = True,
):
    """Take from the generator of epochs what it gives."""
    for problem in problems(running_mode, batch_size, learning_rate, n_epochs, stop_thr, patience):
        raise ValueError(problem)
    make_loader = partial(DataLoader, batch_size=batch_size)
    if running_mode == "test":
        return evaluate(model, make_loader(examples("test_set", test_set)))
    train_loader = make_loader(examples("train_set", train_set), shuffle=shuffle)
    passes = [partial(train_epoch, model, train_loader, torch.optim.SGD(model.parameters(), lr=learning_rate))]
    if valid_set is not None:
        passes.append(partial(evaluate, model, make_loader(examples("valid_set", valid_set))))

    history: dict[str, list[Figures]] = {"train": [], "valid": []}
    for figures in until_stuck(epochs(passes, n_epochs), stop_thr, patience):
        for part, pair in zip(history, figures, strict=False):
            history[part].append(pair)
    losses = {part: [loss for loss, _ in pairs] for part, pairs in history.items()}
    accuracies = {part: [accuracy for _, accuracy in pairs] for part, pairs in history.items()}
    return model, losses, accuracies


def epochs(passes: list[partial], n_epochs: int) -> Iterator[list[Figures]]:
    for _ in range(n_epochs):
        yield [run_pass() for run_pass in passes]


def until_stuck(history: Iterator[list[Figures]], stop_thr: float, patience: int) -> Iterator[list[Figures]]:
    """Pass the epochs on, up to the one where patience ends; an epoch without validation figures costs none."""
    left, last = patience, None
    for figures in history:
        yield figures
        loss = figures[1][0] if len(figures) == 2 else None
        if last is not None:
            left = patience if last - loss >= stop_thr else left - 1
        if left == 0:
            return
        last = loss


def problems(running_mode, batch_size, learning_rate, n_epochs, stop_thr, patience) -> Iterator[str]:
    if running_mode not in ("train", "test"):
        yield f"running_mode {running_mode!r} is neither 'train' nor 'test'."
    for name, value in {"batch_size": batch_size, "n_epochs": n_epochs, "patience": patience}.items():
        if value < 1:
            yield f"{name} {value} is not 1 or more."
    if not learning_rate > 0:
        yield f"learning_rate {learning_rate} is not above 0."
    if not stop_thr >= 0:
        yield f"stop_thr {stop_thr} is not 0 or more."


def examples(name: str, dataset: MyDataset | None) -> MyDataset:
    if not dataset:
        raise ValueError(f"{name} {'is None' if dataset is None else 'is empty'}, not a data set with examples.")
    return dataset
