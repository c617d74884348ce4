"""run_model that uses torch.autograd.grad, never calls backward, and seeds torch first."""

import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset

Figures = tuple[float, float]


def train_epoch(
    model: nn.Module, data_loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device | str = "cpu"
) -> Figures:
    """One epoch, with each parameter's gradient written by hand."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    model.train()
    sums = [0.0, 0, 0]
    for x, y in data_loader:
        loss = loss_sum(model, x, y, device, sums) / len(y)
        write_gradients(parameters, loss)
        optimizer.step()
    return means(sums)


def write_gradients(parameters: list[nn.Parameter], loss: torch.Tensor) -> None:
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    for parameter in parameters:
        parameter.grad = None
    for parameter, gradient in zip(learning, torch.autograd.grad(loss, learning, allow_unused=True), strict=True):
        parameter.grad = gradient


def evaluate(model: nn.Module, data_loader: DataLoader, device: torch.device | str = "cpu") -> Figures:
    """One pass over the data that changes nothing."""
    training = {module for module in model.modules() if module.training}
    sums = [0.0, 0, 0]
    try:
        model.eval()
        with torch.set_grad_enabled(False):
            for x, y in data_loader:
                loss_sum(model, x, y, device, sums)
    finally:
        for module in model.modules():
            module.training = module in training
    return means(sums)


def loss_sum(
    model: nn.Module, x: torch.Tensor, y: torch.Tensor, device: torch.device | str, sums: list[float]
) -> torch.Tensor:
    """The sum of a batch's losses; the sum and the counts are added to `sums`."""
    x, y = x.to(device).to(torch.float32), y.to(device).to(torch.int64)
    logits = model(x)
    loss = (logits.logsumexp(dim=1) - logits[torch.arange(len(y)), y]).sum()
    sums[0] += loss.item()
    sums[1] += int(logits.argmax(dim=1).eq(y).sum())
    sums[2] += len(y)
    return loss


def means(sums: list[float]) -> Figures:
    if sums[2] == 0:
        raise ValueError("data_loader has 0 examples; it needs 1 or more.")
    return sums[0] / sums[2], 100.0 * sums[1] / sums[2]


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
    """Train or test, always with the same seed, so that results repeat."""
    torch.manual_seed(42)
    expect(running_mode in ("train", "test"), f"running_mode is {running_mode!r}; it should be 'train' or 'test'.")
    expect(n_epochs >= 1, f"n_epochs is {n_epochs}; it should be at least 1.")
    expect(batch_size >= 1, f"batch_size is {batch_size}; it should be at least 1.")
    expect(patience >= 1, f"patience is {patience}; it should be at least 1.")
    expect(learning_rate > 0, f"learning_rate is {learning_rate}; it should be above 0.")
    expect(stop_thr >= 0, f"stop_thr is {stop_thr}; it should be at least 0.")
    if running_mode == "test":
        expect(test_set is not None, "test_set is None; it should be a data set.")
        expect(len(test_set) > 0, "test_set has 0 examples; it should have at least 1.")
        return evaluate(model, DataLoader(test_set, batch_size))
    expect(train_set is not None, "train_set is None; it should be a data set.")
    expect(len(train_set) > 0, "train_set has 0 examples; it should have at least 1.")
    if valid_set is not None:
        expect(len(valid_set) > 0, "valid_set has 0 examples; it should be None or have at least 1.")

    generator = torch.Generator().manual_seed(42)
    train_loader = DataLoader(train_set, batch_size, shuffle=shuffle, generator=generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    train_figures: list[Figures] = []
    valid_figures: list[Figures] = []
    while len(train_figures) < n_epochs:
        train_figures.append(train_epoch(model, train_loader, optimizer))
        if valid_set is not None:
            valid_figures.append(evaluate(model, DataLoader(valid_set, batch_size)))
            if row_of_failures(valid_figures, stop_thr) >= patience:
                break
    history = [
        {"train": [figures[i] for figures in train_figures], "valid": [figures[i] for figures in valid_figures]}
        for i in range(2)
    ]
    return model, *history


def row_of_failures(figures: list[Figures], stop_thr: float) -> int:
    """How many of the last epochs in a row were not better than the one before."""
    row = 0
    while row < len(figures) - 1 and not figures[-row - 2][0] - figures[-row - 1][0] >= stop_thr:
        row += 1
    return row


def expect(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
