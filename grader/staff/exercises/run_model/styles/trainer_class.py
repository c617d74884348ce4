"""run_model with a Trainer class, meters for the sums, and a context manager."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class Meter:
    """Adds up losses and hits, example by example."""

    def __init__(self):
        self.losses = []
        self.hits = []

    def update(self, logits, targets):
        """Add one batch to the sums, and return its mean loss."""
        losses = F.cross_entropy(logits, targets, reduction="none")
        self.losses.extend(losses.tolist())
        self.hits.extend((logits.max(dim=1)[1] == targets).tolist())
        return losses.mean()

    def compute(self):
        count = len(self.losses)
        if count == 0:
            raise ValueError("data_loader is empty: give it at least one example.")
        return sum(self.losses) / count, 100 * sum(self.hits) / count


class Frozen:
    """Inside `with Frozen(model):` the model is in evaluation mode and gradients are off."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = {name: module.training for name, module in self.model.named_modules()}
        self.gradients = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        self.model.eval()

    def __exit__(self, *error):
        torch.set_grad_enabled(self.gradients)
        for name, module in self.model.named_modules():
            module.training = self.training[name]


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train for one epoch."""
    model.train()
    meter = Meter()
    for inputs, targets in data_loader:
        optimizer.zero_grad()
        logits = model(inputs.to(device).float())
        meter.update(logits, targets.to(device).long()).backward()
        optimizer.step()
    return meter.compute()


def evaluate(model, data_loader, device="cpu"):
    """Evaluate, and change nothing."""
    meter = Meter()
    with Frozen(model):
        for inputs, targets in data_loader:
            meter.update(model(inputs.to(device).float()), targets.to(device).long())
    return meter.compute()


class Trainer:
    """Trains one model on one training set, epoch by epoch, and remembers how it went."""

    def __init__(self, model: nn.Module, learning_rate: float, stop_thr: float, patience: int):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
        self.stop_thr = stop_thr
        self.patience = patience
        self.failures = 0
        self.losses = {"train": [], "valid": []}
        self.accuracies = {"train": [], "valid": []}

    def fit(self, train_loader, valid_loader, n_epochs):
        for _ in range(n_epochs):
            self.log("train", train_epoch(self.model, train_loader, self.optimizer))
            if valid_loader is not None:
                self.log("valid", evaluate(self.model, valid_loader))
                self.count_failure()
            if self.failures >= self.patience:
                break
        return self.model, self.losses, self.accuracies

    def log(self, part, figures):
        self.losses[part].append(figures[0])
        self.accuracies[part].append(figures[1])

    def count_failure(self):
        if len(self.losses["valid"]) < 2:
            return
        before, now = self.losses["valid"][-2:]
        if before - now >= self.stop_thr:
            self.failures = 0
        else:
            self.failures += 1


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
    """Check the arguments, then use a Trainer."""
    if running_mode != "train" and running_mode != "test":
        raise ValueError(f"running_mode can be 'train' or 'test'; {running_mode!r} is neither.")
    for name, value in [("batch_size", batch_size), ("n_epochs", n_epochs), ("patience", patience)]:
        if value < 1:
            raise ValueError(f"{name} can be 1 or more; {value} is too small.")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate can be any number above 0; {learning_rate} is none.")
    if not stop_thr >= 0:
        raise ValueError(f"stop_thr can be any number from 0 on; {stop_thr} is none.")

    def load(name, dataset, **options):
        if dataset is None or len(dataset) == 0:
            raise ValueError(f"{name} can be any data set with examples; {dataset} has none.")
        return DataLoader(dataset, batch_size=batch_size, **options)

    if running_mode == "test":
        return evaluate(model, load("test_set", test_set))
    train_loader = load("train_set", train_set, shuffle=shuffle)
    valid_loader = load("valid_set", valid_set) if valid_set is not None else None
    return Trainer(model, learning_rate, stop_thr, patience).fit(train_loader, valid_loader, n_epochs)
