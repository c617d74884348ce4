"""run_model with dataclasses for the settings, for a pass's totals, and for a history that knows when to stop."""

import contextlib
import operator
from dataclasses import dataclass, field, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD, Optimizer
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


@dataclass
class Totals:
    loss: float = 0.0
    correct: int = 0
    examples: int = 0

    def __iadd__(self, other: "Totals") -> "Totals":
        self.loss += other.loss
        self.correct += other.correct
        self.examples += other.examples
        return self

    def per_example(self) -> tuple[float, float]:
        if self.examples == 0:
            raise ValueError("data_loader yields nothing, so there is no example to measure; it must yield a batch.")
        return self.loss / self.examples, 100.0 * self.correct / self.examples


def forward(model: nn.Module, batch: tuple[Tensor, Tensor], device: torch.device | str) -> tuple[Tensor, Totals]:
    inputs, targets = batch[0].to(device, torch.float32), batch[1].to(device, torch.int64)
    logits = model(inputs)
    loss = F.cross_entropy(logits, targets)
    correct = (logits.argmax(dim=1) == targets).sum().item()
    return loss, Totals(loss.item() * len(targets), correct, len(targets))


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """Train for an epoch."""
    totals = Totals()
    model.train()
    for batch in data_loader:
        loss, of_batch = forward(model, batch, device)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        totals += of_batch
    return totals.per_example()


@contextlib.contextmanager
def mode_of(module: nn.Module, training: bool):
    """One module's mode for a while; its children keep theirs."""
    before, module.training = module.training, training
    try:
        yield
    finally:
        module.training = before


@torch.no_grad()
def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> tuple[float, float]:
    """Measure a model."""
    totals = Totals()
    with contextlib.ExitStack() as stack:
        for module in model.modules():
            stack.enter_context(mode_of(module, training=False))
        for batch in data_loader:
            totals += forward(model, batch, device)[1]
    return totals.per_example()


RULES = {"minimum": operator.ge, "above": operator.gt}


@dataclass(frozen=True)
class Settings:
    batch_size: int = field(metadata={"minimum": 1})
    n_epochs: int = field(metadata={"minimum": 1})
    patience: int = field(metadata={"minimum": 1})
    stop_thr: float = field(metadata={"minimum": 0})
    learning_rate: float = field(metadata={"above": 0})

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            for rule, bound in setting.metadata.items():
                if not RULES[rule](value, bound):
                    raise ValueError(f"{setting.name} is {value}; {rule}: {bound}.")


@dataclass
class Epoch:
    train: tuple[float, float]
    valid: tuple[float, float] | None = None

    def improves_on(self, other: "Epoch", stop_thr: float) -> bool:
        return self.valid is None or other.valid[0] - self.valid[0] >= stop_thr


@dataclass
class History:
    settings: Settings
    epochs: list[Epoch] = field(default_factory=list)
    failures: int = 0

    @property
    def is_over(self) -> bool:
        return len(self.epochs) == self.settings.n_epochs or self.failures == self.settings.patience

    def add(self, epoch: Epoch) -> None:
        failed = self.epochs and not epoch.improves_on(self.epochs[-1], self.settings.stop_thr)
        self.failures = self.failures + 1 if failed else 0
        self.epochs.append(epoch)

    def as_dict(self, which: int) -> dict[str, list[float]]:
        return {
            "train": [epoch.train[which] for epoch in self.epochs],
            "valid": [epoch.valid[which] for epoch in self.epochs if epoch.valid is not None],
        }


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
    settings = Settings(batch_size, n_epochs, patience, stop_thr, learning_rate)
    if running_mode == "test":
        return evaluate(model, DataLoader(usable("test_set", test_set), batch_size))
    if running_mode != "train":
        raise ValueError(f"running_mode is {running_mode!r}; allowed: 'train', 'test'.")
    train_loader = DataLoader(usable("train_set", train_set), batch_size, shuffle)
    valid_loader = None if valid_set is None else DataLoader(usable("valid_set", valid_set), batch_size)
    optimizer = SGD(model.parameters(), learning_rate)
    history = History(settings)
    while not history.is_over:
        epoch = Epoch(train_epoch(model, train_loader, optimizer))
        if valid_loader is not None:
            epoch.valid = evaluate(model, valid_loader)
        history.add(epoch)
    return model, history.as_dict(0), history.as_dict(1)


def usable(name: str, dataset: MyDataset | None) -> MyDataset:
    if dataset is None:
        raise ValueError(f"{name} is None; allowed: a data set.")
    if len(dataset) == 0:
        raise ValueError(f"{name} has no example; minimum: 1.")
    return dataset
