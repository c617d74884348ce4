"""Images: a grid of them, and what a wrong order of axes does to one."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from grader.feedback.pictures.canvas import WIDTH, figure, image_axes, numbers
from grader.judging.examples import example_dog
from grader.judging.picture import NotDrawn

MOST_PIXELS = 100_000  # of a row
MOST_ROWS, MOST_COLUMNS = 4, 10
MOST_SIDE = 200  # pixels of an image's height and width
HIGHEST = 3.2  # inches


def draw_grid(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """Rows of grey images.

    `rows` is a list of (name, images (N, H, W), darkest, brightest), which may differ in size.
    `captions` say what the columns are, `alt` what there is to see.
    """
    names, stacks, lows, highs = zip(*data["rows"][:MOST_ROWS], strict=True)
    strips = [
        strip(numbers(images, MOST_PIXELS, axes=3)[:MOST_COLUMNS], low, high)
        for images, low, high in zip(stacks, lows, highs, strict=True)
    ]
    captions = [str(caption) for caption in data["captions"][:MOST_COLUMNS]]
    width = max(one.shape[1] for one in strips)
    whole = np.concatenate([np.pad(one, ((0, 0), (0, width - one.shape[1])), constant_values=1) for one in strips])
    height = len(whole)
    room = WIDTH - 0.1 - 0.075 * max(map(len, names))
    drawn = figure(min(room * height / width + (0.4 if captions else 0.1), HIGHEST))
    axes = drawn.add_subplot()
    axes.imshow(whole, cmap="gray", vmin=0, vmax=1, interpolation="none")
    image_axes(axes)
    ends = np.cumsum([len(one) for one in strips])
    for name, one, end in zip(names, strips, ends, strict=True):
        axes.text(-0.5 - width * 0.01, end - len(one) / 2, str(name), ha="right", va="center", fontsize=9)
    for column, caption in enumerate(captions):
        axes.text((column + 0.5) * width / len(captions), -height * 0.01, caption, ha="center", va="bottom", fontsize=8)
    named = f" Columns: {'; '.join(' '.join(caption.split()) for caption in captions)}." if captions else ""
    return drawn, f"{data['alt']}{named}"


def strip(images: np.ndarray, low: float, high: float) -> np.ndarray:
    """Images side by side, from 0 (black) to 1 (white); what is not a number is black."""
    n, height, width = images.shape
    if max(height, width) > MOST_SIDE:
        raise NotDrawn(f"There is no picture of images larger than {MOST_SIDE}x{MOST_SIDE} pixels.")
    scaled = np.nan_to_num(np.clip((images - low) / (high - low), 0, 1))
    gap = 1 + width // 20
    padded = np.ones((n, height + gap, width + gap))
    padded[:, :height, :width] = scaled
    return padded.transpose(1, 0, 2).reshape(height + gap, n * (width + gap))


def draw_layout(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """What reordering axes and what changing the shape do to an example image.

    `expected` and `found` are steps of a network, as "permute(0, 3, 1, 2)" and
    "reshape to (N, 3, 64, 64)".
    """
    image = example_dog()
    shapes = re.findall(r"\d+", str(data["found"]).partition("(")[2])[-3:]
    if sorted(map(int, shapes)) != sorted(image.shape):
        raise NotDrawn("There is no picture for images of this shape.")
    viewed = image.reshape([int(size) for size in shapes])
    seen = viewed.transpose(1, 2, 0) if viewed.shape[0] == 3 else viewed
    drawn = figure(1.75)
    titles = ("the image", "expected", "yours")
    for axes, title, picture in zip(drawn.subplots(1, 3), titles, (image, image, seen), strict=True):
        axes.imshow(picture, interpolation="none")
        axes.set_title(title, fontsize=10)
        image_axes(axes)
    alt = (
        f"Three pictures. An image of a dog; the same dog after {data['expected']}; after {data['found']} the pixels "
        "are scrambled into small, repeated and wrongly coloured pieces, and no dog can be seen."
    )
    return drawn, alt
