"""run_model by someone who uses only torch: it returns 0-d tensors."""

import math

import torch
from torch.utils.data import DataLoader, TensorDataset


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train for one epoch; returns the mean loss and the percentage of right answers as tensors."""
    model.train()
    loss_sum = right = count = torch.zeros((), dtype=torch.float64)
    optimizer.zero_grad()  # gradients may be left over from earlier code
    for x, y in data_loader:
        x, y = converted(x, y, device)
        logits = model(x)
        log_likelihood = logits.log_softmax(1).gather(1, y.unsqueeze(1)).squeeze(1)
        torch.neg(log_likelihood).mean().backward()
        optimizer.step()
        optimizer.zero_grad()
        loss_sum = loss_sum - log_likelihood.detach().cpu().double().sum()
        right = right + (logits.topk(1).indices.squeeze(1) == y).sum().cpu()
        count = count + y.numel()
    return means(loss_sum, right, count)


def evaluate(model, data_loader, device="cpu"):
    """The loss and accuracy of a model, which does not change."""
    modes = {name: module.training for name, module in model.named_modules(remove_duplicate=False)}
    loss_sum = right = count = torch.zeros((), dtype=torch.float64)
    try:
        with torch.inference_mode():
            model.eval()
            for x, y in data_loader:
                x, y = converted(x, y, device)
                logits = model(x)
                loss_sum = loss_sum + torch.nn.functional.cross_entropy(logits, y, reduction="sum").cpu().double()
                right = right + (logits.topk(1).indices.squeeze(1) == y).sum().cpu()
                count = count + y.numel()
    finally:
        for name, mode in modes.items():
            model.get_submodule(name).training = mode
    return means(loss_sum, right, count)


def converted(x, y, device):
    return torch.as_tensor(x, dtype=torch.float32, device=device), torch.as_tensor(y, dtype=torch.int64, device=device)


def means(loss_sum, right, count):
    if count == 0:
        raise ValueError("data_loader has no examples, but there must be at least one.")
    return loss_sum.clone() / count, right * 100.0 / count


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
    """Train, watching the validation loss, or test."""
    minima = {"batch_size": (batch_size, 1), "n_epochs": (n_epochs, 1), "patience": (patience, 1)}
    minima |= {"stop_thr": (stop_thr, 0), "learning_rate": (learning_rate, 0)}
    for name, (value, minimum) in minima.items():
        if math.isnan(value) or value < minimum:
            raise ValueError(f"{name} is {value}, which is not allowed: the least value is {minimum}.")
    if learning_rate == 0:
        raise ValueError("learning_rate is 0, so nothing would be learnt: it must be above 0.")
    if running_mode == "test":
        return evaluate(model, batches("test_set", test_set, batch_size))
    if running_mode != "train":
        raise ValueError(f'There is no running_mode {running_mode!r}; choose "train" or "test".')
    train_loader = batches("train_set", train_set, batch_size, shuffle)
    if valid_set is None:
        return fit(model, train_loader, None, learning_rate, n_epochs, EarlyStopping(stop_thr, patience))
    valid_loader = batches("valid_set", valid_set, batch_size)
    return fit(model, train_loader, valid_loader, learning_rate, n_epochs, EarlyStopping(stop_thr, patience))


def batches(name, dataset, batch_size, shuffle=False):
    if dataset is None:
        raise ValueError(f"{name} is None, but this running_mode can't do without it.")
    pairs = [dataset[i] for i in range(len(dataset))]
    if not pairs:
        raise ValueError(f"{name} is empty, but it needs at least one example.")
    x = torch.stack([torch.as_tensor(x) for x, _ in pairs])
    y = torch.stack([torch.as_tensor(y) for _, y in pairs])
    return DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=shuffle)


class EarlyStopping:
    """Counts down from `patience`, and starts again at every epoch that is good enough."""

    def __init__(self, stop_thr, patience):
        self.stop_thr, self.patience = stop_thr, patience
        self.left = patience
        self.target = None

    def is_over(self, loss):
        loss = float(loss)
        if self.target is None or self.target - loss >= self.stop_thr:
            self.left = self.patience
        else:
            self.left -= 1
        self.target = loss
        return self.left == 0


def fit(model, train_loader, valid_loader, learning_rate, n_epochs, early_stopping):
    optimizer = torch.optim.SGD(params=model.parameters(), lr=learning_rate, momentum=0, weight_decay=0)
    train_figures, valid_figures = [], []
    for _ in range(n_epochs):
        train_figures += [train_epoch(model, train_loader, optimizer)]
        if valid_loader:
            valid_figures += [evaluate(model, valid_loader)]
            if early_stopping.is_over(valid_figures[-1][0]):
                break
    losses = {"train": [pair[0] for pair in train_figures], "valid": [pair[0] for pair in valid_figures]}
    accuracies = {"train": [pair[1] for pair in train_figures], "valid": [pair[1] for pair in valid_figures]}
    return model, losses, accuracies
