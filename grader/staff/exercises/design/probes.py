"""Trains the networks of src/design.py from plain data, by a fixed recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.sandbox.probe import lazy, staff_function

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.nn import functional

    from grader.exercises.design import chain_builder
else:
    torch, functional = lazy("torch"), lazy("torch.nn.functional")
    chain_builder = lazy("grader.exercises.design.chain_builder")


BATCH_SIZE, LEARNING_RATE, EPOCHS = 32, 1e-3, 10  # of the whole training
SHORT_EPOCHS, SHORT_IMAGES_PER_CLASS, SHORT_TEST_IMAGES_PER_CLASS = 5, 300, 300


@staff_function
def trained_design(chain: list[Any], seed: int, data_dir: str | None, full: bool) -> float:
    """The accuracy in percent on test images of a network that is built from a chain and trained.

    It trains on all of MNIST if `full`, else on images drawn with `seed`.
    """
    network = chain_builder.build(chain)
    x, y, x_test, y_test = whole_mnist(data_dir) if full else a_few(seed, data_dir)
    torch.manual_seed(seed)  # so that what loading drew makes no difference
    train(network, x, y, EPOCHS if full else SHORT_EPOCHS)
    network.eval()
    with torch.no_grad():
        predicted = torch.cat([network(scaled(batch)).argmax(dim=1) for batch in in_batches(x_test, 500)])
    return 100 * float((predicted == y_test).double().mean())


def a_few(seed: int, data_dir: str | None) -> list[torch.Tensor]:
    """Images (N, 1, 28, 28) and labels to train with and to test with, drawn with the seed."""
    from data import load_data

    per_class = SHORT_IMAGES_PER_CLASS + SHORT_TEST_IMAGES_PER_CLASS
    drawn = load_data.load_mnist_data(
        per_class, SHORT_IMAGES_PER_CLASS / per_class, data_dir=data_dir, seed=seed % 2**32
    )
    x, x_test, y, y_test = map(torch.as_tensor, drawn)
    return [x[:, None], y, x_test[:, None], y_test]


def whole_mnist(data_dir: str | None) -> list[torch.Tensor]:
    """All of MNIST, with pixels as bytes, which take an eighth of the memory of floats."""
    from pathlib import Path

    from data.mnist_files import read_split
    from data.split import PARTS

    assert data_dir is not None
    splits = [read_split("MNIST", Path(data_dir), part) for part in PARTS]
    return [part for x, y in splits for part in (torch.as_tensor(x)[:, None], torch.as_tensor(y))]


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Images as float32 in [0, 1]."""
    return images if images.is_floating_point() else images.float() / 255


def in_batches(rows: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def train(network: nn.Module, x: torch.Tensor, y: torch.Tensor, n_epochs: int) -> None:
    """Train with Adam; the learning rate falls linearly to 0 over all steps."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    steps = n_epochs * math.ceil(len(x) / BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1, end_factor=0, total_iters=steps)
    network.train()
    for _ in range(n_epochs):
        for batch in in_batches(torch.randperm(len(x)), BATCH_SIZE):
            optimizer.zero_grad()
            torch.autograd.backward(functional.cross_entropy(network(scaled(x[batch])), y[batch]))
            optimizer.step()
            schedule.step()
