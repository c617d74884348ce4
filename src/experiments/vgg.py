"""vgg: SmallVGG against fully connected networks, on digits and on digits with shuffled pixels.

SmallVGG is better on digits. If the pixels of all images are put into one other order, it loses a
part of its lead: neighbours in the image are no longer neighbours. A fully connected network treats
all orders alike, so it stays as it is.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from data.load_data import load_mnist_data
from data.split import Array, Split
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, count_parameters, measure, train_by_epochs

MOMENTUM = 0.9
WIDE = 600  # hidden units of each of two layers: 837,610 parameters, about as many as SmallVGG's
VGG, FULLY_CONNECTED, WIDER = "SmallVGG", "DigitClassifier", f"784-{WIDE}-{WIDE}-10"
NETWORK_COLUMNS = (
    "network",
    "parameters",
    "seconds per epoch",
    "training loss",
    "test loss",
    "test accuracy (%)",
)
SHUFFLED_COLUMNS = ("network", "test accuracy (%)", "with shuffled pixels (%)")


class Network(NamedTuple):
    """How to make a new network, and the learning rate that suits it."""

    make: Callable[[], nn.Module]
    learning_rate: float


def vgg(run: Run) -> None:
    """Train three networks on digits, then on the same ones with their pixels in another order."""
    per_class, tests = run.choose(quick=(20, 10), evening=(1400, 300), documents=(5420, 890))
    n_epochs = run.choose(quick=3, evening=5, documents=10)
    digits = run.load(load_mnist_data, per_class + tests, per_class / (per_class + tests), seed=run.seed)
    order = np.random.default_rng(run.seed).permutation(28 * 28)
    models = run.student("models")
    networks = {
        VGG: Network(models.SmallVGG, 0.01),
        FULLY_CONNECTED: Network(models.DigitClassifier, 0.03),
        WIDER: Network(wider, 0.03),
    }
    parts = {name: run.part(name, train_on, run, new, digits, n_epochs) for name, new in networks.items()}
    changed = shuffled(digits, order)
    other = {
        name: run.part(f"{name}, shuffled", train_on, run, new, changed, n_epochs) for name, new in networks.items()
    }

    title = f"{10 * per_class:,} training digits, {n_epochs} epochs; losses in evaluation mode"
    run.table("networks", title, NETWORK_COLUMNS, [[name, *table_row(part)] for name, part in parts.items()])
    pairs = [[name, f"{accuracy(part):.2f}", f"{accuracy(other[name]):.2f}"] for name, part in parts.items()]
    run.table("shuffled", "The pixels of all images in one other order", SHUFFLED_COLUMNS, pairs)
    best_mlp = max(accuracy(parts[FULLY_CONNECTED]), accuracy(parts[WIDER]))
    run.figure(
        "accuracy",
        drawing.lines(
            {name: part["curve"] for name, part in parts.items()}, xlabel="epoch", ylabel="test accuracy (%)"
        ),
        title=f"{VGG} gets {accuracy(parts[VGG]):.1f} % of the test digits right, "
        f"the best fully connected network {best_mlp:.1f} %",
        alt="Three lines: the test accuracy of each network against the epoch.",
    )
    run.numbers |= {
        "test_accuracy_vgg": round(accuracy(parts[VGG]), 2),
        "test_accuracy_mlp": round(best_mlp, 2),
    }


def wider() -> nn.Module:
    """A fully connected network with about as many parameters as SmallVGG."""
    hidden = [nn.Linear(28 * 28, WIDE), nn.ReLU(), nn.Linear(WIDE, WIDE), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(WIDE, 10))


def shuffled(digits: Split, order: Array) -> Split:
    """The same digits with the pixels of each image in this order."""
    train, test = (
        images.reshape(len(images), -1)[:, order].reshape(images.shape)
        for images in (digits.train_features, digits.test_features)
    )
    return digits._replace(train_features=train, test_features=test)


def train_on(run: Run, network: Network, digits: Split, n_epochs: int) -> dict[str, Any]:
    """Train a new network on all training digits, and test it after each epoch."""
    train: Examples = digits.train_features[:, None], digits.train_targets
    test: Examples = digits.test_features[:, None], digits.test_targets
    model = network.make().to(run.device)
    optimizer = torch.optim.SGD(model.parameters(), network.learning_rate, MOMENTUM)
    batch_size = run.choose(quick=10, evening=50, documents=50)
    times: list[float] = []
    losses, accuracies = train_by_epochs(
        run, model, train, optimizer, n_epochs=n_epochs, batch_size=batch_size, watch=test, seconds=times
    )
    return {
        "curve": accuracies["valid"],
        "test_loss": losses["valid"][-1],
        "training_loss": measure(run, model, train)[0],
        "parameters": count_parameters(model),
        "seconds_per_epoch": float(np.median(times)),
    }


def accuracy(part: dict[str, Any]) -> float:
    return float(part["curve"][-1])


def table_row(part: dict[str, Any]) -> list[Any]:
    return [
        part["parameters"],
        f"{part['seconds_per_epoch']:.2f}",
        f"{part['training_loss']:.4f}",
        f"{part['test_loss']:.4f}",
        f"{accuracy(part):.2f}",
    ]
