"""Training, evaluating and early stopping."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset

History = dict[str, list[float]]


def train_epoch(
    model: nn.Module,
    data_loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device | str = "cpu",
) -> tuple[float, float]:
    """Train for one epoch and return the mean loss and the accuracy in percent."""
    model.train()
    total_loss = 0.0
    n_correct = 0
    n_seen = 0
    for x, y in data_loader:
        x = x.float().to(device)
        y = y.long().to(device)
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        n_correct += (logits.argmax(dim=1) == y).sum().item()
        n_seen += len(y)
    return total_loss / len(data_loader), 100 * n_correct / n_seen


def evaluate(
    model: nn.Module,
    data_loader: DataLoader,
    device: torch.device | str = "cpu",
) -> tuple[float, float]:
    """Return the mean loss and the accuracy in percent."""
    model.eval()
    total_loss = 0.0
    n_correct = 0
    n_seen = 0
    with torch.no_grad():
        for x, y in data_loader:
            x = x.float().to(device)
            y = y.long().to(device)
            logits = model(x)
            total_loss += F.cross_entropy(logits, y).item()
            n_correct += (logits.argmax(dim=1) == y).sum().item()
            n_seen += len(y)
    return total_loss / len(data_loader), 100 * n_correct / n_seen


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
) -> tuple[nn.Module, History, History] | tuple[float, float]:
    """Train a model until the validation loss stops changing, or test it."""
    if running_mode == "test":
        if test_set is None:
            raise ValueError("test_set is None, but testing needs one.")
        return evaluate(model, DataLoader(test_set, batch_size=batch_size))
    if running_mode != "train":
        raise ValueError(f"running_mode is {running_mode!r}, but should be 'train' or 'test'.")
    if train_set is None:
        raise ValueError("train_set is None, but training needs one.")

    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses: History = {"train": [], "valid": []}
    accuracies: History = {"train": [], "valid": []}
    n_small_changes = 0
    for epoch in range(n_epochs):
        loss, accuracy = train_epoch(model, train_loader, optimizer)
        losses["train"].append(loss)
        accuracies["train"].append(accuracy)
        if valid_set is None:
            continue
        loss, accuracy = evaluate(model, DataLoader(valid_set, batch_size=batch_size))
        losses["valid"].append(loss)
        accuracies["valid"].append(accuracy)
        if epoch > 0 and abs(losses["valid"][-1] - losses["valid"][-2]) < stop_thr:
            n_small_changes += 1
        if n_small_changes == patience:
            break
    return model, losses, accuracies
