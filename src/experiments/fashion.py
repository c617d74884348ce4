"""fashion: FashionCNN with and without batch norm and dropout, on many images and on 1,000.

With many images neither network overfits, and batch norm makes training faster. With 1,000 images
and many epochs the test loss of the plain network rises again, while its training loss falls: it
overfits. Batch norm and dropout, or an L2 penalty, are cures.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from data.load_data import load_fashion_data
from data.split import Split
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, History, count_parameters, measure, train_by_epochs

PLAIN, REGULARIZED = "FashionCNN", "RegularizedFashionCNN"
BATCH_SIZE, LEARNING_RATE, MOMENTUM = 50, 0.02, 0.9
LAST_SHARE = 0.1  # of the learning rate, in the last epoch
PENALTY = 0.01  # weight_decay of torch's SGD
COLUMNS = (
    "network",
    "training images",
    "epochs",
    "parameters",
    "training loss",
    "test loss",
    "training accuracy (%)",
    "test accuracy (%)",
    "seconds per epoch",
)


@dataclass(frozen=True)
class Setting:
    """One network and what it learns from."""

    network: str
    n_images: int
    n_epochs: int
    watched: int  # test images on which the loss is measured after each epoch
    penalty: float = 0.0

    @property
    def label(self) -> str:
        return f"{self.network} with L2 penalty" if self.penalty else self.network


def fashion(run: Run) -> None:
    """Train both networks on many images, and on few together with an L2 penalty."""
    per_class, tests = run.choose(quick=(150, 30), evening=(3000, 1000), documents=(6000, 1000))
    clothes = run.load(load_fashion_data, per_class + tests, per_class / (per_class + tests), seed=run.seed)
    many = 10 * per_class, run.choose(quick=3, evening=10, documents=10), 10 * tests
    few = run.choose(quick=(300, 8, 100), evening=(1000, 100, 1000), documents=(1000, 200, 2000))
    settings = [
        Setting(PLAIN, *many),
        Setting(REGULARIZED, *many),
        Setting(PLAIN, *few),
        Setting(REGULARIZED, *few),
        Setting(PLAIN, *few, penalty=PENALTY),
    ]
    parts = [run.part(f"{s.label} on {s.n_images} images", train_on, run, clothes, s) for s in settings]

    rows = [table_row(setting, part) for setting, part in zip(settings, parts, strict=True)]
    run.table("networks", "Losses and accuracies in evaluation mode, after the last epoch", COLUMNS, rows)
    plain, regularized = parts[:2]
    run.figure(
        "loss",
        draw_losses(settings[:2], parts[:2]),
        title=f"{many[0]:,} images: test accuracy {plain['test_accuracy']:.1f} % without, "
        f"{regularized['test_accuracy']:.1f} % with batch norm and dropout",
        alt="Four lines: the training loss and the test loss of both networks against the epoch.",
    )
    run.figure(
        "few",
        draw_losses(settings[2:4], parts[2:4]),
        title=rise(parts[2]["losses"]["valid"], few[0]),
        alt=f"Four lines: the training loss and the test loss of both networks against the epoch, with {few[0]:,} "
        "training images.",
    )
    run.numbers |= {
        "test_accuracy_plain": round(plain["test_accuracy"], 2),
        "test_accuracy_regularized": round(regularized["test_accuracy"], 2),
    }


def train_on(run: Run, clothes: Split, setting: Setting) -> dict[str, Any]:
    """Train one network, and measure it on all of its training images and all test images."""
    train = channels_first(clothes.train_features[: setting.n_images]), clothes.train_targets[: setting.n_images]
    test = channels_first(clothes.test_features), clothes.test_targets
    watch: Examples = test[0][: setting.watched], test[1][: setting.watched]
    model = getattr(run.student("models"), setting.network)().to(run.device)
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, MOMENTUM, weight_decay=setting.penalty)
    # smaller steps towards the end: with large ones the last epoch may be a bad one by chance
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, LAST_SHARE, total_iters=setting.n_epochs)
    times: list[float] = []
    losses, _ = train_by_epochs(
        run,
        model,
        train,
        optimizer,
        n_epochs=setting.n_epochs,
        batch_size=BATCH_SIZE,
        watch=watch,
        after_epoch=schedule.step,
        seconds=times,
    )
    train_loss, train_accuracy = measure(run, model, train)
    test_loss, test_accuracy = measure(run, model, test)
    return {
        "losses": losses,
        "training_loss": train_loss,
        "training_accuracy": train_accuracy,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "parameters": count_parameters(model),
        "seconds_per_epoch": float(np.median(times)),
    }


def channels_first(images: Any) -> Any:
    """(N, 28, 28) -> (N, 1, 28, 28)"""
    return images[:, None]


def table_row(setting: Setting, part: dict[str, Any]) -> list[Any]:
    return [
        setting.label,
        setting.n_images,
        setting.n_epochs,
        part["parameters"],
        f"{part['training_loss']:.3f}",
        f"{part['test_loss']:.3f}",
        f"{part['training_accuracy']:.1f}",
        f"{part['test_accuracy']:.1f}",
        f"{part['seconds_per_epoch']:.2f}",
    ]


def draw_losses(settings: list[Setting], parts: list[dict[str, Any]]) -> Figure:
    figure, axes = drawing.panels()
    histories: list[History] = [part["losses"] for part in parts]
    pairs = {
        setting.label: {"training": losses["train"], "test": losses["valid"]}
        for setting, losses in zip(settings, histories, strict=True)
    }
    drawing.draw_pairs(axes[0, 0], pairs, ylabel="loss (cross-entropy)")
    return figure


def rise(losses: list[float], n_images: int) -> str:
    """A sentence on whether the test loss rises again after its lowest value."""
    epoch = int(np.argmin(losses))
    if losses[-1] < 1.05 * losses[epoch]:
        return f"{n_images:,} images: the test loss of {PLAIN} does not rise again in {len(losses)} epochs"
    return (
        f"{n_images:,} images: the test loss of {PLAIN} rises again after epoch {epoch + 1}, "
        f"from {losses[epoch]:.2f} to {losses[-1]:.2f}"
    )
