"""dying-relu: a small network on two overlapping clouds of points, in sorted and shuffled batches.

If all points of one class come before all points of the other, every step of half an epoch pushes
the units the same way. Units of ReLU can get so far that they are 0 for every point. Then no
gradient reaches their weights any more, and they stay dead.
"""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from data.split import Array
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, measure, train_by_epochs

N_PER_CLASS, CENTRE = 500, 0.7  # clouds of deviation 1 around (0.7, 0.7) and (-0.7, -0.7)
WIDTH, BATCH_SIZE, LEARNING_RATE = 8, 10, 1.0
ACTIVATIONS = {"ReLU": nn.ReLU, "LeakyReLU": nn.LeakyReLU, "ELU": nn.ELU}
ORDERS = ("sorted", "shuffled")


def dying_relu(run: Run) -> None:
    """Train networks with three activations, in both orders of the points, from several seeds."""
    n_runs = run.choose(quick=2, evening=8, documents=20)
    points = clouds(run.seed)
    parts = {
        (name, order): run.part(f"{name}, {order}", train_all, run, name, order, points, n_runs)
        for name in ACTIVATIONS
        for order in ORDERS
    }
    show_activations(run, parts, n_runs)
    means = {order: parts["ReLU", order]["accuracy"].mean(axis=0)[-1] for order in ORDERS}
    dead = {order: parts["ReLU", order]["dead"].mean(axis=0)[-1] for order in ORDERS}
    run.numbers |= {f"accuracy_{order}": round(float(means[order]), 2) for order in ORDERS}
    run.numbers |= {f"dead_{order}": round(float(dead[order]), 2) for order in ORDERS}
    run.figure(
        "accuracy",
        draw({order: parts["ReLU", order]["accuracy"] for order in ORDERS}, "accuracy on all points (%)"),
        title=f"Sorted points end at {means['sorted']:.1f} % right, shuffled ones at {means['shuffled']:.1f} %",
        alt=f"The accuracy of {n_runs} ReLU networks against the epoch, with their mean, for each order of the points.",
    )
    run.figure(
        "dead",
        draw(
            {order: parts["ReLU", order]["dead"] for order in ORDERS},
            "dead hidden units (of 16)",
            first=0,
        ),
        title=f"Of 16 hidden units, {dead['sorted']:.1f} are dead at the end with sorted points, "
        f"{dead['shuffled']:.1f} with shuffled ones",
        alt=f"The number of hidden units, of 16, that are 0 for every point, in {n_runs} ReLU networks against the epoch, with "
        "their mean, for each order of the points.",
    )


def clouds(seed: int) -> Examples:
    """1,000 points, sorted by class: features (1000, 2) and targets (1000,)."""
    rng = np.random.default_rng(seed)
    targets = np.repeat([0, 1], N_PER_CLASS)
    features = rng.normal(np.where(targets[:, None] == 1, CENTRE, -CENTRE), 1, (len(targets), 2))
    return features.astype(np.float32), targets


def train_all(run: Run, name: str, order: str, points: Examples, n_runs: int) -> dict[str, Any]:
    """Accuracies (runs, epochs), dead units (runs, epochs + 1), and accuracies afterwards (runs,).

    Afterwards means: after as many epochs again, with shuffled points.
    """
    results = [train_one(run, name, order, points) for _ in range(n_runs)]
    accuracy, dead, afterwards = map(np.array, zip(*results, strict=True))
    return {"accuracy": accuracy, "dead": dead, "afterwards": afterwards}


def train_one(run: Run, name: str, order: str, points: Examples) -> tuple[list[float], list[int], float]:
    activation = ACTIVATIONS[name]
    model = nn.Sequential(
        nn.Linear(2, WIDTH), activation(), nn.Linear(WIDTH, WIDTH), activation(), nn.Linear(WIDTH, 2)
    ).to(run.device)
    dead = [n_dead(run, model, points[0])]
    settings: dict[str, Any] = {
        "optimizer": torch.optim.SGD(model.parameters(), LEARNING_RATE),
        "n_epochs": run.choose(quick=3, evening=12, documents=50),
        "batch_size": BATCH_SIZE,
        "watch": points,
    }
    _, accuracies = train_by_epochs(
        run,
        model,
        points,
        shuffle=order == "shuffled",
        after_epoch=lambda: dead.append(n_dead(run, model, points[0])),
        **settings,
    )
    _, afterwards = train_by_epochs(run, model, points, shuffle=True, **settings)
    return accuracies["valid"], dead, afterwards["valid"][-1]


def n_dead(run: Run, model: nn.Sequential, features: Array) -> int:
    """How many hidden units are 0 for every point."""
    inputs = torch.as_tensor(features, device=run.device)
    with torch.no_grad():
        return sum(int((model[:depth](inputs) == 0).all(dim=0).sum()) for depth in (2, 4))


def show_activations(run: Run, parts: dict[tuple[str, str], dict[str, Any]], n_runs: int) -> None:
    rows = []
    for (name, order), part in parts.items():
        accuracies, dead, afterwards = part["accuracy"][:, -1], part["dead"][:, -1], part["afterwards"]
        figures = (accuracies.mean(), accuracies.min(), dead.mean(), afterwards.mean())
        rows.append([name, order, n_runs, *(round(float(figure), 1) for figure in figures)])
    columns = ["activation", "order", "runs", "mean accuracy (%)", "lowest accuracy (%)", "mean dead units (of 16)"]
    n_epochs = parts["ReLU", "sorted"]["accuracy"].shape[1]
    last = f"mean accuracy after {n_epochs} more epochs, shuffled (%)"
    run.table("activations", f"After {n_epochs} epochs in the order of the row", [*columns, last], rows)


def draw(runs: dict[str, Array], ylabel: str, first: int = 1) -> Figure:
    figure, axes = drawing.panels()
    drawing.draw_runs(axes[0, 0], runs, ylabel=ylabel, first=first)
    return figure
