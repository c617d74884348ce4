"""numpy-init: initial weights, settings, and finite differences with the student's NumpyMLP.

Networks without a framework train from zero, normal and Glorot weights. Then the settings are
varied one at a time, and `backward` is compared with `finite_difference`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.split import Array
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.subsets import Subsets, load_subsets
from src.experiments.training import Examples

STARTS = {"zero": "zero", "normal": "normal", "glorot": "Glorot"}  # and how to write them
SMALL_RATE, LARGE_RATE = 0.001, 0.1
BATCH_SIZE = 200
N_DIFFERENCES = 10  # weights whose gradient is compared
N_IMAGES = 20  # in the loss of that comparison
ACTIVATIONS = {"sigmoid": "sigmoid", "relu": "ReLU"}
INVERSE_STEPS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
HIDDEN = (666, 666)


@dataclass(frozen=True)
class Settings:
    """What one row of the search trains with."""

    learning_rate: float
    batch_size: int
    n_epochs: int
    hidden: tuple[int, ...]


def numpy_init(run: Run) -> None:
    n_train = run.choose(quick=600, evening=8_000, documents=50_000)
    n_valid = run.choose(quick=200, evening=2_000, documents=10_000)
    loaded = load_subsets(run, "MNIST", n_train, n_valid, n_test=10_000)
    digits = Subsets(flat(loaded.train), flat(loaded.valid), flat(loaded.test))
    compare_inits(run, digits)
    measure_spread(run, digits)
    search(run, digits)
    compare_gradients(run, digits)


def flat(examples: Examples) -> Examples:
    """The examples with rows of 784 pixels."""
    return examples[0].reshape(len(examples[1]), -1), examples[1]


def hidden_of(run: Run) -> tuple[int, ...]:
    return run.choose(quick=(64, 64), evening=HIDDEN, documents=HIDDEN)


def compare_inits(run: Run, digits: Subsets) -> None:
    """The figure and the table of the three initialisations."""
    n_epochs = run.choose(quick=3, evening=10, documents=10)
    settings = Settings(SMALL_RATE, BATCH_SIZE, n_epochs, hidden_of(run))
    cases = [(init, SMALL_RATE) for init in STARTS] + [("normal", LARGE_RATE), ("glorot", LARGE_RATE)]
    parts = {
        (init, rate): run.part(
            f"{init}, learning rate {rate}", train, run, digits, replace(settings, learning_rate=rate), init
        )
        for init, rate in cases
    }
    run.table(
        "init",
        f"Hidden layers {settings.hidden}, batch size {BATCH_SIZE}, {n_epochs} epochs on {len(digits.train[1])} images",
        [
            "initialisation",
            "learning rate",
            "loss before training",
            "training loss at the end",
            "training accuracy (%)",
        ],
        [
            [
                STARTS[init],
                rate,
                finite(part["first_loss"], 3),
                finite(part["losses"][-1], 4),
                finite(part["training"], 2) if np.isfinite(part["losses"][-1]) else "not finite",
            ]
            for (init, rate), part in parts.items()
        ],
    )
    run.numbers |= {f"accuracy_{init}": round(parts[init, SMALL_RATE]["training"], 2) for init in STARTS}
    draw_inits(run, {init: parts[init, SMALL_RATE] for init in STARTS})


def draw_inits(run: Run, parts: Mapping[str, dict[str, Any]]) -> None:
    losses = {f"{STARTS[init]} weights": parts[init]["losses"] for init in ("zero", "glorot", "normal")}
    small = {name: values for name, values in losses.items() if name != "normal weights"}
    figure, axes = drawing.panels(columns=2)
    drawing.draw_lines(axes[0, 0], losses, xlabel="epoch", ylabel="training loss (cross-entropy)")
    axes[0, 0].set_yscale("log")
    drawing.draw_lines(axes[0, 1], small, xlabel="epoch", ylabel="training loss (cross-entropy)")
    accuracies = ", ".join(f"{STARTS[init]} {part['training']:.1f} %" for init, part in parts.items())
    run.figure(
        "init",
        figure,
        title=f"Training accuracy at the end: {accuracies}",
        alt="Left, with a logarithmic y axis: the training loss against the epoch from zero, Glorot and normal weights. "
        "Right: the same without normal weights, with a linear y axis.",
    )


def train(run: Run, digits: Subsets, settings: Settings, init: str) -> dict[str, Any]:
    """Train a network by the student's `fit`, and measure it."""
    model = run.student("numpy_mlp").NumpyMLP((784, *settings.hidden, 10), init=init, seed=run.seed)
    with np.errstate(all="ignore"):  # some settings are chosen because they overflow
        first_loss = model.loss(*digits.train)
        start = time.perf_counter()
        losses = model.fit(*digits.train, settings.n_epochs, settings.batch_size, settings.learning_rate)
        seconds = time.perf_counter() - start
        _, training = model.evaluate(*digits.train)
        _, validation = model.evaluate(*digits.valid)
        _, test = model.evaluate(*digits.test)
    return {
        "first_loss": first_loss,
        "losses": [float(loss) for loss in losses],
        "training": training,
        "validation": validation,
        "test": test,
        "training_seconds": seconds,
    }


