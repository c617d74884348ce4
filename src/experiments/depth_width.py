"""depth-width: the student's networks of design.py, and other ways to spend the same budget.

The four networks train by the grader's recipe. Then plain networks of one to four hidden layers
train alike: some with 200 hidden units each, some with as many parameters as one layer of 200 has.
"""

import time
from itertools import pairwise
from typing import Any

import numpy as np
from torch import nn

from src.experiments import drawing
from src.experiments.recipe import train_by_recipe
from src.experiments.run import Run
from src.experiments.subsets import Subsets, load_subsets
from src.experiments.training import Examples, count_parameters, measure

BUDGETS = {"narrow": "narrow_mlp", "two_layer": "two_layer_mlp", "deep": "deep_mlp", "cnn": "budget_cnn"}
Widths = tuple[int, ...]
SAME_UNITS: tuple[Widths, ...] = ((200,), (100, 100), (67, 67, 66), (50, 50, 50, 50))
SAME_PARAMETERS: tuple[Widths, ...] = ((200,), (165, 165), (146, 146, 146), (133, 133, 133, 133))
UNEVEN: tuple[Widths, ...] = ((150, 50), (50, 150))
WAYS = tuple(dict.fromkeys(SAME_UNITS + UNEVEN + SAME_PARAMETERS))


def depth_width(run: Run) -> None:
    n_train = run.choose(quick=800, evening=18_000, documents=50_000)
    n_valid = run.choose(quick=200, evening=2_000, documents=10_000)
    digits = load_subsets(run, "MNIST", n_train, n_valid, n_test=10_000)
    compare_budgets(run, digits)
    compare_ways(run, digits)


def compare_budgets(run: Run, digits: Subsets) -> None:
    """The table of the student's four networks."""
    n_epochs = run.choose(quick=1, evening=10, documents=10)
    rows = []
    for key, name in BUDGETS.items():
        part = run.part(name, train_budget, run, name, digits, n_epochs)
        rows.append(
            [
                name,
                part["widths"],
                part["units"],
                part["parameters"],
                round(part["training_seconds"] / n_epochs, 2),
                round(part["training"], 2),
                round(part["test"], 2),
            ]
        )
        run.numbers[f"test_accuracy_{key}"] = round(part["test"], 2)
    run.table(
        "budgets",
        f"Your networks after {n_epochs} epochs by the grader's recipe on {len(digits.train_and_valid[1])} images",
        [
            "network",
            "hidden widths",
            "hidden units",
            "parameters",
            "seconds per epoch",
            "training accuracy (%)",
            "test accuracy (%)",
        ],
        rows,
    )


def train_budget(run: Run, name: str, digits: Subsets, n_epochs: int) -> dict[str, Any]:
    """Train one of the student's networks on all digits that are not for testing."""
    model = getattr(run.student("design"), name)()
    start = time.perf_counter()
    train_by_recipe(run, model, digits.train_and_valid, n_epochs=n_epochs)
    seconds = time.perf_counter() - start
    _, training = measure(run, model, digits.train_and_valid)
    _, test = measure(run, model, digits.test)
    # by shape, because the layers may be functions that get the model's parameters
    widths = [len(weight) for weight in model.parameters() if weight.ndim == 2][:-1]
    channels = [f"{len(kernels)} channels" for kernels in model.parameters() if kernels.ndim == 4]
    return {
        "widths": ", ".join([*channels, *map(str, widths)]),
        "units": sum(widths),
        "parameters": count_parameters(model),
        "training_seconds": seconds,
        "training": training,
        "test": test,
    }


def compare_ways(run: Run, digits: Subsets) -> None:
    """The table and the figure of one to four hidden layers."""
    n_epochs = run.choose(quick=1, evening=10, documents=10)
    n_runs = run.choose(quick=1, evening=2, documents=3)
    n_examples = run.choose(quick=800, evening=8_000, documents=50_000)
    train = digits.train[0][:n_examples], digits.train[1][:n_examples]
    accuracies: dict[Widths, list[float]] = {}
    for widths in WAYS:
        keys = [f"{in_words(widths)}, run {number}" for number in range(1, n_runs + 1)]
        parts = [run.part(key, train_way, run, widths, train, digits.valid, n_epochs) for key in keys]
        accuracies[widths] = [part["accuracy"] for part in parts]
    run.table(
        "ways",
        f"Plain networks after {n_epochs} epochs on {len(train[1])} images; runs of each: {n_runs}",
        [
            "hidden widths",
            "hidden layers",
            "hidden units",
            "parameters",
            "mean validation accuracy (%)",
            "lowest",
            "highest",
        ],
        [
            [
                in_words(widths),
                len(widths),
                sum(widths),
                count_parameters(plain_network(widths)),
                round(np.mean(values), 2),
                round(min(values), 2),
                round(max(values), 2),
            ]
            for widths, values in accuracies.items()
        ],
    )
    draw_ways(run, accuracies)


def draw_ways(run: Run, accuracies: dict[Widths, list[float]]) -> None:
    groups = {"200 hidden units": SAME_UNITS, "about 159,000 parameters": SAME_PARAMETERS}
    means = {label: [float(np.mean(accuracies[widths])) for widths in group] for label, group in groups.items()}
    figure, axes = drawing.panels(width=6.0, height=3.8)
    plot = axes[0, 0]
    n_layers = [len(widths) for widths in SAME_UNITS]
    drawing.draw_lines(plot, means, n_layers, xlabel="hidden layers", ylabel="validation accuracy (%)")
    for group, colour in zip(groups.values(), drawing.COLOURS, strict=False):
        for widths in group:
            plot.scatter([len(widths)] * len(accuracies[widths]), accuracies[widths], s=10, color=colour, alpha=0.6)
    plot.set_xticks(n_layers)
    best = [n_layers[int(np.argmax(values))] for values in means.values()]
    run.figure(
        "ways",
        figure,
        title=f"Best depth with 200 hidden units: {best[0]}; with as many parameters as one layer of 200: {best[1]}",
        alt="Two lines, means of the runs: the validation accuracy against the number of hidden layers, for networks "
        "with 200 hidden units and for networks with about 159,000 parameters. Small dots show the single runs.",
    )


def train_way(run: Run, widths: Widths, train: Examples, valid: Examples, n_epochs: int) -> dict[str, Any]:
    """Train a plain network, and measure it on the validation digits."""
    model = plain_network(widths)
    train_by_recipe(run, model, train, n_epochs=n_epochs)
    _, accuracy = measure(run, model, valid)
    return {"accuracy": accuracy}


def plain_network(widths: Widths) -> nn.Module:
    """Hidden layers of these widths, with ReLU and without dropout."""
    sizes = (784, *widths)
    hidden = [layer for n_in, n_out in pairwise(sizes) for layer in (nn.Linear(n_in, n_out), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], 10))


def in_words(widths: Widths) -> str:
    return ", ".join(map(str, widths))
