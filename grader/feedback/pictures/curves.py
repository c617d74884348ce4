"""Curves over epochs: when training stopped and should have, or losses and the expected ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.feedback.pictures.canvas import EXPECTED, FOUND, INK, QUIET, figure, listed, near, numbers

MOST = 200  # points of a curve
MOST_CURVES = 4
THIN = "#5b616a"  # dark enough to read


def draw_stop(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """A loss by epoch, and after which epoch training should have stopped and did.

    `losses` are those of all epochs, `expected` and `found` count epochs, `loss` says which loss.
    `training`, if given, are the training losses of these epochs.
    """
    losses = numbers(data["losses"], MOST)
    expected, found, loss = int(data["expected"]), int(data["found"]), str(data["loss"])
    epochs = np.arange(1, len(losses) + 1)
    drawn = figure(2.8)
    axes = drawn.add_subplot()
    axes.plot(epochs, losses, ":", color=QUIET, linewidth=1.5)
    both = min(expected, found)
    axes.plot(epochs[:both], losses[:both], "-o", color=EXPECTED, linewidth=2, markersize=6)
    if found > expected:
        axes.plot(
            epochs[expected - 1 : found],
            losses[expected - 1 : found],
            "--s",
            color=FOUND,
            linewidth=2,
            markersize=5,
            markevery=slice(1, None),
        )
    axes.axvline(expected, color=EXPECTED, linewidth=1.5, label=f"should stop after epoch {expected}")
    axes.axvline(found, color=FOUND, linestyle="--", linewidth=1.5, label=f"stopped after epoch {found}")
    axes.set_xlabel("epoch")
    axes.set_ylabel(loss)
    training = add_training(axes, epochs, data.get("training"))
    drawn.legend(loc="outside upper left", ncols=2, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    alt = (
        f"Line chart of the {loss} by epoch: {listed(losses)}. Training should stop after epoch {expected}; "
        f"it stopped after epoch {found}.{training}"
    )
    return drawn, alt


def add_training(axes: Axes, epochs: np.ndarray, training: Any) -> str:
    """Draw training losses as a thin line with a scale of its own; a sentence that tells them.

    On one scale, the larger of two losses would flatten the other.
    """
    if training is None:
        return ""
    losses = numbers(training, MOST)
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.plot(epochs, losses, "-.", color=THIN, linewidth=1)
    right.set_ylabel("training loss (thin line)", color=THIN)
    right.tick_params(axis="y", colors=THIN)
    return f" The training loss by epoch, as a thin line: {listed(losses)}."


def draw_curves(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """Curves next to the expected ones.

    `curves` is a list of (name, expected, found), lists of numbers by epoch.  `what` says what the
    numbers are.
    """
    curves = [
        (str(name), numbers(expected, MOST), numbers(found, MOST) if len(found) else np.full(1, np.nan))
        for name, expected, found in data["curves"][:MOST_CURVES]
    ]
    drawn = figure(2.7)
    all_axes = drawn.subplots(1, len(curves), squeeze=False)[0]
    alts = []
    for axes, (name, expected, found) in zip(all_axes, curves, strict=True):
        shown = near(found, expected)
        axes.plot(
            np.arange(1, len(expected) + 1), expected, "-o", color=EXPECTED, linewidth=2, markersize=7, label="expected"
        )
        axes.plot(np.arange(1, len(found) + 1), shown, "--s", color=FOUND, linewidth=2, markersize=4.5, label="yours")
        axes.set_title(name, fontsize=10, color=INK)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        left_out = int(np.isnan(shown).sum())
        if left_out:
            axes.annotate(
                f"{left_out} of {len(found)} values\nare not in the picture",
                (0.98, 0.98),
                xycoords="axes fraction",
                ha="right",
                va="top",
                fontsize=8.5,
                color=FOUND,
            )
        alts.append(f"{name}: expected {listed(expected)}; yours {listed(found)}.")
    all_axes[0].set_ylabel(str(data["what"]))
    handles, labels = all_axes[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside upper left", ncols=2, fontsize=9)
    return drawn, f"Line charts of the {data['what']} by epoch. {' '.join(alts)}"
