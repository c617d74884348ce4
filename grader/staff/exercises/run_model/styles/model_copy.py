"""run_model whose evaluate uses a deep copy of the model, one example at a time."""

from copy import deepcopy
from statistics import fmean

import torch
from torch import nn
from torch.utils.data import DataLoader

cross_entropy = nn.CrossEntropyLoss(reduction="none")


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train; every example's loss and hit go into two long lists."""
    model.train()
    losses, hits = [], []
    for inputs, targets in data_loader:
        inputs, targets = inputs.to(device=device).float(), targets.to(device=device).long()
        optimizer.zero_grad(set_to_none=True)
        logits = model(inputs)
        loss = cross_entropy(logits, targets)
        loss.mean().backward()
        optimizer.step()
        losses += loss.tolist()
        hits += logits.argmax(dim=1).eq(targets).tolist()
    return averages(losses, hits)


def evaluate(model, data_loader, device="cpu"):
    """Evaluate a copy of the model."""
    twin = deepcopy(model).eval().requires_grad_(False)
    losses, hits = [], []
    with torch.no_grad():
        for inputs, targets in data_loader:
            inputs, targets = inputs.to(device=device).float(), targets.to(device=device).long()
            logits = twin(inputs)
            losses += cross_entropy(logits, targets).tolist()
            hits += logits.argmax(dim=1).eq(targets).tolist()
    return averages(losses, hits)


def averages(losses, hits):
    if losses:
        return fmean(losses), 100 * fmean(hits)
    raise ValueError("The data_loader gave no examples at all; one is enough.")


def run_model(
    model,
    running_mode="train",
    train_set=None,
    valid_set=None,
    test_set=None,
    batch_size=1,
    learning_rate=0.01,
    n_epochs=1,
    stop_thr=1e-4,
    patience=1,
    shuffle=True,
):
    """Train or test: a dict maps the mode to a function."""
    modes = {"train": train, "test": test}
    if running_mode not in modes:
        raise ValueError(f"running_mode was {running_mode!r}. Allowed: {', '.join(modes)}.")
    allowed = {
        "batch_size": (batch_size, batch_size >= 1, ">= 1"),
        "n_epochs": (n_epochs, n_epochs >= 1, ">= 1"),
        "patience": (patience, patience >= 1, ">= 1"),
        "learning_rate": (learning_rate, learning_rate > 0, "> 0"),
        "stop_thr": (stop_thr, stop_thr >= 0, ">= 0"),
    }
    for name, (value, fine, condition) in allowed.items():
        if not fine:
            raise ValueError(f"{name} was {value}. Allowed: {condition}.")
    sets = {"train_set": train_set, "valid_set": valid_set, "test_set": test_set}
    return modes[running_mode](
        model,
        sets,
        batch_size=batch_size,
        learning_rate=learning_rate,
        n_epochs=n_epochs,
        stop_thr=stop_thr,
        patience=patience,
        shuffle=shuffle,
    )


def test(model, sets, batch_size, **_):
    return evaluate(model, DataLoader(checked(sets, "test_set"), batch_size))


def train(model, sets, batch_size, learning_rate, n_epochs, stop_thr, patience, shuffle):
    train_loader = DataLoader(checked(sets, "train_set"), batch_size, shuffle)
    valid_loader = None
    if sets["valid_set"] is not None:
        valid_loader = DataLoader(checked(sets, "valid_set"), batch_size)
    sgd = torch.optim.SGD(model.parameters(), learning_rate)
    losses = {"train": [], "valid": []}
    accuracies = {"train": [], "valid": []}
    successes = [0]  # after these epochs the count starts again; the first never fails
    for epoch in range(n_epochs):
        loss, accuracy = train_epoch(model, train_loader, sgd)
        losses["train"].append(loss)
        accuracies["train"].append(accuracy)
        if valid_loader:
            loss, accuracy = evaluate(model, valid_loader)
            losses["valid"].append(loss)
            accuracies["valid"].append(accuracy)
            if epoch > 0 and losses["valid"][epoch - 1] - loss >= stop_thr:
                successes.append(epoch)
            if epoch - successes[-1] == patience:
                break
    return model, losses, accuracies


def checked(sets, name):
    if sets[name] is None:
        raise ValueError(f"{name} was None. Allowed: a MyDataset.")
    if not len(sets[name]):
        raise ValueError(f"{name} was empty. Allowed: one example or more.")
    return sets[name]
