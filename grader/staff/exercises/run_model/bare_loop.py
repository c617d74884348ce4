"""A bare PyTorch training loop, which the benchmark compares run_model's speed with.

It trains DigitClassifier's network in batches of 10, and keeps the loss and the accuracy of each
epoch, as the experiment mnist-sizes does with run_model. It prints the seconds that it took:

    python -m grader.staff.exercises.run_model.bare_loop EPOCHS SIZE [SIZE ...]
"""

import sys
import time
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from data.load_data import load_mnist_data

BATCH_SIZE, LEARNING_RATE = 10, 0.01


def train(images: torch.Tensor, targets: torch.Tensor, n_epochs: int) -> list[tuple[float, float]]:
    """Train a new network. Returns the loss and the accuracy in percent of each epoch."""
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    batches = DataLoader(TensorDataset(images, targets), BATCH_SIZE, shuffle=True)
    history = []
    for _epoch in range(n_epochs):
        loss_sum = correct = 0.0
        for x, y in batches:
            logits = model(x)
            loss: Any = nn.functional.cross_entropy(logits, y)  # torch has no type hints for backward
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
        history.append((loss_sum / len(targets), 100 * correct / len(targets)))
    return history


def main(n_epochs: int, *sizes: int) -> None:
    torch.set_num_threads(1)  # as the experiment does
    images, _, targets, _ = map(torch.as_tensor, load_mnist_data(max(sizes) // 10, 1.0, data_dir="offline"))
    train(images[:BATCH_SIZE], targets[:BATCH_SIZE], n_epochs=1)  # the first step loads much
    start = time.perf_counter()
    for size in sizes:
        train(images[:size], targets[:size], n_epochs)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
