"""run_model that counts in a NumPy confusion matrix, sums losses with math.fsum, and writes its rules as tables."""

import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


class Statistics:
    """A confusion matrix, rows for labels and columns for predictions, and the losses of all batches."""

    def __init__(self) -> None:
        self.confusion = np.zeros((0, 0), dtype=np.int64)
        self.losses: list[float] = []

    def record(self, loss_sum: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor) -> None:
        scores, truth = logits.detach().cpu().numpy(), labels.cpu().numpy()
        classes = max(scores.shape[1], len(self.confusion))
        self.confusion = np.pad(self.confusion, (0, classes - len(self.confusion)))
        np.add.at(self.confusion, (truth, scores.argmax(axis=1)), 1)
        self.losses.append(float(loss_sum.detach()))

    def means(self) -> tuple[float, float]:
        total = self.confusion.sum()
        if total == 0:
            raise ValueError("data_loader has no examples; at least 1 is allowed.")
        return math.fsum(self.losses) / int(total), float(100 * np.trace(self.confusion) / total)


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """Train over one epoch."""
    statistics = Statistics()
    model.train()
    for x, y in data_loader:
        x, y = x.to(device).to(torch.float32), y.to(device).to(torch.int64)
        optimizer.zero_grad()
        logits = model(x)
        loss_sum = nn.functional.cross_entropy(logits, y, reduction="sum")
        (loss_sum / y.shape[0]).backward()
        optimizer.step()
        statistics.record(loss_sum, logits, y)
    return statistics.means()


def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> tuple[float, float]:
    """Evaluate, whatever happens."""
    statistics = Statistics()
    modules = list(model.modules())
    training = np.array([module.training for module in modules])
    model.eval()
    try:
        for x, y in data_loader:
            x, y = x.to(device).to(torch.float32), y.to(device).to(torch.int64)
            with torch.no_grad():
                logits = model(x)
                loss_sum = nn.functional.cross_entropy(logits, y, reduction="sum")
            statistics.record(loss_sum, logits, y)
    finally:
        for module, mode in zip(modules, training.tolist(), strict=True):
            module.training = mode
    return statistics.means()


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
    """Train, or test."""
    table = [
        ("running_mode", running_mode, running_mode in ("train", "test"), "'train' or 'test'"),
        ("batch_size", batch_size, batch_size >= 1, "at least 1"),
        ("n_epochs", n_epochs, n_epochs >= 1, "at least 1"),
        ("patience", patience, patience >= 1, "at least 1"),
        ("learning_rate", learning_rate, learning_rate > 0, "above 0"),
        ("stop_thr", stop_thr, stop_thr >= 0, "at least 0"),
    ]
    if running_mode == "test":
        table.append(("test_set", test_set, test_set is not None and len(test_set) > 0, "a data set with examples"))
    else:
        table.append(("train_set", train_set, train_set is not None and len(train_set) > 0, "a data set with examples"))
        table.append(
            ("valid_set", valid_set, valid_set is None or len(valid_set) > 0, "None or a data set with examples")
        )
    for name, value, fine, allowed in table:
        if not fine:
            raise ValueError(f"{name} is {value!r}; allowed is {allowed}.")

    if running_mode == "test":
        return evaluate(model, DataLoader(test_set, batch_size=batch_size))
    losses: dict[str, list[float]] = {"train": [], "valid": []}
    accuracies: dict[str, list[float]] = {"train": [], "valid": []}
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=shuffle)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for epoch in range(n_epochs):
        loss, accuracy = train_epoch(model, loader, optimizer)
        losses["train"] += [loss]
        accuracies["train"] += [accuracy]
        if valid_set is not None:
            loss, accuracy = evaluate(model, DataLoader(valid_set, batch_size=batch_size))
            losses["valid"] += [loss]
            accuracies["valid"] += [accuracy]
            recent = np.array(losses["valid"][-patience - 1 :])
            with np.errstate(invalid="ignore"):
                failed = ~(recent[:-1] - recent[1:] >= stop_thr)
            if epoch >= patience and failed.all():
                break
    return model, losses, accuracies