def measure_spread(run: Run, digits: Subsets) -> None:
    """How large sums and probabilities are for the first batch, before training."""
    x, y = (array[:BATCH_SIZE] for array in digits.train)
    rows = []
    for init in ("normal", "glorot"):
        model = run.student("numpy_mlp").NumpyMLP((784, *hidden_of(run), 10), init=init, seed=run.seed)
        deviations = [finite(float(sums.std()), 3) for sums in sums_of(model, x)]
        largest = float(model.forward(x).max(axis=1).mean())
        rows.append([STARTS[init], *deviations, round(largest, 3), finite(model.loss(x, y), 3)])
    run.table(
        "spread",
        f"The first batch of {len(y)} images before training, hidden layers {hidden_of(run)}",
        [
            "initialisation",
            "deviation of the first hidden layer's inputs",
            "deviation of the second's",
            "deviation of the logits",
            "mean largest probability",
            "mean loss",
        ],
        rows,
    )


def sums_of(model: Any, x: Array) -> list[Array]:
    """What each layer's units add up, before ReLU, for images (N, 784)."""
    sums: list[Array] = []
    for weight, bias in zip(model.weights, model.biases, strict=True):
        below = np.maximum(sums[-1], 0) if sums else x
        sums.append(below @ weight + bias)
    return sums


def search(run: Run, digits: Subsets) -> None:
    """The table of settings that differ from the first row's in one thing each."""
    rows: list[list[object]] = []
    results: list[tuple[float, Settings, float]] = []
    for change, settings in variants(run).items():
        part = run.part(f"search: {change}", train, run, digits, settings, "glorot")
        results.append((part["validation"], settings, part["test"]))
        rows.append([*cells(change, settings, digits), round(part["validation"], 2), ""])
    validation, settings, test = max(results, key=lambda result: result[0])
    rows.append([*cells("best of these", settings, digits), round(validation, 2), round(test, 2)])
    run.table(
        "search",
        f"Glorot weights, one change at a time, {len(digits.train[1])} images to learn from",
        [
            "changed",
            "learning rate",
            "batch size",
            "epochs",
            "hidden widths",
            "steps",
            "validation accuracy (%)",
            "test accuracy (%)",
        ],
        rows,
    )
    run.numbers |= {"best_validation_accuracy": round(validation, 2), "best_test_accuracy": round(test, 2)}


