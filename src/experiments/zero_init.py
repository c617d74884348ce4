"""zero-init: why weights must not start at zero.

With ReLU, all hidden units are 0 then, no gradient passes, and only the last bias moves. With
sigmoids the weights do move, but all units of a layer alike: the layer is as good as one unit.
"""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import nn

from data.split import Array
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, measure, train_by_epochs

N_POINTS, WIDTH, BATCH_SIZE = 600, 8, 10
ACTIVATIONS = {"ReLU": (nn.ReLU, 0.1), "sigmoid": (nn.Sigmoid, 1.0)}  # with their learning rates
STARTS = ("random", "zero")
TITLES = {"random": "random weights", "zero": "zero"}
LAYERS = {"first hidden": 0, "second hidden": 2, "output": 4}  # places in the network
DIGITS = 3  # weights that agree to so many digits count as equal


def zero_init(run: Run) -> None:
    """Train the same network from random weights and from zeros, with two activations."""
    points = quadrants(run.seed)
    parts = {
        (name, start): run.part(f"{name}, {start}", train, run, name, start, points)
        for name in ACTIVATIONS
        for start in STARTS
    }
    show_tables(run, parts)
    accuracies = {key: part["accuracy"] for key, part in parts.items()}
    run.numbers |= {f"accuracy_{name.lower()}_{start}": round(value, 2) for (name, start), value in accuracies.items()}
    run.figure(
        "loss",
        drawing.lines(
            {f"{name}, from {TITLES[start]}": part["losses"] for (name, start), part in parts.items()},
            xlabel="epoch",
            ylabel="training loss (mean during the epoch)",
        ),
        title="From zero: "
        + " and ".join(f"{accuracies[name, 'zero']:.0f} % right with {name}" for name in ACTIVATIONS)
        + "; from random weights: "
        + " and ".join(f"{accuracies[name, 'random']:.0f} %" for name in ACTIVATIONS),
        alt="Four lines: the training loss against the epoch, for ReLU and sigmoid, from random weights and from zero.",
    )
    weights = {start: parts["sigmoid", start]["first"] for start in ("zero", "random")}
    n_different = {start: parts["sigmoid", start]["different"][0] for start in STARTS}
    run.figure(
        "units",
        draw_units(weights),
        title=f"Sigmoid, first hidden layer: different units among {WIDTH}: {n_different['zero']} after a start "
        f"from zero, {n_different['random']} after a random one",
        alt=f"Two panels: the incoming weights of {WIDTH} units against the epoch. From zero all curves of one input lie "
        "on each other; from random weights they spread.",
    )


def quadrants(seed: int) -> Examples:
    """Points in a square, features (N, 2); the class tells whether the two signs are the same."""
    features = np.random.default_rng(seed).uniform(-2, 2, (N_POINTS, 2)).astype(np.float32)
    return features, (features.prod(axis=1) > 0).astype(np.int64)


def train(run: Run, name: str, start: str, points: Examples) -> dict[str, Any]:
    """Train one network, and keep what its weights did."""
    activation, learning_rate = ACTIVATIONS[name]
    model = nn.Sequential(
        nn.Linear(2, WIDTH), activation(), nn.Linear(WIDTH, WIDTH), activation(), nn.Linear(WIDTH, 2)
    ).to(run.device)
    if start == "zero":
        for values in model.parameters():
            nn.init.zeros_(values)
    before = snapshot(model)
    first = [before[0][0]]
    losses, _ = train_by_epochs(
        run,
        model,
        points,
        torch.optim.SGD(model.parameters(), learning_rate),
        n_epochs=run.choose(quick=12, evening=100, documents=300),
        batch_size=BATCH_SIZE,
        after_epoch=lambda: first.append(snapshot(model)[0][0]),
    )
    after = snapshot(model)
    loss, accuracy = measure(run, model, points)
    return {
        "losses": losses["train"],
        "loss": loss,
        "accuracy": accuracy,
        "first": np.array(first),
        "different": [n_different(weight, bias) for weight, bias in after[:2]],
        "moved": [
            [float(np.abs(new - old).max()) for new, old in zip(*pairs, strict=True)]
            for pairs in zip(after, before, strict=True)
        ],
    }


def snapshot(model: nn.Sequential) -> list[tuple[Array, Array]]:
    """Weight and bias of each layer."""
    arrays = [parameter.detach().cpu().numpy().copy() for parameter in model.parameters()]
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def n_different(weight: Array, bias: Array) -> int:
    """How many units of a layer differ in their incoming weights and bias."""
    units = np.column_stack([weight, bias]).round(DIGITS) + 0.0  # -0 becomes 0
    return len(np.unique(units, axis=0))


def show_tables(run: Run, parts: dict[tuple[str, str], dict[str, Any]]) -> None:
    moved = [
        [name, start, layer, *(round(change, 4) for change in part["moved"][place]), different]
        for (name, start), part in parts.items()
        for place, (layer, different) in enumerate(zip(LAYERS, [*part["different"], ""], strict=True))
    ]
    columns = ["activation", "start", "layer", "largest change of a weight", "largest change of a bias"]
    n_epochs = len(parts["ReLU", "zero"]["losses"])
    run.table(
        "moved", f"After {n_epochs} epochs; each hidden layer has {WIDTH} units", [*columns, "different units"], moved
    )
    results = [
        [name, start, round(part["loss"], 4), round(part["accuracy"], 2)] for (name, start), part in parts.items()
    ]
    run.table("results", f"After {n_epochs} epochs", ["activation", "start", "training loss", "accuracy (%)"], results)


def draw_units(weights: dict[str, Array]) -> Figure:
    """Weights of shape (epochs + 1, units, 2), one panel for each start."""
    figure, axes = drawing.panels(columns=2)
    for place, (start, values) in zip(axes[0], weights.items(), strict=True):
        for column in range(2):
            style = {"color": drawing.COLOURS[column], "linestyle": drawing.LINES[column]}
            lines = place.plot(values[:, :, column], **style, linewidth=1.2)
            lines[0].set_label(f"weights of input {column + 1}")
        place.set(xlabel="epoch", ylabel="incoming weight", title=f"from {TITLES[start]}")
        place.xaxis.set_major_locator(MaxNLocator(integer=True))
        place.legend()
    return figure
