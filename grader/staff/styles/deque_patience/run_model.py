"""run_model that keeps its history in a NumPy array with a row an epoch, and the last improvements in a deque."""

from collections import deque

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train; each batch leaves a row of figures."""
    loss_fn = nn.CrossEntropyLoss()
    rows = []
    model.train()
    for i, (inputs, targets) in enumerate(data_loader):
        inputs = inputs.float().to(device)
        targets = targets.long().to(device)
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        if i == 0:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        rows.append(figures_of(loss, outputs, targets))
    return weighted(rows)


def evaluate(model, data_loader, device="cpu"):
    """Measure; each batch leaves a row of figures."""
    loss_fn = nn.CrossEntropyLoss()
    rows = []
    modes = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in modes:
            module.training = False
        with torch.no_grad():
            for inputs, targets in data_loader:
                inputs = inputs.float().to(device)
                targets = targets.long().to(device)
                outputs = model(inputs)
                rows.append(figures_of(loss_fn(outputs, targets), outputs, targets))
    finally:
        while modes:
            module, training = modes.pop()
            module.training = training
    return weighted(rows)


def figures_of(loss, outputs, targets):
    """The batch's size, mean loss and percentage."""
    predicted = torch.argsort(outputs, dim=1, descending=True, stable=True)[:, 0]
    return len(targets), loss.item(), 100 * (predicted == targets).double().mean().item()


def weighted(rows):
    if not rows:
        raise ValueError("data_loader has no batch, so that there is no example to average over.")
    sizes, losses, accuracies = np.array(rows).T
    return np.average(losses, weights=sizes).item(), np.average(accuracies, weights=sizes).item()


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
    """Train with patience, or test."""
    complain_about_numbers(batch_size, learning_rate, n_epochs, stop_thr, patience)
    if running_mode == "test":
        complain_about_set("test_set", test_set)
        return evaluate(model, DataLoader(dataset=test_set, batch_size=batch_size, shuffle=False))
    elif running_mode == "train":
        complain_about_set("train_set", train_set)
    else:
        raise ValueError(f"Unknown running_mode {running_mode!r}: use 'train' or 'test'.")

    train_loader = DataLoader(dataset=train_set, batch_size=batch_size, shuffle=bool(shuffle))
    valid_loader = None
    if valid_set is not None:
        complain_about_set("valid_set", valid_set)
        valid_loader = DataLoader(dataset=valid_set, batch_size=batch_size, shuffle=False)
    optimizer = torch.optim.SGD(params=model.parameters(), lr=learning_rate, momentum=0.0, weight_decay=0.0)

    history = np.full((n_epochs, 4), np.nan)
    improved = deque(maxlen=patience)
    epoch = 0
    while epoch < n_epochs and (len(improved) < patience or any(improved)):
        history[epoch, :2] = train_epoch(model, train_loader, optimizer)
        if valid_loader is not None:
            history[epoch, 2:] = evaluate(model, valid_loader)
            if epoch > 0:
                with np.errstate(invalid="ignore"):
                    improved.append(history[epoch - 1, 2] - history[epoch, 2] >= stop_thr)
        epoch += 1
    columns = history[:epoch].T.tolist()
    if valid_loader is None:
        columns[2:] = [], []
    return model, {"train": columns[0], "valid": columns[2]}, {"train": columns[1], "valid": columns[3]}


def complain_about_numbers(batch_size, learning_rate, n_epochs, stop_thr, patience):
    for name, value in {"batch_size": batch_size, "n_epochs": n_epochs, "patience": patience}.items():
        if value < 1:
            raise ValueError(f"{name}={value} makes no sense: it starts at 1.")
    if np.isnan(learning_rate) or learning_rate <= 0:
        raise ValueError(f"learning_rate={learning_rate} makes no sense: it is above 0.")
    if np.isnan(stop_thr) or stop_thr < 0:
        raise ValueError(f"stop_thr={stop_thr} makes no sense: it starts at 0.")


def complain_about_set(name, dataset):
    if dataset is None:
        raise ValueError(f"{name}=None makes no sense in this running_mode: it is a data set.")
    if len(dataset) == 0:
        raise ValueError(f"{name} without examples makes no sense: it has at least one.")
