"""lenet-settings: LeNet5 on three data sets, with several initialisations, penalties and rates.

Each setting is trained several times from other weights, so that a difference between two settings
can be compared with the difference between two runs of one setting. The best setting is the one
with the best mean on validation examples, which are held out of the training examples.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from data.load_data import load_cifar10_data, load_fashion_data, load_mnist_data, load_whole
from data.split import Split
from src.experiments import drawing
from src.experiments.lenet_recipes import RECIPES, Recipe, initialise, make_optimizer, make_schedule
from src.experiments.run import Run
from src.experiments.training import Examples, measure, train_by_epochs

TITLES = {"mnist": "MNIST", "fashion": "Fashion-MNIST", "cifar10": "CIFAR-10"}
LOADERS: dict[str, Callable[..., Split]] = {
    "mnist": load_mnist_data,
    "fashion": load_fashion_data,
    "cifar10": load_cifar10_data,
}
WHOLE = {"mnist": "MNIST", "fashion": "FashionMNIST", "cifar10": "CIFAR10"}
KINDS = {"training": "train", "test": "test"}
COLUMNS = ("setting", "initialisation", "penalty", "learning rate", "schedule", "mean", "deviation", "best", "runs")

Parts = list[dict[str, Any]]


def lenet_settings(run: Run) -> None:
    """Train with all settings on all data sets."""
    found = {key: train_all(run, key, load(run, key)) for key in TITLES}
    best = {key: max(range(len(parts)), key=lambda place: valid_mean(parts[place])) for key, parts in found.items()}
    for key, parts in found.items():
        show_table(run, key, parts, best[key])
    means = {key: tests_of(found[key][best[key]]).mean() for key in TITLES}
    for key, mean in means.items():
        deviation = tests_of(found[key][best[key]]).std(ddof=1)
        run.numbers |= {f"best_mean_{key}": round(float(mean), 2), f"deviation_{key}": round(float(deviation), 2)}
    run.figure(
        "curves",
        draw_curves({key: found[key][best[key]] for key in TITLES}, best),
        title="The best setting of each data set: "
        + ", ".join(f"{TITLES[key]} {mean:.1f} %" for key, mean in means.items()),
        alt="Three panels: training and test accuracy against the epoch for the best setting of each data set, thin lines "
        "for the runs and a thick one for their mean.",
    )
    spread = {key: max(map(mean_of, parts)) - min(map(mean_of, parts)) for key, parts in found.items()}
    most = max(spread, key=lambda key: spread[key])
    run.figure(
        "settings",
        draw_settings(found, {key: [recipe.label for recipe in recipes(run, key)] for key in TITLES}),
        title=f"The settings matter most on {TITLES[most]}: their means differ by up to {spread[most]:.1f} points",
        alt="Three panels with a row for each setting: the test accuracy of every run as a dot, and the mean as a line.",
    )


def load(run: Run, key: str) -> Split:
    """Images with channels: (N, 1, 28, 28) or (N, 3, 32, 32)."""
    if run.budget == "documents":
        split = run.load(load_whole, WHOLE[key])
    else:
        per_class, tests = run.choose(quick=(20, 5), evening=(300, 100), documents=(0, 0))
        split = run.load(LOADERS[key], per_class + tests, per_class / (per_class + tests), seed=run.seed)
    if split.train_features.ndim == 4:
        return split
    return split._replace(train_features=split.train_features[:, None], test_features=split.test_features[:, None])


def recipes(run: Run, key: str) -> list[Recipe]:
    """The settings with this budget's learning rates: few steps need larger ones."""
    faster = run.choose(quick=3, evening=4 if key == "cifar10" else 1, documents=1)
    return [replace(recipe, learning_rate=round(faster * recipe.learning_rate, 6)) for recipe in RECIPES[key]]


def train_all(run: Run, key: str, split: Split) -> list[Parts]:
    """The runs of each setting."""
    n_runs = run.choose(quick=2, evening=3, documents=5)
    return [
        [run.part(f"{TITLES[key]}, setting {k + 1}, run {i + 1}", train, run, recipe, split) for i in range(n_runs)]
        for k, recipe in enumerate(recipes(run, key))
    ]


