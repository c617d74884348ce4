"""run_model as one long function with copied loops, which prints a lot."""

import copy

import torch
import torch.nn as nn
from torch.utils.data import DataLoader


def train_epoch(model, data_loader, optimizer, device="cpu"):
    """Train."""
    model.train()
    running_loss, correct, total = 0.0, 0, 0
    for data, target in data_loader:
        data = data.to(device).float()
        target = target.to(device).long()
        optimizer.zero_grad()
        output = model(data)
        loss = nn.CrossEntropyLoss()(output, target)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * data.size(0)
        _, predicted = torch.max(output.data, 1)
        total += target.size(0)
        correct += (predicted == target).sum().item()
    if total == 0:
        raise ValueError("data_loader is empty, it should have at least 1 example.")
    return running_loss / total, 100 * correct / total


def evaluate(model, data_loader, device="cpu"):
    """Evaluate."""
    old_modes = [module.training for module in model.modules()]
    model.eval()
    running_loss, correct, total = 0.0, 0, 0
    try:
        with torch.no_grad():
            for data, target in data_loader:
                data = data.to(device).float()
                target = target.to(device).long()
                output = model(data)
                loss = nn.CrossEntropyLoss()(output, target)
                running_loss += loss.item() * data.size(0)
                _, predicted = torch.max(output.data, 1)
                total += target.size(0)
                correct += (predicted == target).sum().item()
    finally:
        for i, module in enumerate(model.modules()):
            module.training = old_modes[i]
    if total == 0:
        raise ValueError("data_loader is empty, it should have at least 1 example.")
    return running_loss / total, 100 * correct / total


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
    if running_mode != "train" and running_mode != "test":
        raise ValueError(f"running_mode should be train or test, not {running_mode}.")
    if not batch_size >= 1:
        raise ValueError(f"batch_size should be at least 1, not {batch_size}.")
    if not n_epochs >= 1:
        raise ValueError(f"n_epochs should be at least 1, not {n_epochs}.")
    if not patience >= 1:
        raise ValueError(f"patience should be at least 1, not {patience}.")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate should be above 0, not {learning_rate}.")
    if not stop_thr >= 0:
        raise ValueError(f"stop_thr should be at least 0, not {stop_thr}.")

    if running_mode == "test":
        if test_set is None or len(test_set) == 0:
            raise ValueError("test_set should have examples, not be None or empty.")
        loss, accuracy = evaluate(model, DataLoader(test_set, batch_size=batch_size))
        print("Test loss:", loss, "test accuracy:", accuracy)
        return loss, accuracy

    if train_set is None or len(train_set) == 0:
        raise ValueError("train_set should have examples, not be None or empty.")
    if valid_set is not None and len(valid_set) == 0:
        raise ValueError("valid_set should be None or have examples, not be empty.")
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=shuffle)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = {"train": [], "valid": []}
    accuracies = {"train": [], "valid": []}
    best_loss = float("inf")
    best_weights = None
    previous_loss = None
    patience_counter = 0

    for epoch in range(n_epochs):
        model.train()
        running_loss, correct, total = 0.0, 0, 0
        for batch_idx, (data, target) in enumerate(train_loader):
            data, target = data.float(), target.long()
            optimizer.zero_grad()
            output = model(data)
            loss = criterion(output, target)
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * data.size(0)
            _, predicted = torch.max(output.data, 1)
            total += target.size(0)
            correct += (predicted == target).sum().item()
            if batch_idx % 100 == 0:
                print(f"Epoch {epoch + 1} [{total}/{len(train_set)}] loss: {loss.item():.6f}")
        losses["train"].append(running_loss / total)
        accuracies["train"].append(100 * correct / total)
        print(f"Epoch {epoch + 1}/{n_epochs} train loss: {running_loss / total:.4f}", flush=True)

        if valid_set is not None:
            old_modes = [module.training for module in model.modules()]
            model.eval()
            running_loss, correct, total = 0.0, 0, 0
            try:
                with torch.no_grad():
                    for data, target in DataLoader(valid_set, batch_size=batch_size):
                        data, target = data.float(), target.long()
                        output = model(data)
                        loss = criterion(output, target)
                        running_loss += loss.item() * data.size(0)
                        _, predicted = torch.max(output.data, 1)
                        total += target.size(0)
                        correct += (predicted == target).sum().item()
            finally:
                for i, module in enumerate(model.modules()):
                    module.training = old_modes[i]
            valid_loss = running_loss / total
            losses["valid"].append(valid_loss)
            accuracies["valid"].append(100 * correct / total)
            if valid_loss < best_loss:
                best_loss = valid_loss
                best_weights = copy.deepcopy(model.state_dict())  # perhaps useful one day
            if previous_loss is not None:
                if previous_loss - valid_loss >= stop_thr:
                    patience_counter = 0
                else:
                    patience_counter += 1
                    print(f"No improvement for {patience_counter} epochs")
            previous_loss = valid_loss
            if patience_counter == patience:
                print("Early stopping!", "Best validation loss:", best_loss, len(best_weights or {}))
                break

    print("Finished Training")
    return model, losses, accuracies
