"""mnist-sizes: how training time and accuracy depend on the number of training examples.

The same network trains on 500, 1000, 1500 and 2000 digits, and is tested on the same 1,000 digits.
The time grows in proportion to the examples, and the accuracy ever more slowly.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from data.load_data import load_mnist_data
from data.split import Split
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import measure, train_by_run_model

SIZES = (500, 1000, 1500, 2000)
N_TEST = 1000
BATCH_SIZE, LEARNING_RATE = 10, 0.01
COLUMNS = (
    "examples",
    "epochs",
    "seconds",
    "seconds per epoch",
    "training accuracy (%)",
    "test accuracy (%)",
)


def mnist_sizes(run: Run) -> None:
    """Train DigitClassifier on four training sets, and test it on the same 1,000 digits."""
    n_epochs = run.choose(quick=4, evening=100, documents=100)
    largest = max(SIZES)
    per_class = (largest + N_TEST) // 10
    digits = run.load(load_mnist_data, per_class, largest / (largest + N_TEST), seed=run.seed)
    parts = [run.part(f"{size} examples", train_on, run, digits, size, n_epochs) for size in SIZES]
    seconds = [part["training_seconds"] for part in parts]
    tests = [part["test_accuracy"] for part in parts]
    slope, at_zero = np.polyfit(SIZES, seconds, 1)

    run.table("sizes", f"{n_epochs} epochs of each training set", COLUMNS, table_rows(parts, n_epochs))
    run.figure(
        "time",
        draw_time(seconds, slope, at_zero, n_epochs),
        title=f"Four times the examples take {seconds[-1] / seconds[0]:.1f} times as long",
        alt="Four points near a straight line: the training time in seconds against the number of training examples.",
    )
    run.figure(
        "accuracy",
        drawing.lines(
            {"test": tests, "training": [part["training_accuracy"] for part in parts]},
            SIZES,
            xlabel="training examples",
            ylabel="accuracy (%)",
        ),
        title=f"From 500 to 2,000 examples the test accuracy goes from {tests[0]:.1f} % to {tests[-1]:.1f} %",
        alt="Two lines: the accuracy on the training digits and on 1,000 test digits against the number of training "
        "examples.",
    )
    run.numbers |= {
        "seconds_500": round(seconds[0], 2),
        "seconds_2000": round(seconds[-1], 2),
        "test_accuracy_500": round(tests[0], 2),
        "test_accuracy_2000": round(tests[-1], 2),
        "seconds_per_example": float(f"{slope / n_epochs:.3g}"),
    }


def train_on(run: Run, digits: Split, size: int, n_epochs: int) -> dict[str, Any]:
    """Train on the first `size` digits."""
    model = run.student("models").DigitClassifier()
    # the digits come in random order, so the first ones are a fair draw of every class
    train = digits.train_features[:size], digits.train_targets[:size]
    start = time.perf_counter()
    train_by_run_model(run, model, train, n_epochs=n_epochs, batch_size=BATCH_SIZE, learning_rate=LEARNING_RATE)
    seconds = time.perf_counter() - start
    return {
        "size": size,
        "training_seconds": seconds,
        "training_accuracy": measure(run, model, train)[1],
        "test_accuracy": measure(run, model, (digits.test_features, digits.test_targets))[1],
    }


def table_rows(parts: Sequence[dict[str, Any]], n_epochs: int) -> list[list[Any]]:
    return [
        [
            part["size"],
            n_epochs,
            f"{part['training_seconds']:.2f}",
            f"{part['training_seconds'] / n_epochs:.3f}",
            f"{part['training_accuracy']:.1f}",
            f"{part['test_accuracy']:.1f}",
        ]
        for part in parts
    ]


def draw_time(seconds: Sequence[float], slope: float, at_zero: float, n_epochs: int) -> Figure:
    """The four times, and the straight line that is nearest to them."""
    figure, axes = drawing.panels()
    axes[0, 0].plot(SIZES, seconds, "o", label="measured")
    axes[0, 0].plot(SIZES, [slope * size + at_zero for size in SIZES], label="straight line through them")
    axes[0, 0].set(xlabel="training examples", ylabel=f"time for {n_epochs} epochs (s)", ylim=(0, None))
    axes[0, 0].legend()
    return figure