def train(run: Run, recipe: Recipe, split: Split) -> dict[str, Any]:
    """Train one LeNet5 by a recipe."""
    # few validation examples could not tell the settings apart, so small budgets hold out more
    held_out = np.arange(len(split.train_targets)) % run.choose(quick=5, evening=5, documents=10) == 0
    training = split.train_features[~held_out], split.train_targets[~held_out]
    valid = split.train_features[held_out], split.train_targets[held_out]
    share, batch_size = run.choose(quick=(0.035, 16), evening=(0.1, 32), documents=(1, 128))
    n_epochs = max(3, round(recipe.n_epochs * share))

    model: nn.Module = run.student("models").LeNet5(in_channels=split.train_features.shape[1])
    initialise(model, recipe)
    model.to(run.device)
    optimizer = make_optimizer(model, recipe)
    schedule = make_schedule(optimizer, recipe, n_epochs)
    test: Examples = (split.test_features, split.test_targets)
    _, accuracies = train_by_epochs(
        run,
        model,
        training,
        optimizer,
        n_epochs=n_epochs,
        batch_size=batch_size,
        watch=test,
        after_epoch=schedule.step,
    )
    return {"train": accuracies["train"], "test": accuracies["valid"], "valid": measure(run, model, valid)[1]}


def tests_of(parts: Parts) -> Any:
    """The test accuracy of each run after its last epoch."""
    return np.array([part["test"][-1] for part in parts])


def mean_of(parts: Parts) -> float:
    return float(tests_of(parts).mean())


def valid_mean(parts: Parts) -> float:
    return float(np.mean([part["valid"] for part in parts]))


def show_table(run: Run, key: str, found: list[Parts], best: int) -> None:
    rows = []
    for place, (recipe, parts) in enumerate(zip(recipes(run, key), found, strict=True)):
        tests = tests_of(parts)
        numbers = [round(float(value), 2) for value in (tests.mean(), tests.std(ddof=1), tests.max())]
        facts = [recipe.initialisation, recipe.penalty, recipe.learning_rate, recipe.schedule]
        rows.append([place + 1, *facts, *numbers, len(parts), round(valid_mean(parts), 2)])
    n_epochs = len(found[0][0]["test"])
    run.table(
        key,
        f"{TITLES[key]}: test accuracy (%) after about {n_epochs} epochs; by its validation accuracy, setting {best + 1} "
        "is the best",
        [*COLUMNS, "validation mean"],
        rows,
    )


def draw_curves(found: dict[str, Parts], best: dict[str, int]) -> Figure:
    figure, axes = drawing.panels(columns=3, width=3.6)
    for place, (key, parts) in zip(axes[0], found.items(), strict=True):
        runs = {label: np.array([part[kind] for part in parts]) for label, kind in KINDS.items()}
        drawing.draw_runs(place, runs, ylabel="accuracy (%)")
        place.set_title(f"{TITLES[key]}, setting {best[key] + 1}")
    return figure


def draw_settings(found: dict[str, list[Parts]], labels: dict[str, list[str]]) -> Figure:
    figure, axes = drawing.panels(rows=3, width=7.5, height=2.0)
    for place, (key, settings) in zip(axes[:, 0], found.items(), strict=True):
        for row, parts in enumerate(settings):
            tests = tests_of(parts)
            place.plot(tests, [row] * len(tests), "o", color=drawing.COLOURS[5], markersize=5, alpha=0.7)
            place.plot([tests.mean()] * 2, [row - 0.3, row + 0.3], "-", color="black", linewidth=2)
        numbered = [f"{number + 1}: {label}" for number, label in enumerate(labels[key])]
        place.set(xlabel="test accuracy (%)", title=TITLES[key])
        place.set_yticks(range(len(settings)), numbered, fontsize=8)
        place.invert_yaxis()
    axes[1, 0].set_ylabel("setting: initialisation, penalty, learning rate")
    axes[0, 0].plot([], [], "o", color=drawing.COLOURS[5], label="a run")
    axes[0, 0].plot([], [], "-", color="black", label="mean")
    axes[0, 0].legend(loc="best", fontsize=8)
    return figure
