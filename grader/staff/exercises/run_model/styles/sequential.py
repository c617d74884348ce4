"""run_model by someone who thinks in batches: their averages are weighted by length."""

from itertools import pairwise

import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """One pass over the data, one step a batch."""
    model.train()
    batches = []
    for x, y in data_loader:
        x, y = x.float().to(device), y.long().to(device)
        logits = model(x)
        loss = nn.CrossEntropyLoss()(logits, y)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        batches.append((len(y), loss.item(), batch_accuracy(logits, y)))
    return weighted_average(batches)


def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> tuple[float, float]:
    """The loss and accuracy, without training."""
    were_training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        batches = [batch_figures(model, x.float().to(device), y.long().to(device)) for x, y in data_loader]
    finally:
        for module in were_training:
            module.training = True
    return weighted_average(batches)


@torch.no_grad()
def batch_figures(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[int, float, float]:
    logits = model(x)
    return len(y), nn.CrossEntropyLoss()(logits, y).item(), batch_accuracy(logits, y)


def batch_accuracy(logits: torch.Tensor, y: torch.Tensor) -> float:
    _, predicted = logits.max(1)
    return predicted.eq(y).double().mean().item() * 100


def weighted_average(batches: list[tuple[int, float, float]]) -> tuple[float, float]:
    total = sum(length for length, _, _ in batches)
    if total == 0:
        raise ValueError("The data loader is empty; it must give at least one example.")
    loss = sum(length * loss for length, loss, _ in batches) / total
    accuracy = sum(length * accuracy for length, _, accuracy in batches) / total
    return loss, accuracy


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
    """Train with early stopping, or test."""
    require(running_mode in ("train", "test"), "running_mode", running_mode, '"train" or "test"')
    require(batch_size >= 1, "batch_size", batch_size, "at least 1")
    require(n_epochs >= 1, "n_epochs", n_epochs, "at least 1")
    require(patience >= 1, "patience", patience, "at least 1")
    require(learning_rate > 0, "learning_rate", learning_rate, "above 0")
    require(stop_thr >= 0, "stop_thr", stop_thr, "at least 0")
    if running_mode == "test":
        require(test_set is not None and len(test_set) > 0, "test_set", test_set, "a data set that is not empty")
        return evaluate(model, DataLoader(test_set, batch_size))
    require(train_set is not None and len(train_set) > 0, "train_set", train_set, "a data set that is not empty")
    require(valid_set is None or len(valid_set) > 0, "valid_set", valid_set, "None or a data set that is not empty")

    loaders = {"train": DataLoader(train_set, batch_size, shuffle=shuffle)}
    if valid_set is not None:
        loaders["valid"] = DataLoader(valid_set, batch_size)
    optimizer = torch.optim.SGD(model.parameters(), learning_rate)
    losses, accuracies = {"train": [], "valid": []}, {"train": [], "valid": []}
    while len(losses["train"]) < n_epochs and not should_stop(losses["valid"], stop_thr, patience):
        for part, loader in loaders.items():
            figures = train_epoch(model, loader, optimizer) if part == "train" else evaluate(model, loader)
            losses[part].append(figures[0])
            accuracies[part].append(figures[1])
    return model, losses, accuracies


def should_stop(losses: list[float], stop_thr: float, patience: int) -> bool:
    """Whether none of the last `patience` epochs improved enough on the one before it."""
    recent = losses[-patience - 1 :]
    improved = [earlier - later >= stop_thr for earlier, later in pairwise(recent)]
    return len(improved) == patience and not any(improved)


def require(condition: bool, name: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"{name} is {value!r}, but it must be {allowed}.")
