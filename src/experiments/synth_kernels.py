"""synth-kernels: what the two kernels of SynthClassifier's first layer learn about edges.

The two classes differ only in the orientation of an edge. Most runs learn the task, some learn
nothing. The kernels keep much of their random start: in some runs a kernel varies clearly more
between its rows than between its columns, or the other way round, and in other runs none does.
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from data.load_data import load_synth_data
from data.split import Array
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import Examples, measure, train_by_run_model, weights_of

KERNEL_SIZE, STRIDE = [(5, 5), (3, 3), (3, 3)], [1, 1, 1]
BATCH_SIZE, LEARNING_RATE = 50, 1e-4
SHARE_OF_TRAINING = 0.8
CHANCE = 60.0  # percent; a run below has learnt nothing of use
CLASSES = ("class 0", "class 1")
BY_CHANCE = 17  # percent: 4 of 24 degrees of freedom
COLUMNS = (
    "run",
    "training loss",
    "training accuracy (%)",
    "test accuracy (%)",
    "kernel 1: rows / columns (%)",
    "kernel 2: rows / columns (%)",
)


def synth_kernels(run: Run) -> None:
    """Train the same network from several initial weights, and show its first kernels."""
    n_runs, per_class, n_epochs = run.choose(quick=(2, 500, 12), evening=(5, 5000, 50), documents=(8, 5000, 50))
    images, labels = run.load(load_images, per_class, seed=run.seed)
    n_train = round(SHARE_OF_TRAINING * len(labels))
    train, test = (images[:n_train], labels[:n_train]), (images[n_train:], labels[n_train:])
    parts = [run.part(f"run {number}", train_once, run, train, test, n_epochs) for number in range(1, n_runs + 1)]

    accuracies = [part["test_accuracy"] for part in parts]
    title = (
        f"{n_train:,} training and {len(test[1]):,} test images, {n_epochs} epochs. The last two columns: which share of "
        f"a kernel's variance lies between its rows / between its columns ({BY_CHANCE} % each in random kernels)"
    )
    run.table("runs", title, COLUMNS, [table_row(number, part) for number, part in enumerate(parts, 1)])
    run.figure(
        "examples",
        draw_examples(images, labels),
        title="Two images of each class",
        alt="Two grey images of each class, 28x28 pixels.",
    )
    learnt = sum(accuracy > CHANCE for accuracy in accuracies)
    run.figure(
        "kernels",
        draw_kernels([first_kernels(part) for part in parts], accuracies),
        title=f"{learnt} of {n_runs} runs get over {CHANCE:.0f} % of the test images right: from {min(accuracies):.1f} to "
        f"{max(accuracies):.1f} %",
        alt="The two 5x5 kernels of the first layer in each run, as shades of grey around zero.",
    )
    run.numbers |= {"best_accuracy": round(max(accuracies), 2), "worst_accuracy": round(min(accuracies), 2)}


def load_images(examples_per_class: int, data_dir: object, seed: int) -> tuple[Array, Array]:
    """`load_synth_data`, which needs no folder, called like the other loaders."""
    print(f"load_synth_data: {2 * examples_per_class} generated images of stripes in two classes.")
    return load_synth_data(examples_per_class, seed)


def train_once(run: Run, train: Examples, test: Examples, n_epochs: int) -> dict[str, Any]:
    """Train from new initial weights. The results include the first layer's kernels."""
    model = run.student("models").SynthClassifier(KERNEL_SIZE, STRIDE)
    train_by_run_model(run, model, train, n_epochs=n_epochs, batch_size=BATCH_SIZE, learning_rate=LEARNING_RATE)
    loss, accuracy = measure(run, model, train)
    return {
        "training_loss": loss,
        "training_accuracy": accuracy,
        "test_accuracy": measure(run, model, test)[1],
        **weights_of(model),
    }


def table_row(number: int, part: dict[str, Any]) -> list[Any]:
    shares = [orientation(kernel) for kernel in first_kernels(part)]
    return [
        number,
        f"{part['training_loss']:.3f}",
        f"{part['training_accuracy']:.1f}",
        f"{part['test_accuracy']:.1f}",
        *(f"{100 * rows:.0f} / {100 * columns:.0f}" for rows, columns in shares),
    ]


def orientation(kernel: Array) -> tuple[float, float]:
    """The shares of a kernel's variance that lie between its rows and between its columns."""
    variance = kernel.var()
    return float(kernel.mean(axis=1).var() / variance), float(kernel.mean(axis=0).var() / variance)


def first_kernels(part: dict[str, Any]) -> Array:
    """The weights of the first convolution, (2, 5, 5): the only ones of shape (2, 1, 5, 5)."""
    weights = [value for value in part.values() if isinstance(value, np.ndarray) and value.shape == (2, 1, 5, 5)]
    kernels: Array = weights[0][:, 0]
    return kernels


def draw_examples(images: Array, labels: Array) -> Figure:
    chosen = np.concatenate([np.flatnonzero(labels == label)[:2] for label in range(len(CLASSES))])
    captions = [CLASSES[labels[index]] for index in chosen]
    return drawing.image_grid(images[chosen, ..., 0], captions, columns=2, limits=(0, 255), size=1.6)


def draw_kernels(kernels: list[Array], accuracies: list[float]) -> Figure:
    largest = float(np.abs(kernels).max())
    return drawing.image_grid(
        np.concatenate(kernels),
        [f"kernel {number}" for _ in kernels for number in (1, 2)],
        columns=2,
        row_labels=[f"run {number}\n{accuracy:.1f} %" for number, accuracy in enumerate(accuracies, 1)],
        limits=(-largest, largest),
        scale=True,
    )
