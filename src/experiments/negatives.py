"""negatives: what digits teach a network about their negatives, in which a pixel x is 1 - x.

LeNet5 learns from digits and then sees negatives, which are new to it. InversionInvariantLeNet5
can't tell the two apart. Two other ways lead there too: training on both, or a network that looks
at an image and its negative.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from data.load_data import load_mnist_data, load_whole
from data.split import Array, Split
from src.experiments import drawing
from src.experiments.networks import SeesBoth
from src.experiments.run import Run
from src.experiments.training import Examples, measure, train_by_epochs

MOMENTUM, WEIGHT_DECAY = 0.9, 1e-4
USUAL, INVARIANT = "LeNet5", "InversionInvariantLeNet5"
ROUNDED = "x(1 - x), all pixels rounded to 0 or 1"
SHOWN = 6  # digits in a figure
# 32 bins of 8 grey levels each, so that a digit and its negative fall into mirrored bins
EDGES = np.linspace(-0.5, 255.5, 33) / 255


def negatives(run: Run) -> None:
    """Train both networks several times on digits, then compare three ways to the same goal."""
    digits = load(run)
    parts = {name: compare(run, digits, name) for name in (USUAL, INVARIANT)}
    show_accuracies(run, parts)
    show_pixels(run, digits)
    show_transform(run, digits)
    show_ways(run, digits, parts[INVARIANT][0])


def load(run: Run) -> Split:
    """Digits with a channel, (N, 1, 28, 28)."""
    if run.budget == "documents":
        split = run.load(load_whole, "MNIST")
    else:
        per_class, fraction = run.choose(quick=(80, 5 / 8), evening=(1200, 5 / 6), documents=(0, 0.0))
        split = run.load(load_mnist_data, per_class, fraction, seed=run.seed)
    return split._replace(train_features=split.train_features[:, None], test_features=split.test_features[:, None])


def compare(run: Run, digits: Split, name: str) -> list[dict[str, Any]]:
    """Train a network on digits several times."""
    n_runs = run.choose(quick=2, evening=5, documents=5)
    network = getattr(run.student("models"), name)
    train = digits.train_features, digits.train_targets
    return [run.part(f"{name}, run {k + 1}", learn, run, network, train, digits) for k in range(n_runs)]


def learn(run: Run, network: Callable[[], nn.Module], train: Examples, digits: Split) -> dict[str, Any]:
    """Train a network, and test it on the test digits and on their negatives."""
    n_epochs, batch_size = run.choose(quick=(8, 16), evening=(8, 32), documents=(100, 128))
    learning_rate = run.choose(quick=0.05, evening=0.02, documents=0.01)
    model = network().to(run.device)
    optimizer = torch.optim.SGD(
        model.parameters(), learning_rate, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True
    )
    train_by_epochs(run, model, train, optimizer, n_epochs=n_epochs, batch_size=batch_size)
    tests = digits.test_features, 1 - digits.test_features
    return {"accuracies": [measure(run, model, (images, digits.test_targets))[1] for images in tests]}


def show_accuracies(run: Run, parts: dict[str, list[dict[str, Any]]]) -> None:
    accuracies = {name: np.array([part["accuracies"] for part in runs]) for name, runs in parts.items()}
    rows = [
        [name, kind, *summary(values[:, column])]
        for name, values in accuracies.items()
        for column, kind in enumerate(["digits", "negatives"])
    ]
    columns = ["network", "tested on", "mean", "deviation", "best", "runs"]
    run.table("accuracy", "Test accuracy (%) of networks that learnt from digits alone", columns, rows)
    for prefix, name in [("accuracy", USUAL), ("invariant", INVARIANT)]:
        means = accuracies[name].mean(axis=0)
        run.numbers |= {f"{prefix}_digits": round(means[0], 2), f"{prefix}_negatives": round(means[1], 2)}


def summary(accuracies: Sequence[float] | Array) -> list[float]:
    """Mean, deviation, best, and number of runs."""
    return [
        round(float(np.mean(accuracies)), 2),
        round(float(np.std(accuracies, ddof=1)), 2),
        round(float(np.max(accuracies)), 2),
        len(accuracies),
    ]


def show_pixels(run: Run, digits: Split) -> None:
    """Histograms, and mean and deviation of the pixels."""
    images = np.concatenate([digits.train_features, digits.test_features])
    kinds = {"digits": images, "negatives": 1 - images, "x(1 - x) of either": transformed(images)}
    facts = {kind: (float(pixels.mean()), float(pixels.std())) for kind, pixels in kinds.items()}
    rows = [[kind, round(mean, 4), round(deviation, 4)] for kind, (mean, deviation) in facts.items()]
    run.table("pixels", f"The pixels of {len(images):,} images", ["images", "mean", "deviation"], rows)
    for kind in ("digits", "negatives"):
        mean, deviation = facts[kind]
        run.numbers |= {f"mean_{kind}": round(mean, 4), f"deviation_{kind}": round(deviation, 4)}

    figure, axes = drawing.panels(columns=2)
    for place, kind in zip(axes[0], ["digits", "negatives"], strict=True):
        place.hist(kinds[kind].ravel(), bins=EDGES, color="0.45", log=True)
        mean, deviation = facts[kind]
        place.set(xlabel="pixel value", ylabel="number of pixels", title=f"{kind}")
        place.text(0.5, 0.9, f"mean {mean:.4f}, deviation {deviation:.4f}", transform=place.transAxes, ha="center")
        place.set_ylim(top=place.get_ylim()[1] * 3)
    run.figure(
        "histograms",
        figure,
        title=f"The negatives' pixels are the digits' mirrored: the mean {facts['digits'][0]:.3f} "
        f"becomes {facts['negatives'][0]:.3f}, the deviation stays",
        alt="Two histograms of pixel values with a logarithmic axis, of digits and of their negatives.",
    )


def show_transform(run: Run, digits: Split) -> None:
    shown = digits.test_features[:SHOWN, 0]
    rows = [shown, 1 - shown, transformed(shown), transformed(1 - shown)]
    run.figure(
        "transform",
        drawing.image_grid(
            np.concatenate(rows),
            columns=SHOWN,
            row_labels=["x", "1 - x", "x(1 - x)", "1 - x, then\nx(1 - x)"],
            size=0.95,
        ),
        title="x(1 - x) makes a digit and its negative the same image: its edges, where pixels are grey",
        alt=f"{SHOWN} digits, their negatives, and both after x(1 - x): the last two rows are equal and show outlines. "
        "In each image the smallest value is black and the largest is white.",
    )


def show_ways(run: Run, digits: Split, first: dict[str, Any]) -> None:
    """Ways to the same accuracy on digits and negatives, and what x(1 - x) loses."""
    models = run.student("models")
    plain = digits.train_features, digits.train_targets
    both = np.concatenate([plain[0], 1 - plain[0]]), np.tile(plain[1], 2)
    rounded = digits._replace(train_features=plain[0].round(), test_features=digits.test_features.round())
    ways = [
        ("negatives added to the training set", models.LeNet5, both, digits),
        ("mean of LeNet5's logits for both", lambda: SeesBoth(models.LeNet5()), plain, digits),
        (ROUNDED, models.InversionInvariantLeNet5, (rounded.train_features, plain[1]), rounded),
    ]
    parts = {way: run.part(way, learn, run, *settings) for way, *settings in ways}
    rows = [
        [way, len(both[1] if "added" in way else plain[1]), round(part["seconds"], 1), *np.round(part["accuracies"], 2)]
        for way, part in {"x(1 - x)": first, **parts}.items()
    ]
    columns = ["way", "training images", "seconds", "accuracy on digits (%)", "accuracy on negatives (%)"]
    run.table("ways", "Ways to recognise negatives too (one run each)", columns, rows)


def transformed(images: Array) -> Array:
    """What InversionInvariantLeNet5 makes of images before its first layer."""
    values: Array = images * (1 - images)
    return values
