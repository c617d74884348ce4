"""run_model in small functions.

One loop serves training and evaluation. It sums the losses, and divides at the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """Go through the data once, with a step after every batch."""
    model.train()
    return go_through(model, data_loader, device, optimizer)


def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> tuple[float, float]:
    """Go through the data once, and change nothing."""
    with evaluation_mode(model), torch.no_grad():
        return go_through(model, data_loader, device)


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        yield
    finally:
        for module, training in modes:
            module.training = training


def go_through(
    model: nn.Module,
    data_loader: DataLoader,
    device: torch.device | str,
    optimizer: torch.optim.Optimizer | None = None,
) -> tuple[float, float]:
    total_loss, right, seen = 0.0, 0, 0
    for features, labels in data_loader:
        features = features.to(device=device, dtype=torch.float)
        labels = labels.to(device=device, dtype=torch.long)
        scores = model(features)
        batch_loss = F.nll_loss(F.log_softmax(scores, dim=-1), labels, reduction="sum")
        if optimizer is not None:
            step(optimizer, batch_loss / labels.numel())
        total_loss += float(batch_loss.detach())
        right += torch.count_nonzero(scores.argmax(-1) == labels).item()
        seen += labels.numel()
    if not seen:
        raise ValueError("data_loader has no examples; there must be at least one to take a mean.")
    return total_loss / seen, right / seen * 100.0


def step(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()


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
) -> tuple[nn.Module, dict[str, list[float]], dict[str, list[float]]] | tuple[float, float]:
    """Check the numbers, then train or test."""
    if running_mode not in {"train", "test"}:
        raise ValueError(f"running_mode must be 'train' or 'test'; got {running_mode!r}.")
    at_least("batch_size", batch_size, 1)
    at_least("n_epochs", n_epochs, 1)
    at_least("patience", patience, 1)
    at_least("stop_thr", stop_thr, 0)
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0; got {learning_rate}.")
    if running_mode == "test":
        return evaluate(model, DataLoader(nonempty("test_set", test_set), batch_size=batch_size))

    train_batches = DataLoader(nonempty("train_set", train_set), batch_size=batch_size, shuffle=shuffle)
    if valid_set is None:
        valid_batches = None
    else:
        valid_batches = DataLoader(nonempty("valid_set", valid_set), batch_size=batch_size)
    history = list(epochs(model, train_batches, valid_batches, learning_rate, n_epochs, stop_thr, patience))
    losses, accuracies = (
        {
            "train": [train_figures[which] for train_figures, _ in history],
            "valid": [valid_figures[which] for _, valid_figures in history if valid_figures is not None],
        }
        for which in (0, 1)
    )
    return model, losses, accuracies


def epochs(
    model: nn.Module,
    train_batches: DataLoader,
    valid_batches: DataLoader | None,
    learning_rate: float,
    n_epochs: int,
    stop_thr: float,
    patience: int,
) -> Iterator[tuple[tuple[float, float], tuple[float, float] | None]]:
    """The loss and accuracy of one epoch after the other, until training should stop."""
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    last_loss = None
    failures = 0
    for _ in range(n_epochs):
        train_figures = train_epoch(model, train_batches, optimizer)
        if valid_batches is None:
            yield train_figures, None
            continue
        loss, accuracy = evaluate(model, valid_batches)
        yield train_figures, (loss, accuracy)
        good_enough = last_loss is None or last_loss - loss >= stop_thr
        failures = 0 if good_enough else failures + 1
        if failures == patience:
            return
        last_loss = loss


def at_least(name: str, value: float, minimum: int) -> None:
    if not value >= minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {value}.")


def nonempty(name: str, dataset: MyDataset | None) -> MyDataset:
    if dataset is None:
        raise ValueError(f"{name} must be a data set in this mode; got None.")
    if len(dataset) < 1:
        raise ValueError(f"{name} must hold at least one example; got an empty data set.")
    return dataset
