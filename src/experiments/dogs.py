"""dogs-fc and dogs-conv: two networks on DogSet, and what decides when their training stops.

With the course documents' settings (learning rate 1e-5, and a stop after the first epoch that does
not improve by 1e-4) both networks learn slowly. The table shows what more patience and a larger
learning rate do with the same network.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from data.dogs import DogsDataset, Examples
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import History, measure, probabilities_of, put_weights, train_by_run_model, weights_of

BATCH_SIZE = 10
KERNEL_SIZE, STRIDE = [(5, 5), (5, 5)], [2, 1]  # choose your own; the documents' strides are 1
BREED = 0  # the label of the breed that you look at
N_SHOWN, N_HARD = 24, 3
COLUMNS = (
    "learning rate",
    "stop_thr",
    "patience",
    "stopped after epoch",
    "training accuracy (%)",
    "validation accuracy (%)",
    "test accuracy (%)",
    "seconds per epoch",
)

Sets = tuple[Examples, Examples, Examples]  # to train on, to stop by, to test on


@dataclass(frozen=True)
class Rule:
    """A learning rate, and when to stop."""

    learning_rate: float
    stop_thr: float
    patience: int

    @property
    def label(self) -> str:
        return f"learning rate {self.learning_rate:g}, stop_thr {self.stop_thr:g}, patience {self.patience}"


# The first one is the documents'.
RULES = (Rule(1e-5, 1e-4, 1), Rule(1e-5, 1e-4, 5), Rule(1e-3, 1e-4, 1), Rule(1e-3, 1e-4, 5))


def dogs_fc(run: Run) -> None:
    """Train DogClassifierFC by several rules, and look at one breed."""
    dogs = run.load(DogsDataset)
    make = run.student("models").DogClassifierFC
    best = train_by_rules(run, make, dogs, run.choose(quick=4, evening=40, documents=100))
    run.figure(
        "breed",
        draw_breed(dogs),
        title=f"Training images of the breed {readable(dogs.breeds[BREED])}, with their numbers in the training part",
        alt=f"A grid of {N_SHOWN} small colour photographs of dogs, each with a number.",
    )
    figure, title = draw_hard(run, put_weights(make(), best), dogs)
    run.figure("hard", figure, title=title, alt=f"{N_HARD} colour images of dogs, each with the network's answer.")


def dogs_conv(run: Run) -> None:
    """Train DogClassifierConv by the same rules."""
    models, stride = run.student("models"), run.choose(quick=STRIDE, evening=STRIDE, documents=[1, 1])
    n_epochs = run.choose(quick=3, evening=40, documents=100)
    train_by_rules(run, lambda: models.DogClassifierConv(KERNEL_SIZE, stride), run.load(DogsDataset), n_epochs)


def readable(breed: str) -> str:
    return breed.replace("_", " ")


def train_by_rules(run: Run, make: Callable[[], nn.Module], dogs: DogsDataset, n_epochs: int) -> dict[str, Any]:
    """Train a new network by each rule. Writes what dogs-fc and dogs-conv have in common.

    Returns:
        The results of the rule with the best validation accuracy.
    """
    n_train, n_valid = run.choose(quick=(200, 60), evening=(4000, 1000), documents=(None, None))
    sets = drawn(dogs.train, n_train, run.seed), drawn(dogs.valid, n_valid, run.seed), dogs.test
    parts = train_by_each(run, make, sets, n_epochs)
    title = (
        f"{len(sets[0].targets):,} training and {len(sets[1].targets):,} validation images, at most {n_epochs} epochs, "
        f"batch size {BATCH_SIZE}; all rows start from the same weights"
    )
    rows = [table_row(rule, part, n_epochs) for rule, part in zip(RULES, parts, strict=True)]
    run.table("rules", title, COLUMNS, rows)
    first, best = parts[0], max(parts, key=lambda part: part["validation_accuracy"])
    losses, accuracies = first["losses"], first["accuracies"]
    best_epoch = int(np.argmin(losses["valid"])) + 1
    for figure, series, ylabel in (
        ("loss", losses, "loss (cross-entropy)"),
        ("accuracy", accuracies, "accuracy (%)"),
    ):
        run.figure(
            figure,
            draw_curves(series, n_epochs, ylabel),
            title=finding(figure, series, best_epoch),
            alt=f"Two lines: the training and the validation {figure} against the epoch, with the last epoch marked.",
        )
    run.numbers |= {
        "epochs": len(losses["valid"]),
        "best_epoch": best_epoch,
        "test_accuracy": round(first["test_accuracy"], 2),
        "validation_accuracy": round(first["validation_accuracy"], 2),
        "training_accuracy": round(first["training_accuracy"], 2),
        "seconds_per_epoch": round(first["seconds_per_epoch"], 3),
        "test_accuracy_best_rule": round(best["test_accuracy"], 2),
    }
    return best


def train_by_each(run: Run, make: Callable[[], nn.Module], sets: Sets, n_epochs: int) -> list[dict[str, Any]]:
    """A part for each rule; the rules of one learning rate are in the order of their patience."""
    parts: list[dict[str, Any]] = []
    for rule in RULES:
        same = [
            part
            for earlier, part in zip(RULES, parts, strict=False)
            if earlier.learning_rate == rule.learning_rate and len(part["losses"]["valid"]) == n_epochs
        ]
        # a training that less patience did not stop is the same with more of it
        parts.append(same[0] if same else run.part(rule.label, train_once, run, make, sets, rule, n_epochs))
    return parts


def drawn(examples: Examples, n: int | None, seed: int) -> Examples:
    """So many of the examples, at random; None for all of them."""
    if n is None:
        return examples
    chosen = np.random.default_rng(seed).permutation(len(examples.targets))[:n]
    return Examples(examples.features[chosen], examples.targets[chosen])


def train_once(run: Run, make: Callable[[], nn.Module], sets: Sets, rule: Rule, n_epochs: int) -> dict[str, Any]:
    """Train from the same weights and in the same order for every rule: only the rules differ."""
    train, valid, test = sets
    torch.manual_seed(run.seed)
    model = make()
    start = time.perf_counter()
    losses, accuracies = train_by_run_model(
        run,
        model,
        train,
        valid,
        n_epochs=n_epochs,
        batch_size=BATCH_SIZE,
        learning_rate=rule.learning_rate,
        stop_thr=rule.stop_thr,
        patience=rule.patience,
    )
    seconds = time.perf_counter() - start
    return {
        "losses": losses,
        "accuracies": accuracies,
        "training_accuracy": accuracies["train"][-1],
        "validation_accuracy": accuracies["valid"][-1],
        "test_accuracy": measure(run, model, test)[1],
        "seconds_per_epoch": seconds / len(losses["valid"]),
        **weights_of(model),
    }


def table_row(rule: Rule, part: dict[str, Any], n_epochs: int) -> list[Any]:
    last = len(part["losses"]["valid"])
    return [
        f"{rule.learning_rate:g}",
        f"{rule.stop_thr:g}",
        rule.patience,
        last if last < n_epochs else f"not before {n_epochs}",
        f"{part['training_accuracy']:.1f}",
        f"{part['validation_accuracy']:.1f}",
        f"{part['test_accuracy']:.1f}",
        f"{part['seconds_per_epoch']:.2f}",
    ]


def finding(figure: str, series: History, best_epoch: int) -> str:
    """What the curves of the first rule show."""
    train, valid = series["train"], series["valid"]
    if figure == "loss":
        return (
            f"{len(valid)} epochs: the validation loss goes from {valid[0]:.3f} to {valid[-1]:.3f} "
            f"(lowest: {min(valid):.3f} after epoch {best_epoch})"
        )
    return f"At the end: {train[-1]:.1f} % of the training images right, {valid[-1]:.1f} % of the validation images"


def draw_curves(series: History, n_epochs: int, ylabel: str) -> Figure:
    """Both lines, and the epoch after which training ended."""
    last = len(series["valid"])
    figure = drawing.lines({"training": series["train"], "validation": series["valid"]}, xlabel="epoch", ylabel=ylabel)
    axes = figure.axes[0]
    reason = "stopped by the rule" if last < n_epochs else "the last epoch allowed"
    axes.axvline(last, color="grey", linestyle=":", label=f"epoch {last}: {reason}")
    axes.legend()
    return figure


def draw_breed(dogs: DogsDataset) -> Figure:
    """Training images of the breed, each with its index in the training part."""
    images, labels = dogs.raw["train"]
    shown = np.flatnonzero(labels == BREED)[:N_SHOWN]
    return drawing.image_grid(images[shown], [str(index) for index in shown], columns=8)


def draw_hard(run: Run, model: nn.Module, dogs: DogsDataset) -> tuple[Figure, str]:
    """The validation images of the breed that the network gets wrong with the largest probability.

    If there are fewer than that, right ones with a large probability of another breed follow.
    """
    own = np.flatnonzero(dogs.valid.targets == BREED)
    shares = probabilities_of(run, model.to(run.device), dogs.valid.features[own])
    answers = shares.argmax(axis=1)
    wrong = answers != BREED
    others = np.delete(shares, BREED, axis=1).max(axis=1)
    hardest = np.lexsort((-others, ~wrong))[:N_HARD]
    captions = [f"{readable(dogs.breeds[answers[place]])}\n{100 * shares[place].max():.0f} %" for place in hardest]
    figure = drawing.image_grid(dogs.raw["valid"].features[own[hardest]], captions, columns=N_HARD, size=1.8)
    title = (
        f"{readable(dogs.breeds[BREED])}: the network with the best validation accuracy says other breeds for "
        f"{wrong.sum()} of {len(own)} images; here it is surest"
    )
    return figure, title
