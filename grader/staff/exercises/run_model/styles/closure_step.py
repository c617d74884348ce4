"""run_model that passes the optimizer a closure and takes batches from a BatchSampler."""

import torch
import torch.nn.functional as F
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train for one epoch; the optimizer calls a closure for the loss."""
    model.train(mode=True)
    sums = torch.zeros(3, dtype=torch.float64)
    for batch in data_loader:
        x, y = (tensor.to(device) for tensor in batch)
        optimizer.step(Closure(model, optimizer, x.type(torch.float32), y.type(torch.int64), sums))
    return means(sums)


class Closure:
    """Forward and backward for one batch; loss and hits are added to the sums."""

    def __init__(self, model, optimizer, x, y, sums):
        self.model, self.optimizer, self.x, self.y, self.sums = model, optimizer, x, y, sums

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=False)
        log_probabilities = F.log_softmax(self.model(self.x), dim=-1)
        loss = F.nll_loss(log_probabilities, self.y)
        loss.backward()
        add(self.sums, log_probabilities, self.y, loss)
        return loss


def evaluate(model, data_loader, device="cpu"):
    """The loss and accuracy of a model that is frozen while it is evaluated."""
    sums = torch.zeros(3, dtype=torch.float64)
    training = [module.training for module in model.modules()]
    gradients_before = torch.is_grad_enabled()
    try:
        model.train(mode=False)
        torch.set_grad_enabled(False)
        for batch in data_loader:
            x, y = (tensor.to(device) for tensor in batch)
            y = y.type(torch.int64)
            log_probabilities = F.log_softmax(model(x.type(torch.float32)), dim=-1)
            add(sums, log_probabilities, y, F.nll_loss(log_probabilities, y))
    finally:
        torch.set_grad_enabled(gradients_before)
        for module, was_training in zip(model.modules(), training, strict=True):
            module.training = was_training
    return means(sums)


def add(sums, log_probabilities, y, loss):
    sums[0] += loss.item() * y.shape[0]
    sums[1] += (log_probabilities.argmax(dim=-1) == y).count_nonzero().item()
    sums[2] += y.shape[0]


def means(sums):
    loss_sum, n_right, n = sums.tolist()
    if not n:
        raise ValueError("The data_loader is empty, but a mean needs one example or more.")
    return loss_sum / n, n_right / n * 100


def loader(dataset, batch_size, shuffle=False):
    sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    return DataLoader(dataset, batch_sampler=BatchSampler(sampler, batch_size, drop_last=False))


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
    if batch_size < 1:
        raise ValueError(f"batch_size must be positive, not {batch_size}.")
    if n_epochs < 1:
        raise ValueError(f"n_epochs must be positive, not {n_epochs}.")
    if patience < 1:
        raise ValueError(f"patience must be positive, not {patience}.")
    if learning_rate <= 0 or learning_rate != learning_rate:
        raise ValueError(f"learning_rate must be positive, not {learning_rate}.")
    if stop_thr < 0 or stop_thr != stop_thr:
        raise ValueError(f"stop_thr must not be negative or NaN; it is {stop_thr}.")
    match running_mode:
        case "test":
            return evaluate(model, loader(filled("test_set", test_set), batch_size))
        case "train":
            train_loader = loader(filled("train_set", train_set), batch_size, shuffle)
        case _:
            raise ValueError(f"running_mode must be 'train' or 'test', not {running_mode!r}.")

    valid_loader = loader(filled("valid_set", valid_set), batch_size) if valid_set is not None else None
    optimizer = torch.optim.SGD([{"params": list(model.parameters()), "lr": learning_rate}])
    train_losses, train_accuracies, valid_losses, valid_accuracies = [], [], [], []
    failed = 0
    for _ in range(n_epochs):
        loss, accuracy = train_epoch(model, train_loader, optimizer)
        train_losses.append(loss)
        train_accuracies.append(accuracy)
        if valid_loader is not None:
            loss, accuracy = evaluate(model, valid_loader)
            valid_losses.append(loss)
            valid_accuracies.append(accuracy)
            if len(valid_losses) > 1:
                failed = 0 if valid_losses[-2] - valid_losses[-1] >= stop_thr else failed + 1
            if failed == patience:
                break
    losses = {"train": train_losses, "valid": valid_losses}
    accuracies = {"train": train_accuracies, "valid": valid_accuracies}
    return model, losses, accuracies


def filled(name, dataset):
    if dataset is None:
        raise ValueError(f"{name} must be a data set, not None.")
    if len(dataset) == 0:
        raise ValueError(f"{name} must have examples, not 0.")
    return dataset
