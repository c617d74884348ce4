"""run_model without DataLoader: its own class cuts the data set into converted batches."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from data.my_dataset import MyDataset


class Batches:
    """Batches of a data set, in a new random order each time or in the given order."""

    def __init__(self, dataset: MyDataset, batch_size: int, shuffle: bool = False) -> None:
        self.x, self.y = dataset.x.to(torch.float32), dataset.y.to(torch.int64)
        self.batch_size = batch_size
        self.shuffle = shuffle

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.x)) if self.shuffle else torch.arange(len(self.x))
        for indices in order.split(self.batch_size):
            yield self.x[indices], self.y[indices]


class Tally:
    """The sums so far."""

    loss_sum = 0.0
    n_right = 0
    n = 0

    def count(self, logits: Tensor, targets: Tensor) -> Tensor:
        loss = cross_entropy(logits, targets)
        self.loss_sum += loss.detach().item() * targets.size(0)
        self.n_right += torch.eq(logits.argmax(1), targets).sum().item()
        self.n += targets.size(0)
        return loss

    def __iter__(self) -> Iterator[float]:
        if self.n < 1:
            raise ValueError("data_loader: no example came out of it, and at least one is needed.")
        yield self.loss_sum / self.n
        yield 100 * self.n_right / self.n


def train_epoch(
    model: nn.Module, data_loader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, ...]:
    """Train on all batches of any iterable."""
    tally = Tally()
    model.train()
    for inputs, targets in data_loader:
        loss = tally.count(model(inputs.to(device).float()), targets.to(device).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return tuple(tally)


def evaluate(model: nn.Module, data_loader, device: torch.device | str = "cpu") -> tuple[float, ...]:
    """Evaluate on all batches of any iterable."""
    tally = Tally()
    training, still = [], []
    for module in model.modules():
        (training if module.training else still).append(module)
    try:
        model.eval()
        with torch.no_grad():
            for inputs, targets in data_loader:
                tally.count(model(inputs.to(device).float()), targets.to(device).long())
    finally:
        for module in training:
            module.training = True
        for module in still:
            module.training = False
    return tuple(tally)


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
    """Collect the errors in the arguments; train or test if there are none."""
    errors = []
    if running_mode not in ("train", "test"):
        errors.append(f"running_mode is {running_mode!r} but must be train or test")
    errors += [
        f"{name} is {value} but must be 1 or greater"
        for name, value in (("n_epochs", n_epochs), ("batch_size", batch_size), ("patience", patience))
        if value < 1
    ]
    if not learning_rate > 0:
        errors.append(f"learning_rate is {learning_rate} but must be greater than 0")
    if not stop_thr >= 0:
        errors.append(f"stop_thr is {stop_thr} but must be 0 or greater")
    needed = {"train_set": train_set} if running_mode == "train" else {"test_set": test_set}
    errors += [f"{name} is None but must be a data set" for name, dataset in needed.items() if dataset is None]
    if running_mode == "train":
        needed["valid_set"] = valid_set
    errors += [
        f"{name} is empty but must have an example"
        for name, dataset in needed.items()
        if dataset is not None and len(dataset) == 0
    ]
    if errors:
        raise ValueError("; ".join(errors) + ".")

    if running_mode == "test":
        return evaluate(model, Batches(test_set, batch_size))
    losses: dict[str, list[float]] = {"train": [], "valid": []}
    accuracies: dict[str, list[float]] = {"train": [], "valid": []}
    train_batches = Batches(train_set, batch_size, shuffle)
    valid_batches = Batches(valid_set, batch_size) if valid_set is not None else None
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    failures = 0
    for epoch in range(1, n_epochs + 1):
        loss, accuracy = train_epoch(model, train_batches, optimizer)
        losses["train"].append(loss)
        accuracies["train"].append(accuracy)
        if valid_batches is None:
            continue
        loss, accuracy = evaluate(model, valid_batches)
        losses["valid"].append(loss)
        accuracies["valid"].append(accuracy)
        if epoch == 1 or losses["valid"][-2] - losses["valid"][-1] >= stop_thr:
            failures = 0
            continue
        failures += 1
        if failures == patience:
            break
    return model, losses, accuracies
