"""run_model by someone who likes NumPy: it returns NumPy scalars."""

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


def batches_of(data_loader: DataLoader, device: torch.device | str):
    for x, y in data_loader:
        yield x.type(torch.float32).to(device), y.type(torch.int64).to(device)


def summary(losses: list[np.ndarray], hits: list[np.ndarray]) -> tuple[np.float64, np.float64]:
    """The means over examples, given every example's own loss and whether it was right."""
    if not losses:
        raise ValueError("data_loader is empty, and the mean of no examples is undefined. Pass at least one example.")
    return np.concatenate(losses).mean(dtype=np.float64), 100 * np.concatenate(hits).mean(dtype=np.float64)


def train_epoch(model: nn.Module, data_loader: DataLoader, optimizer: optim.Optimizer, device="cpu"):
    """One epoch of training: (loss, accuracy in percent)."""
    criterion = nn.CrossEntropyLoss(reduction="none")
    losses, hits = [], []
    model.train(True)
    for x, y in batches_of(data_loader, device):
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.mean().backward()
        optimizer.step()
        losses.append(loss.detach().cpu().numpy())
        hits.append((out.detach().argmax(1) == y).cpu().numpy())
    return summary(losses, hits)


def evaluate(model: nn.Module, data_loader: DataLoader, device="cpu"):
    """(loss, accuracy in percent); every module's mode is restored at the end."""
    criterion = nn.CrossEntropyLoss(reduction="none")
    modules = list(model.modules())
    modes = [module.training for module in modules]
    losses, hits = [], []
    model.train(False)
    try:
        for x, y in batches_of(data_loader, device):
            with torch.no_grad():
                out = model(x)
            losses.append(criterion(out, y).cpu().numpy())
            hits.append((out.argmax(1) == y).cpu().numpy())
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
    return summary(losses, hits)


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
    """Training with early stopping gives (model, losses, accuracies), testing (loss, accuracy)."""
    check(running_mode, train_set, valid_set, test_set)
    for name, count in {"batch_size": batch_size, "n_epochs": n_epochs, "patience": patience}.items():
        if count < 1:
            raise ValueError(f"{name} should be 1 or more, not {count}.")
    if learning_rate <= 0 or np.isnan(learning_rate):
        raise ValueError(f"learning_rate should be positive, not {learning_rate}.")
    if stop_thr < 0 or np.isnan(stop_thr):
        raise ValueError(f"stop_thr should be 0 or more, not {stop_thr}.")

    if running_mode == "test":
        return evaluate(model, DataLoader(test_set, batch_size))
    return train(model, train_set, valid_set, batch_size, learning_rate, n_epochs, stop_thr, patience, shuffle)


def train(model, train_set, valid_set, batch_size, learning_rate, n_epochs, stop_thr, patience, shuffle):
    loader = DataLoader(train_set, batch_size, shuffle)
    optimizer = optim.SGD(model.parameters(), lr=learning_rate)
    results = {"train": [], "valid": []}
    for epoch in range(n_epochs):
        results["train"].append(train_epoch(model, loader, optimizer))
        if valid_set is not None:
            results["valid"].append(evaluate(model, DataLoader(valid_set, batch_size)))
            if epoch >= patience and stagnant([loss for loss, _ in results["valid"]], stop_thr, patience):
                break
    losses = {part: [loss for loss, _ in pairs] for part, pairs in results.items()}
    accuracies = {part: [accuracy for _, accuracy in pairs] for part, pairs in results.items()}
    return model, losses, accuracies


def stagnant(valid_losses: list[np.float64], stop_thr: float, patience: int) -> bool:
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, which is not an improvement
        improvements = -np.diff(valid_losses)
    return not np.any(improvements[-patience:] >= stop_thr)


def check(running_mode, train_set, valid_set, test_set) -> None:
    """Check that the mode is known and that the data sets it needs are not empty."""
    if running_mode == "train":
        sets, needed = {"train_set": train_set, "valid_set": valid_set}, "train_set"
    elif running_mode == "test":
        sets, needed = {"test_set": test_set}, "test_set"
    else:
        raise ValueError(f"running_mode should be 'train' or 'test', not {running_mode!r}.")
    if sets[needed] is None:
        raise ValueError(f"{needed} should be a data set when running_mode is {running_mode!r}, not None.")
    for name, dataset in sets.items():
        if dataset is not None and not len(dataset):
            raise ValueError(f"{name} should have at least one example, not 0.")
