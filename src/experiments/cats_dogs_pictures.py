"""cats-dogs, the pictures: images that are hard for the network, kernels, and feature maps."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from data.split import Array
from data.three_parts import ThreeParts
from src.experiments import drawing
from src.experiments.run import Run
from src.experiments.training import probabilities_of

N_HARD = 5  # images of each kind
KINDS = ("cat", "dog")
AUGMENTED = 5  # versions of each of two images
SLICES = 8  # input and output channels of the last convolution that are shown


def draw_all(run: Run, model: nn.Module, images: ThreeParts, augment: Callable[[Any], Any]) -> None:
    """Every figure of the trained network except its curves."""
    draw_augmented(run, images, augment)
    shares = probabilities_of(run, model, images.valid_features)
    draw_unsure(run, images, shares)
    draw_wrong(run, images, shares)
    convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    draw_kernels(run, convolutions[0])
    draw_last(run, convolutions[-1])
    draw_maps(run, convolutions[0], images.valid_features[0])


def draw_augmented(run: Run, images: ThreeParts, augment: Callable[[Any], Any]) -> None:
    shown, captions = [], []
    with torch.random.fork_rng():
        torch.manual_seed(run.seed)
        for label in range(len(KINDS)):
            image = torch.from_numpy(images.train_features[images.train_targets == label][0])
            shown += [image, *(augment(image) for _ in range(AUGMENTED))]
            captions += ["as it is", *["augmented"] * AUGMENTED]
    run.figure(
        "augmented",
        drawing.image_grid([to_picture(image.numpy()) for image in shown], captions, columns=AUGMENTED + 1),
        title="Two training images, and some of their augmentations",
        alt="A cat and a dog as they are, and five changed versions of each: cut, mirrored, in other colours.",
    )


def draw_unsure(run: Run, images: ThreeParts, shares: Array) -> None:
    """The cats and the dogs whose probability is nearest one half."""
    labels = images.valid_targets
    right = shares[np.arange(len(shares)), labels]
    chosen = [lowest(np.abs(right - 0.5), labels == label) for label in range(len(KINDS))]
    run.figure(
        "unsure",
        hard_grid(
            images, chosen, [f"{KINDS[label]}: {100 * share:.1f} %" for label, share in zip(labels, right, strict=True)]
        ),
        title="The validation images that the network is most unsure of, with its probability for the right answer",
        alt="Five images of cats and five of dogs, each with a probability near one half.",
    )


def draw_wrong(run: Run, images: ThreeParts, shares: Array) -> None:
    """The cats and the dogs that get the smallest probability of being what they are."""
    labels = images.valid_targets
    right = shares[np.arange(len(shares)), labels]
    wrong = right < 0.5
    chosen = [lowest(right, (labels == label) & wrong) for label in range(len(KINDS))]
    answers = [f"{KINDS[1 - label]}: {100 * (1 - share):.0f} %" for label, share in zip(labels, right, strict=True)]
    run.figure(
        "wrong",
        hard_grid(images, chosen, answers),
        title=f"The surest of {wrong.sum()} mistakes on {len(right)} validation images, with the network's answer",
        alt="Up to five images of cats and five of dogs, each with the wrong answer and its probability.",
    )


def hard_grid(images: ThreeParts, chosen: Sequence[Array], captions: Sequence[str]) -> Figure:
    """A row of cats and a row of dogs; `captions` has one text for each validation image."""
    shown: list[Array | None] = []
    texts: list[str] = []
    for row in chosen:
        gap = N_HARD - len(row)
        shown += [*(to_picture(images.valid_features[index]) for index in row), *[None] * gap]
        texts += [*(captions[index] for index in row), *[""] * gap]
    return drawing.image_grid(shown, texts, columns=N_HARD, row_labels=("cats", "dogs"), size=1.4)


def draw_kernels(run: Run, convolution: nn.Conv2d) -> None:
    """The first convolution's kernels in colour, each from its smallest to its largest weight."""
    kernels = convolution.weight.detach().cpu().numpy().transpose(0, 2, 3, 1)
    low, high = kernels.min((1, 2, 3), keepdims=True), kernels.max((1, 2, 3), keepdims=True)
    run.figure(
        "kernels",
        drawing.image_grid((kernels - low) / (high - low), [str(n) for n in range(len(kernels))], columns=8, size=0.8),
        title=f"The {len(kernels)} kernels of the first convolution, each in its own scale",
        alt="Small squares of 3x3 coloured pixels, one for each kernel.",
    )


def draw_last(run: Run, convolution: nn.Conv2d) -> None:
    """Some of the last convolution's kernels, in rows of output and columns of input channels."""
    weights = convolution.weight.detach().cpu().numpy()[:SLICES, :SLICES]
    side = weights.shape[-1]
    framed = np.pad(weights, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)  # gaps between the slices
    picture = framed.transpose(0, 2, 1, 3).reshape(SLICES * (side + 1), -1)[:-1, :-1]
    largest = float(np.abs(weights).max())
    figure, grid = drawing.panels(width=6, height=5)
    axes = grid[0, 0]
    shown = axes.imshow(picture, cmap="gray", vmin=-largest, vmax=largest)
    figure.colorbar(shown, ax=axes, label="weight")
    places, names = np.arange(SLICES) * (side + 1) + (side - 1) / 2, [str(n) for n in range(SLICES)]
    axes.set(xlabel="input channel", ylabel="output channel")
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
    axes.grid(visible=False)
    n_slices = convolution.in_channels * convolution.out_channels
    run.figure(
        "last",
        figure,
        title=f"{SLICES * SLICES} of the last convolution's {n_slices:,} slices",
        alt="Grey squares of 3x3 pixels: a row for each output channel, a column for each input channel.",
    )


def draw_maps(run: Run, convolution: nn.Conv2d, image: Array) -> None:
    with torch.no_grad():
        inputs = torch.from_numpy(image)[None].to(convolution.weight.device)
        maps = convolution(inputs).clamp(min=0)[0].cpu().numpy()
    colour = to_picture(image)
    run.figure(
        "maps",
        drawing.image_grid([colour, *maps], ["image", *(str(n) for n in range(len(maps)))], columns=11, size=0.8),
        title=f"An image and its {len(maps)} feature maps after the first convolution and ReLU, each in its own scale",
        alt="A colour image, then a small grey picture for each kernel of the first convolution.",
    )


def lowest(values: Array, allowed: Array) -> Array:
    """The indices of the allowed images with the lowest values."""
    indices = np.flatnonzero(allowed)
    return indices[np.argsort(values[indices])][:N_HARD]


def to_picture(image: Array) -> Array:
    """(3, H, W) -> (H, W, 3), as figures show it."""
    return np.clip(image.transpose(1, 2, 0), 0, 1)