def variants(run: Run) -> dict[str, Settings]:
    """The settings of the search by what was changed."""
    n_epochs = run.choose(quick=2, evening=5, documents=10)
    narrow, wide = run.choose(
        quick=((32, 32), (128, 64)), evening=((128, 64), (1024, 512)), documents=((128, 64), (1024, 512))
    )
    base = Settings(LARGE_RATE, 100, n_epochs, hidden_of(run))
    settings = {"nothing": base}
    for rate in (0.001, 0.01, 0.5):
        settings[f"learning rate {rate}"] = replace(base, learning_rate=rate)
    for batch_size in (20, 500):
        settings[f"batch size {batch_size}"] = replace(base, batch_size=batch_size)
    for epochs in (max(1, n_epochs // 4), 2 * n_epochs):
        settings[f"epochs {epochs}"] = replace(base, n_epochs=epochs)
    for hidden in (narrow, wide):
        settings[f"widths {hidden}"] = replace(base, hidden=hidden)
    return settings


def cells(change: str, settings: Settings, digits: Subsets) -> list[object]:
    steps = settings.n_epochs * -(-len(digits.train[1]) // settings.batch_size)
    widths = ", ".join(map(str, settings.hidden))
    return [change, settings.learning_rate, settings.batch_size, settings.n_epochs, widths, steps]


def compare_gradients(run: Run, digits: Subsets) -> None:
    """The figure of `backward` against `finite_difference`."""
    errors = run.part("finite differences", measure_differences, run, digits)
    smooth = errors["sigmoid"]
    figure, axes = drawing.panels(width=6.0, height=3.8)
    plot = axes[0, 0]
    plot.set(xscale="log", yscale="log")
    lines = {f"with {name}": errors[activation] for activation, name in ACTIVATIONS.items()}
    drawing.draw_lines(
        plot, lines, INVERSE_STEPS, xlabel="N (epsilon = 1/N)", ylabel="largest |gradient - finite difference|"
    )
    plot.plot(INVERSE_STEPS, [smooth[2] * (INVERSE_STEPS[2] / n) ** 2 for n in INVERSE_STEPS], "0.5", linewidth=0.8)
    place = INVERSE_STEPS[1], smooth[2] * (INVERSE_STEPS[2] / INVERSE_STEPS[1]) ** 2
    plot.annotate("slope -2", place, (-6, -14), textcoords="offset points", fontsize=8, ha="right")
    best = int(np.argmin(smooth))
    run.figure(
        "differences",
        figure,
        title=f"With sigmoids the difference is smallest at N = {INVERSE_STEPS[best]:,}: {smooth[best]:.1e}",
        alt="Two lines, for a network with sigmoids and one with ReLU: the largest difference between gradient and finite "
        "difference of ten weights against N, both axes logarithmic, beside a thin line of slope -2.",
    )
    run.numbers |= {"smallest_difference": smooth[best], "n_of_smallest_difference": INVERSE_STEPS[best]}


def measure_differences(run: Run, digits: Subsets) -> dict[str, Any]:
    """The largest difference of ten weights' gradients for each epsilon, with both activations.

    The weights are those with the largest gradients: with ReLU many have none, and would hide what
    the others show.
    """
    module = run.student("numpy_mlp")
    x, y = (array[:N_IMAGES] for array in digits.train)
    errors: dict[str, Any] = {}
    for activation in ACTIVATIONS:
        model = module.NumpyMLP((784, *hidden_of(run), 10), activation=activation, seed=run.seed)
        gradient = model.backward(x, y)[0][1]
        largest = np.argsort(-np.abs(gradient), axis=None)[:N_DIFFERENCES]
        indices = [(int(i), int(j)) for i, j in zip(*np.unravel_index(largest, gradient.shape), strict=True)]
        chosen = np.array([gradient[index] for index in indices])
        differences = [module.finite_difference(model, x, y, 1, indices, 1 / n) - chosen for n in INVERSE_STEPS]
        errors[activation] = [float(np.abs(difference).max()) for difference in differences]
    return errors


def finite(value: float, digits: int) -> float | str:
    """A number for a table's cell."""
    return round(float(value), digits) if np.isfinite(value) else "not finite"
