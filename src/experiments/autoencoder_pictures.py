"""The pictures of the experiment autoencoders: images from codes, denoised ones, feature maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from torch import nn

from data.split import Array
from src.experiments import drawing
from src.experiments.layers import outputs_of_first_convolution
from src.experiments.run import Run
from src.experiments.subsets import Subsets
from src.experiments.training import logits_of

KINDS = ("gaussian", "salt_and_pepper", "zero")
AMOUNTS = (0.5, 0.2, 0.3)
N_SHOWN = 10


def draw_reconstructions(run: Run, images: Subsets, model: nn.Module) -> None:
    shown = images.test[0][:N_SHOWN]
    results = restored(run, model, shown)
    figure = drawing.image_grid(
        [*shown[:, 0], *results[:, 0]], columns=N_SHOWN, row_labels=("image", "from its code"), limits=(-1, 1)
    )
    run.figure(
        "reconstructions",
        figure,
        title=f"Test images and what 32 numbers keep of them: error {squared_error(results, shown):.3f}",
        alt="Two rows: ten test images, and below each what the plain autoencoder makes of it.",
    )


def draw_denoised(run: Run, images: Subsets, model: nn.Module) -> None:
    """Two images for each kind of noise: clean, corrupted, restored."""
    noises: dict[str, tuple[Any, Any]] = {
        f"{kind.replace('_', ' ')}\n{amount}": (kind, amount) for kind, amount in zip(KINDS, AMOUNTS, strict=True)
    }
    noises["all three"] = (KINDS, AMOUNTS)
    clean = np.concatenate([images.test[0][2 * place : 2 * place + 2] for place in range(len(noises))])
    noisy = np.concatenate(
        [corrupted(run, clean[2 * place : 2 * place + 2], *noise) for place, noise in enumerate(noises.values())]
    )
    results = restored(run, model, noisy)
    captions = [text for name in noises for text in (name, name)]
    figure = drawing.image_grid(
        [*clean[:, 0], *noisy[:, 0], *results[:, 0]],
        captions,
        columns=len(clean),
        row_labels=("clean", "corrupted", "restored"),
        limits=(-1, 1),
    )
    before, after = (squared_error(some[-2:], clean[-2:]) for some in (noisy, results))
    run.figure(
        "denoised",
        figure,
        title=f"With all three kinds of noise, restoring changes the error from {before:.2f} to {after:.2f}",
        alt="Three rows: clean images, the same with Gaussian noise, salt and pepper, zeroed pixels, or all three, and "
        "what the denoising autoencoder makes of them.",
    )


def draw_maps(run: Run, images: Subsets, models: dict[str, nn.Module]) -> None:
    """The first convolution's feature maps of one image, from three autoencoders."""
    names = ("plain", "plain, another seed", "denoising")
    image = images.test[0][:1]
    maps = [outputs_of_first_convolution(models[name], image)[0] for name in names]
    run.figure(
        "maps",
        grid_of_maps(image[0, 0], maps, names),
        title=f"First convolution: {bright_share(maps[0]):.0f}, {bright_share(maps[1]):.0f} and "
        f"{bright_share(maps[2]):.0f} % of the values are above 0 (plain, another seed, denoising)",
        alt="Three rows: a test image and the feature maps that the first convolution makes of it, in grey, from "
        "the plain autoencoder, from one with other initial weights, and from the denoising one.",
    )


def grid_of_maps(image: Array, maps: Sequence[Array], names: Sequence[str]) -> Figure:
    return drawing.image_grid(
        [picture for channels in maps for picture in (image, *channels)],
        ["image", *map(str, range(1, len(maps[0]) + 1))],
        columns=1 + len(maps[0]),
        row_labels=[name.replace(", ", ",\n") for name in names],
        size=0.6,
    )


def bright_share(maps: Array) -> float:
    return 100 * float((maps > 0).mean())


def corrupted(run: Run, images: Array, kind: str | Sequence[str], amount: float | Sequence[float]) -> Array:
    """Images with the same noise in every call."""
    rng = np.random.default_rng(run.seed + 1)
    return np.asarray(run.student("autoencoder").corrupt(images, kind, amount, rng))


def restored(run: Run, model: nn.Module, images: Array) -> Array:
    """What an autoencoder makes of images."""
    return logits_of(run, model, images)  # a network's outputs, whatever they mean


def squared_error(images: Array, clean: Array) -> float:
    return float(np.square(images - clean, dtype=np.float64).mean())


def draw_labels(per_class: Sequence[float], frozen: Sequence[float], alone: Sequence[float]) -> Figure:
    """Accuracies against the number of labelled images of each class."""
    figure = drawing.lines(
        {"frozen encoder and linear layer": frozen, "the same layers, from these images alone": alone},
        per_class,
        xlabel="labelled images per class",
        ylabel="test accuracy (%)",
    )
    ticks = sorted(set(per_class))
    plot = figure.axes[0]
    plot.set_xscale("log")
    plot.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    plot.minorticks_off()
    return figure
