"""Images: a grid of them, and what a wrong order of axes does to one."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from data.drawn_dogs import draw_dog
from grader.feedback.pictures.canvas import WIDTH, figure, image_axes, numbers
from grader.judging.picture import NotDrawn

MOST_PIXELS = 100_000  # of a row
MOST_ROWS, MOST_COLUMNS = 4, 10
GAP = 2  # pixels between images
SEED = 4  # of the example image
BREED = "collie"


def draw_grid(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """Rows of grey images.

    `rows` is a list of (name, images (N, H, W), darkest, brightest), `captions` say what the
    columns are, `alt` what there is to see.
    """
    rows = data["rows"][:MOST_ROWS]
    strips = [strip(numbers(images, MOST_PIXELS, axes=3)[:MOST_COLUMNS], low, high) for _, images, low, high in rows]
    captions = [str(caption) for caption in data["captions"][:MOST_COLUMNS]]
    widest = max(one.shape[1] for one in strips)
    drawn = figure(min(sum(one.shape[0] for one in strips) / widest * WIDTH * 0.84 + 0.25 * len(strips) + 0.3, 8))
    all_axes = drawn.subplots(len(strips), 1, squeeze=False)[:, 0]
    for axes, one, (name, *_) in zip(all_axes, strips, rows, strict=True):
        axes.imshow(one, cmap="gray", vmin=0, vmax=1, interpolation="none")
        image_axes(axes)
        axes.set_ylabel(str(name), rotation=0, ha="right", va="center")
    side = strips[0].shape[1] / max(len(captions), 1)
    for place, caption in enumerate(captions):
        all_axes[0].text((place + 0.5) * side, -side * 0.06, caption, ha="center", va="bottom", fontsize=8.5)
    named = f" Columns: {'; '.join(' '.join(caption.split()) for caption in captions)}." if captions else ""
    return drawn, f"{data['alt']}{named}"


def strip(images: np.ndarray, low: float, high: float) -> np.ndarray:
    """Images side by side, from 0 (black) to 1 (white); what is not a number is black."""
    n, height, width = images.shape
    scaled = np.nan_to_num(np.clip((images - low) / (high - low), 0, 1))
    padded = np.ones((n, height, width + GAP))
    padded[:, :, :width] = scaled
    return padded.transpose(1, 0, 2).reshape(height, n * (width + GAP))


def draw_layout(data: Mapping[str, Any]) -> tuple[Figure, str]:
    """What reordering axes and what changing the shape do to an example image.

    `expected` and `found` are steps of a network, as "permute(0, 3, 1, 2)" and
    "reshape to (N, 3, 64, 64)".
    """
    image = draw_dog(BREED, np.random.default_rng(SEED)) / 255
    shapes = re.findall(r"\d+", str(data["found"]).partition("(")[2])[-3:]
    if sorted(map(int, shapes)) != sorted(image.shape):
        raise NotDrawn("There is no picture for images of this shape.")
    viewed = image.reshape([int(size) for size in shapes])
    seen = viewed.transpose(1, 2, 0) if viewed.shape[0] == 3 else viewed
    drawn = figure(2.5)
    titles = ("the image", f"expected:\n{data['expected']}", f"yours:\n{data['found']}")
    for axes, title, picture in zip(drawn.subplots(1, 3), titles, (image, image, seen), strict=True):
        axes.imshow(picture, interpolation="none")
        axes.set_title(title, fontsize=9.5)
        image_axes(axes)
    alt = (
        f"Three pictures. An image of a dog; the same dog after {data['expected']}; after {data['found']} the pixels "
        "are scrambled into small, repeated and wrongly coloured pieces, and no dog can be seen."
    )
    return drawn, alt
