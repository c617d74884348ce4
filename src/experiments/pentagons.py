"""pentagons: the network made by hand, and the same layers trained from random weights.

The networks train several times: as narrow as the one made by hand, wider, deeper, and once on
coordinates without scaling. The figures show what they say in the plane.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.load_data import load_pentagon_data
from data.split import Split
from src.experiments import plane
from src.experiments.drawing import lines
from src.experiments.layers import outputs_of_linears, sigmoid, unscaled
from src.experiments.run import Run
from src.experiments.training import (
    Examples,
    count_parameters,
    logits_of,
    measure,
    put_weights,
    train_by_run_model,
    weights_of,
)

LEARNING_RATES = (1.0, 0.1)  # the second for the last sixth of the epochs: with the first, answers go up and down
Widths = tuple[int, ...]
NARROW: Widths = (10, 2)
WIDER: Widths = (30, 6)
DEEPER: Widths = (10, 10, 2)
LARGE: Widths = (64, 32)


def pentagons(run: Run) -> None:
    run.figure("lines", *plane.draw_network(run.student("perceptrons").pentagon_network()))
    run.write()  # this much is there even if run_model is still to do
    n_points = run.choose(quick=3_000, evening=60_000, documents=60_000)
    points = run.load(_load, n_points, seed=run.seed)
    narrow = train_several(run, points, NARROW, run.choose(quick=2, evening=5, documents=5))
    compare_restarts(run, points, narrow)
    draw_plane(run, narrow)
    compare_sizes(run, points, narrow)
    compare_scaling(run, points, narrow[0])


def _load(n_points: int, seed: int, data_dir: object) -> Split:
    """The points are drawn, so they need no folder."""
    return load_pentagon_data(n_points, seed)


def n_epochs_of(run: Run) -> int:
    return run.choose(quick=12, evening=30, documents=100)


def train_several(run: Run, points: Split, hidden: Widths, n_runs: int) -> list[dict[str, Any]]:
    """Train networks of the same widths from different initial weights."""
    return [run.part(f"{hidden}, run {number}", train_one, run, points, hidden) for number in range(1, n_runs + 1)]


def train_one(run: Run, points: Split, hidden: Widths, scaled: bool = True) -> dict[str, Any]:
    """Train a PentagonMLP, and measure it. If not `scaled`, its layers get raw coordinates."""
    model = run.student("perceptrons").PentagonMLP(hidden)
    train: Examples = (points.train_features, points.train_targets)
    test: Examples = (points.test_features, points.test_targets)
    if not scaled:
        train, test = ((unscaled(model, features), targets) for features, targets in (train, test))
    sums = outputs_of_linears(model, train[0][:1000])[0]
    outputs = sigmoid(sums)
    n_last = n_epochs_of(run) // 6
    losses: list[float] = []
    for n_epochs, rate in zip((n_epochs_of(run) - n_last, n_last), LEARNING_RATES, strict=True):
        history, _ = train_by_run_model(
            run,
            model,
            train,
            n_epochs=n_epochs,
            batch_size=run.choose(quick=10, evening=100, documents=100),
            learning_rate=rate,
        )
        losses += history["train"]
    train_loss, train_accuracy = measure(run, model, train)
    test_loss, test_accuracy = measure(run, model, test)
    return {
        "losses": losses,
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "parameters": count_parameters(model),
        "mean_input": float(np.abs(sums).mean()),
        "mean_derivative": float((outputs * (1 - outputs)).mean()),
        **weights_of(model),
    }


def compare_restarts(run: Run, points: Split, narrow: Sequence[dict[str, Any]]) -> None:
    """The table of the narrow network's runs, beside always the more frequent class."""
    more_frequent = int(points.train_targets.mean() > 0.5)
    shares = np.bincount(points.train_targets, minlength=2) / len(points.train_targets)
    majority: list[object] = ["always the more frequent class"]
    for targets in (points.train_targets, points.test_targets):
        loss, accuracy = -np.log(shares)[targets].mean(), 100 * (targets == more_frequent).mean()
        majority += [round(float(loss), 4), round(float(accuracy), 2)]
    run.numbers["majority_accuracy"] = round(100 * float((points.test_targets == more_frequent).mean()), 2)
    rows = [
        [
            number,
            round(part["train_loss"], 4),
            round(part["train_accuracy"], 2),
            round(part["test_loss"], 4),
            round(part["test_accuracy"], 2),
        ]
        for number, part in enumerate(narrow, start=1)
    ]
    run.table(
        "restarts",
        f"Hidden layers {NARROW}, {n_epochs_of(run)} epochs from different initial weights. First row: the loss if each "
        "class gets its share as probability",
        ["run", "training loss", "training accuracy (%)", "test loss", "test accuracy (%)"],
        [majority, *rows],
    )
    accuracies = accuracies_of(narrow)
    run.numbers |= {"best_accuracy": round(max(accuracies), 2), "worst_accuracy": round(min(accuracies), 2)}


