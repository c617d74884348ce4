"""cats-dogs: CatDogVGG on photographs of cats and dogs.

Trains with several settings, some with augmentation, and keeps the one with the best validation
accuracy. Then it trains once more on the training and the validation images together: from then on
the validation accuracy is that of training images, and only the test images still tell the truth.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from data.load_data import load_cats_dogs_data
from data.three_parts import ThreeParts
from data.torchvision_cpu import import_torchvision
from src.experiments import cats_dogs_pictures as pictures
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, measure, put_weights, train_by_epochs, weights_of

SEARCH_COLUMNS = (
    "learning rate",
    "batch size",
    "epochs",
    "augmentation",
    "training accuracy (%)",
    "validation accuracy (%)",
)
FINAL_COLUMNS = ("trained on", "training accuracy (%)", "validation accuracy (%)", "test accuracy (%)")
BOTH = "training and validation parts"


@dataclass(frozen=True)
class Setting:
    """What the search varies."""

    learning_rate: float
    batch_size: int
    n_epochs: int
    augmented: bool = True

    @property
    def label(self) -> str:
        words = "with" if self.augmented else "without"
        return f"learning rate {self.learning_rate:g}, batch size {self.batch_size}, {words} augmentation"


def settings_of(run: Run) -> tuple[Setting, ...]:
    """The settings of the search. The documents' own are those of their table, by plain SGD."""
    base = run.choose(quick=Setting(3e-4, 10, 2), evening=Setting(3e-4, 10, 5), documents=Setting(0.1, 128, 35))
    rates: tuple[float, ...] = run.choose(quick=(1e-4,), evening=(1e-4,), documents=(0.05, 0.005))
    batch = run.choose(quick=20, evening=40, documents=256)
    return (
        base,
        *(Setting(rate, base.batch_size, base.n_epochs) for rate in rates),
        Setting(base.learning_rate, batch, base.n_epochs),
        Setting(base.learning_rate, base.batch_size, base.n_epochs, augmented=False),
    )


def cats_dogs(run: Run) -> None:
    """Search, train again on more images, and look at what the network does."""
    per_class = run.choose(quick=20, evening=700, documents=None)
    fractions = run.choose(quick=(0.5, 0.25, 0.25), evening=(0.6, 0.15, 0.25), documents=(0.64, 0.16, 0.2))
    images = run.load(load_cats_dogs_data, per_class, fractions, seed=run.seed)
    train = images.train_features, images.train_targets
    settings = settings_of(run)
    parts = [run.part(setting.label, train_once, run, setting, train, images) for setting in settings]
    best = int(np.argmin([part["errors"]["valid"][-1] for part in parts]))
    both: Examples = (
        np.concatenate([images.train_features, images.valid_features]),
        np.concatenate([images.train_targets, images.valid_targets]),
    )
    again = run.part(f"the best setting on the {BOTH}", train_once, run, settings[best], both, images)
    write_tables(run, settings, parts, again, best)
    draw_curves(run, parts[best])
    model = put_weights(run.student("models").CatDogVGG(), parts[best]).to(run.device)
    pictures.draw_all(run, model, images, augmentation())


def augmentation() -> Any:
    """Random changes of a colour image that leave a cat a cat."""
    import_torchvision()
    v2 = importlib.import_module("torchvision.transforms.v2")
    return v2.Compose(
        [
            v2.RandomResizedCrop(64, scale=(0.6, 1.0), ratio=(0.85, 1.18), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
        ]
    )


def train_once(run: Run, setting: Setting, train: Examples, images: ThreeParts) -> dict[str, Any]:
    """Train a new network, and measure it on all three parts."""
    model = run.student("models").CatDogVGG().to(run.device)
    # the documents' plain SGD needs many more epochs than Adam and He's initial weights
    kind = torch.optim.SGD if run.budget == "documents" else torch.optim.Adam
    for parameter in model.parameters():
        if parameter.ndim > 1 and run.budget != "documents":
            nn.init.kaiming_normal_(parameter)
    valid = images.valid_features, images.valid_targets
    losses, accuracies = train_by_epochs(
        run,
        model,
        train,
        kind(model.parameters(), lr=setting.learning_rate),
        n_epochs=setting.n_epochs,
        batch_size=setting.batch_size,
        watch=valid,
        augment=augmentation() if setting.augmented else None,
    )
    return {
        "losses": losses,
        "errors": {name: [100 - accuracy for accuracy in values] for name, values in accuracies.items()},
        "training_accuracy": measure(run, model, (images.train_features, images.train_targets))[1],
        "validation_accuracy": accuracies["valid"][-1],
        "test_accuracy": measure(run, model, (images.test_features, images.test_targets))[1],
        **weights_of(model),
    }


def write_tables(
    run: Run, settings: Sequence[Setting], parts: Sequence[dict[str, Any]], again: dict[str, Any], best: int
) -> None:
    rows = [row for setting, part in zip(settings, parts, strict=True) for row in search_rows(setting, part)]
    optimizer = "SGD" if run.budget == "documents" else "Adam from He's initial weights"
    title = f"Trained by {optimizer}; the training accuracy is that of the last epoch, in training mode"
    run.table("search", title, SEARCH_COLUMNS, rows)
    first = parts[best]
    names = ("training_accuracy", "validation_accuracy", "test_accuracy")
    final = [
        [trained_on, *(f"{part[name]:.1f}" for name in names)]
        for trained_on, part in (("training part", first), (BOTH, again))
    ]
    run.table("final", f"The best setting: {settings[best].label}", FINAL_COLUMNS, final)
    run.numbers |= {
        "validation_accuracy": round(first["validation_accuracy"], 2),
        "test_accuracy": round(first["test_accuracy"], 2),
        "validation_accuracy_after_retraining": round(again["validation_accuracy"], 2),
        "test_accuracy_after_retraining": round(again["test_accuracy"], 2),
    }


def search_rows(setting: Setting, part: dict[str, Any]) -> list[list[Any]]:
    """A row for the whole training, and one for its first half: the same with fewer epochs."""
    errors = part["errors"]
    return [
        [
            f"{setting.learning_rate:g}",
            setting.batch_size,
            n_epochs,
            "yes" if setting.augmented else "no",
            f"{100 - errors['train'][n_epochs - 1]:.1f}",
            f"{100 - errors['valid'][n_epochs - 1]:.1f}",
        ]
        for n_epochs in sorted({(setting.n_epochs + 1) // 2, setting.n_epochs})
    ]


def draw_curves(run: Run, part: dict[str, Any]) -> None:
    """The losses and the errors of the best setting."""
    for figure, series, ylabel, unit in (
        ("loss", part["losses"], "loss (cross-entropy)", ""),
        ("error", part["errors"], "error (%)", " %"),
    ):
        train, valid = series["train"], series["valid"]
        digits = 1 if unit else 2
        run.figure(
            figure,
            drawing.lines({"training": train, "validation": valid}, xlabel="epoch", ylabel=ylabel),
            title=f"The validation {figure} goes from {valid[0]:.{digits}f}{unit} to {valid[-1]:.{digits}f}{unit}, "
            f"the training {figure} to {train[-1]:.{digits}f}{unit}",
            alt=f"Two lines: the training and the validation {figure} against the epoch, for the best setting.",
        )
