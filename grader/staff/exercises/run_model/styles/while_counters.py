"""run_model by a C programmer: while loops, counters, and variables declared at the top."""

import torch
from torch import nn
from torch.utils.data import DataLoader

TRUE = 1
FALSE = 0


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train one epoch."""
    total_loss = 0.0
    n_ok = 0
    n_all = 0
    it = iter(data_loader)
    batch = next(it, None)
    model.train()
    while batch is not None:
        x = batch[0].to(device).float()
        t = batch[1].to(device).long()
        optimizer.zero_grad()
        out = model(x)
        loss = nn.functional.cross_entropy(out, t)
        loss.backward()
        optimizer.step()
        n = t.size(0)
        total_loss = total_loss + loss.item() * n
        n_ok = n_ok + count_ok(out, t, n)
        n_all = n_all + n
        batch = next(it, None)
    if n_all == 0:
        raise ValueError("data_loader: 0 examples, but at least 1 expected.")
    return total_loss / n_all, 100.0 * n_ok / n_all


def evaluate(model, data_loader, device="cpu"):
    """Evaluate."""
    total_loss = 0.0
    n_ok = 0
    n_all = 0
    modules = list(model.modules())
    modes = [FALSE] * len(modules)
    i = 0
    while i < len(modules):
        modes[i] = modules[i].training
        i += 1
    grad = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    try:
        it = iter(data_loader)
        batch = next(it, None)
        while batch is not None:
            x = batch[0].to(device).float()
            t = batch[1].to(device).long()
            out = model(x)
            loss = nn.functional.cross_entropy(out, t)
            n = t.size(0)
            total_loss = total_loss + loss.item() * n
            n_ok = n_ok + count_ok(out, t, n)
            n_all = n_all + n
            batch = next(it, None)
    finally:
        torch.set_grad_enabled(grad)
        i = 0
        while i < len(modules):
            modules[i].training = modes[i]
            i += 1
    if n_all == 0:
        raise ValueError("data_loader: 0 examples, but at least 1 expected.")
    return total_loss / n_all, 100.0 * n_ok / n_all


def count_ok(out, t, n):
    """Count the rows whose largest number is at the label's position."""
    n_ok = 0
    row = 0
    rows = out.tolist()
    while row < n:
        best = 0
        k = 1
        while k < len(rows[row]):
            if rows[row][k] > rows[row][best]:
                best = k
            k += 1
        if best == t[row].item():
            n_ok += 1
        row += 1
    return n_ok


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
    """Train or test."""
    epoch = 0
    n_bad = 0
    stop = FALSE
    last_loss = None
    losses = {"train": [], "valid": []}
    accuracies = {"train": [], "valid": []}

    if batch_size < 1:
        raise ValueError(f"batch_size: {batch_size}, but at least 1 expected.")
    if n_epochs < 1:
        raise ValueError(f"n_epochs: {n_epochs}, but at least 1 expected.")
    if patience < 1:
        raise ValueError(f"patience: {patience}, but at least 1 expected.")
    if not (learning_rate > 0.0):
        raise ValueError(f"learning_rate: {learning_rate}, but more than 0 expected.")
    if not (stop_thr >= 0.0):
        raise ValueError(f"stop_thr: {stop_thr}, but at least 0 expected.")
    if running_mode == "test":
        if test_set is None or len(test_set) == 0:
            raise ValueError("test_set: nothing, but at least 1 example expected.")
        return evaluate(model, DataLoader(test_set, batch_size=batch_size))
    if running_mode != "train":
        raise ValueError(f"running_mode: {running_mode!r}, but 'train' or 'test' expected.")
    if train_set is None or len(train_set) == 0:
        raise ValueError("train_set: nothing, but at least 1 example expected.")
    if valid_set is not None and len(valid_set) == 0:
        raise ValueError("valid_set: nothing, but None or at least 1 example expected.")

    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=shuffle)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    while epoch < n_epochs and stop == FALSE:
        loss, accuracy = train_epoch(model, train_loader, optimizer)
        losses["train"].append(loss)
        accuracies["train"].append(accuracy)
        if valid_set is not None:
            loss, accuracy = evaluate(model, DataLoader(valid_set, batch_size=batch_size))
            losses["valid"].append(loss)
            accuracies["valid"].append(accuracy)
            n_bad += 1
            if epoch == 0 or last_loss - loss >= stop_thr:
                n_bad = 0
            if n_bad == patience:
                stop = TRUE
            last_loss = loss
        epoch += 1
    return model, losses, accuracies