def draw_plane(run: Run, narrow: Sequence[dict[str, Any]]) -> None:
    """What the best and the worst run say, and the hidden units of the worst."""
    accuracies = accuracies_of(narrow)
    # of equal runs the first and the last
    best, worst = accuracies.index(max(accuracies)), len(narrow) - 1 - accuracies[::-1].index(min(accuracies))
    new = run.student("perceptrons").PentagonMLP
    grid = plane.grid()
    answers = {}
    for name, place in (("best", best), ("worst", worst)):
        model = put_weights(new(NARROW), narrow[place]).to(run.device)
        label = f"{name}: run {place + 1}, {accuracies[place]:.2f} % of test points"
        answers[label] = logits_of(run, model, grid).argmax(axis=1)
    run.figure(
        "regions",
        plane.draw_answers(answers),
        title=f"Best and worst of {len(narrow)} runs: {max(accuracies):.1f} % and {min(accuracies):.1f} % (grey: they answer inside)",
        alt="Two squares: the area where the best and where the worst network say inside, with the pentagons' outlines.",
    )
    hidden = outputs_of_linears(put_weights(new(NARROW), narrow[worst]), grid)
    figure, used = plane.draw_hidden(hidden[0], sigmoid(hidden[1]))
    run.figure(
        "hidden",
        figure,
        title=f"Worst run (run {worst + 1}): {used} of {NARROW[0]} first-layer units switch inside the square",
        alt="Left: the lines in the square on which the units of the first hidden layer are one half, and the pentagons' "
        "outlines. Right: the outputs of the two units of the second hidden layer, as grey levels over the square.",
    )


def compare_sizes(run: Run, points: Split, narrow: Sequence[dict[str, Any]]) -> None:
    """The table of wider and deeper networks."""
    n_runs = run.choose(quick=1, evening=3, documents=5)
    groups = {NARROW: narrow}
    for hidden in (WIDER, DEEPER, LARGE):
        groups[hidden] = train_several(run, points, hidden, n_runs if hidden != LARGE else min(n_runs, 2))
    run.table(
        "sizes",
        f"Wider and deeper networks after {n_epochs_of(run)} epochs",
        ["hidden", "parameters", "mean test accuracy (%)", "lowest", "highest", "runs"],
        [
            [
                str(hidden),
                parts[0]["parameters"],
                round(float(np.mean(accuracies_of(parts))), 2),
                round(min(accuracies_of(parts)), 2),
                round(max(accuracies_of(parts)), 2),
                len(parts),
            ]
            for hidden, parts in groups.items()
        ],
    )
    means = {hidden: round(float(np.mean(accuracies_of(parts))), 2) for hidden, parts in groups.items()}
    run.numbers |= {"wider_accuracy": means[WIDER], "deeper_accuracy": means[DEEPER], "large_accuracy": means[LARGE]}


def compare_scaling(run: Run, points: Split, scaled: dict[str, Any]) -> None:
    """The same network on coordinates of several hundred."""
    raw = run.part("raw coordinates", train_one, run, points, NARROW, False)
    kinds = {"scaled": scaled, "raw": raw}
    run.table(
        "scaling",
        f"Hidden layers {NARROW} on scaled and on raw coordinates; the last two columns are measured before training",
        [
            "coordinates",
            "training loss",
            "test accuracy (%)",
            "mean |input| of the first sigmoids",
            "mean derivative of the first sigmoids",
        ],
        [
            [
                name,
                round(part["train_loss"], 4),
                round(part["test_accuracy"], 2),
                round(part["mean_input"], 2),
                round(part["mean_derivative"], 4),
            ]
            for name, part in kinds.items()
        ],
    )
    run.numbers["raw_accuracy"] = round(raw["test_accuracy"], 2)
    run.figure(
        "scaling",
        lines(
            {f"{name} coordinates": part["losses"] for name, part in kinds.items()},
            xlabel="epoch",
            ylabel="training loss (mean during the epoch)",
        ),
        title=f"Last training loss: {scaled['losses'][-1]:.3f} with scaled and {raw['losses'][-1]:.3f} with raw coordinates",
        alt="Two lines: the training loss against the epoch, with scaled and with raw coordinates.",
    )


def accuracies_of(parts: Sequence[dict[str, Any]]) -> list[float]:
    return [part["test_accuracy"] for part in parts]
