"""run_model that makes a new optimizer, new loaders and a new Subset in every epoch."""

from itertools import groupby, pairwise

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset

from data.my_dataset import MyDataset


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train; the summed loss of a batch is divided where the gradient is taken."""
    criterion = nn.CrossEntropyLoss(reduction="sum")
    model.train()
    sums = torch.zeros(3)
    for inputs, targets in data_loader:
        inputs, targets = inputs.to(device, dtype=torch.float32), targets.to(device, dtype=torch.int64)
        for parameter in model.parameters():
            parameter.grad = None
        logits = model(inputs)
        loss = criterion(logits, targets)
        loss.div(len(inputs)).backward()
        optimizer.step()
        sums += torch.tensor([loss.item(), torch.sum(logits.argmax(1) == targets).item(), len(inputs)])
    return from_sums(*sums.tolist())


def evaluate(model, data_loader, device="cpu"):
    """Evaluate, with the modes in a dict from name to mode."""
    criterion = nn.CrossEntropyLoss(reduction="sum")
    before = {name: module.training for name, module in model.named_modules()}
    model.eval()
    sums = torch.zeros(3)
    try:
        for inputs, targets in data_loader:
            inputs, targets = inputs.to(device, dtype=torch.float32), targets.to(device, dtype=torch.int64)
            with torch.inference_mode():
                logits = model(inputs)
                loss = criterion(logits, targets)
                right = torch.sum(logits.argmax(1) == targets)
            sums += torch.tensor([loss.item(), right.item(), len(inputs)])
    finally:
        for name, module in model.named_modules():
            module.training = before[name]
    return from_sums(*sums.tolist())


def from_sums(loss, right, count):
    try:
        return loss / count, 100 * right / count
    except ZeroDivisionError:
        raise ValueError("No example came from data_loader; at least one is needed.") from None


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
    """Train until the validation loss has not improved for `patience` epochs, or test."""
    Arguments(running_mode=running_mode).one_of("train", "test")
    Arguments(batch_size=batch_size, n_epochs=n_epochs, patience=patience).at_least(1)
    Arguments(stop_thr=stop_thr).at_least(0)
    Arguments(learning_rate=learning_rate).above(0)
    if running_mode == "test":
        Arguments(test_set=test_set).not_empty()
        return evaluate(model, DataLoader(test_set, batch_size))
    Arguments(train_set=train_set).not_empty()
    if valid_set is not None:
        Arguments(valid_set=valid_set).not_empty()

    losses, accuracies = {"train": [], "valid": []}, {"train": [], "valid": []}
    for _ in range(n_epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)  # plain SGD remembers nothing
        order = torch.randperm(len(train_set)).tolist() if shuffle else range(len(train_set))
        train_loader = DataLoader(Subset(train_set, order), batch_size)
        loss, accuracy = train_epoch(model, train_loader, optimizer)
        losses["train"].append(loss)
        accuracies["train"].append(accuracy)
        if valid_set is not None:
            loss, accuracy = evaluate(model, DataLoader(valid_set, batch_size))
            losses["valid"].append(loss)
            accuracies["valid"].append(accuracy)
        if failures_at_the_end(losses["valid"], stop_thr) == patience:
            break
    return model, losses, accuracies


def failures_at_the_end(losses, stop_thr):
    improved = [before - after >= stop_thr for before, after in pairwise(losses)]
    lengths = [0 if good else len(list(group)) for good, group in groupby(improved)]
    return lengths[-1] if lengths else 0


class Arguments:
    """Checks arguments: Arguments(epochs=3).at_least(1)."""

    def __init__(self, **arguments):
        self.arguments = arguments.items()

    def complain(self, name, value, allowed):
        raise ValueError(f"The argument {name} must be {allowed}, and {value!r} isn't.")

    def one_of(self, *options):
        for name, value in self.arguments:
            if value not in options:
                self.complain(name, value, f"one of {options}")

    def at_least(self, minimum):
        for name, value in self.arguments:
            if not value >= minimum:
                self.complain(name, value, f"at least {minimum}")

    def above(self, bound):
        for name, value in self.arguments:
            if not value > bound:
                self.complain(name, value, f"above {bound}")

    def not_empty(self):
        for name, value in self.arguments:
            if value is None or len(value) == 0:
                self.complain(name, value, "a data set with at least one example")
