"""run_model with decorators: evaluate collects all logits and computes one loss."""

import contextlib
import functools

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset


def keeps_modes(function):
    """Run a function of a model in evaluation mode, then restore every module's mode."""

    @functools.wraps(function)
    def wrapped(model, *args, **kwargs):
        with contextlib.ExitStack() as stack:
            for module in model.modules():
                stack.callback(setattr, module, "training", module.training)
            model.eval()
            return function(model, *args, **kwargs)

    return wrapped


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> tuple[float, float]:
    """One epoch with gradients."""
    model.train()
    results = []
    for x, y in data_loader:
        x, y = x.to(device, torch.float32), y.to(device, torch.int64)
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        results.append((loss.item() * len(y), (logits.argmax(1) == y).sum().item(), len(y)))
    if not results:
        raise ValueError("data_loader of train_epoch has no examples, and 1 is the least.")
    loss_sum, n_right, n = (sum(column) for column in zip(*results, strict=True))
    return loss_sum / n, 100 * n_right / n


@keeps_modes
@torch.inference_mode()
def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> tuple[float, float]:
    """One pass without gradients."""
    pairs = [(model(x.to(device, torch.float32)), y.to(device, torch.int64)) for x, y in data_loader]
    if not pairs:
        raise ValueError("data_loader of evaluate has no examples, and 1 is the least.")
    logits = torch.cat([logits for logits, _ in pairs])
    targets = torch.cat([targets for _, targets in pairs])
    loss = F.cross_entropy(logits.double(), targets)
    accuracy = 100 * (logits.argmax(1) == targets).double().mean()
    return loss.item(), accuracy.item()


def collate(examples: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, labels = zip(*examples, strict=True)
    return torch.stack(inputs).float(), torch.tensor([int(label) for label in labels])


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
    """Train or test, with loaders that are partial functions of the data set."""
    if running_mode not in ["train", "test"]:
        raise ValueError(f"running_mode is {running_mode!r}, and only 'train' and 'test' exist.")
    for name in ["batch_size", "n_epochs", "patience"]:
        if locals()[name] <= 0:
            raise ValueError(f"{name} is {locals()[name]}, and 1 is the least.")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate is {learning_rate}, and must be more than 0.")
    if not stop_thr >= 0:
        raise ValueError(f"stop_thr is {stop_thr}, and 0 is the least.")
    used = {"test_set": test_set} if running_mode == "test" else {"train_set": train_set, "valid_set": valid_set}
    for name, dataset in used.items():
        if dataset is None and name != "valid_set":
            raise ValueError(f"{name} is None, and {running_mode!r} needs a data set.")
        if dataset is not None and len(dataset) == 0:
            raise ValueError(f"{name} has 0 examples, and 1 is the least.")

    in_order = functools.partial(DataLoader, batch_size=batch_size, collate_fn=collate)
    if running_mode == "test":
        return evaluate(model, in_order(test_set))
    train_loader = functools.partial(in_order, shuffle=shuffle)(train_set)
    losses, accuracies = {"train": [], "valid": []}, {"train": [], "valid": []}
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    chances = patience
    for epoch in range(n_epochs):
        figures = {"train": train_epoch(model, train_loader, optimizer)}
        if valid_set is not None:
            figures["valid"] = evaluate(model, in_order(valid_set))
        for part, (loss, accuracy) in figures.items():
            losses[part].append(loss)
            accuracies[part].append(accuracy)
        if valid_set is not None and epoch > 0:
            improved = losses["valid"][epoch - 1] - losses["valid"][epoch] >= stop_thr
            chances = patience if improved else chances - 1
        if not chances:
            break
    return model, losses, accuracies
