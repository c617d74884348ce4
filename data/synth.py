"""Generated images in two classes that only the orientation of their edges tells apart."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SIZE = 28
MARGIN = 3  # at least so many pixels lie on either side of a stripe, so that both its edges can be seen


def load_synth_data(examples_per_class: int = 5_000, seed: int = 0) -> tuple[Array, Array]:
    """Shuffled images, float32 (N, 28, 28, 1) with values 0..255 and channels LAST, and their labels, int64 (N,).

    An image shows one stripe from border to border.  Class 0: its two edges are vertical; class 1: horizontal.
    Its place, its width (3 to 7 pixels), which of stripe and ground is brighter, the two grey levels (at least 100
    apart) and a little noise (standard deviation 10) are random and drawn alike for both classes, so that no pixel and
    no sum of pixels says anything about the class.
    N is twice `examples_per_class`; the same `seed` gives the same images.
    Raises ValueError if `examples_per_class` is below 1.

    Why a stripe and not a single edge: SynthClassifier, trained on 8,000 images as in the synth-kernels experiment, was
    right on 95 to 99.9 % of the others for 3 of 4 seeds; with a single edge on 70 to 98 %.  For the fourth it stayed at
    chance with both.
    """
    if examples_per_class < 1:
        raise ValueError(f"examples_per_class is {examples_per_class}. Ask for at least 1.")
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(2, dtype=np.int64), examples_per_class))
    profiles = _stripe_profiles(len(labels), rng)
    vertical = (labels == 0)[:, None, None]
    images = np.where(vertical, profiles[:, None, :], profiles[:, :, None])
    images = images + rng.standard_normal((len(labels), SIZE, SIZE), np.float32) * 10
    return np.clip(images, 0, 255)[..., None], labels


def _stripe_profiles(n: int, rng: np.random.Generator) -> Array:
    """Grey levels across a stripe, float32 (n, 28)."""
    width = rng.integers(3, 7, (n, 1), endpoint=True)
    start = rng.integers(MARGIN, SIZE - MARGIN - width, endpoint=True)
    contrast = rng.uniform(100, 255, (n, 1))
    dark = rng.uniform(0, 255 - contrast)
    bright_ground = rng.integers(2, size=(n, 1), dtype=bool)
    position = np.arange(SIZE)
    stripe = (start <= position) & (position < start + width)
    return np.where(stripe ^ bright_ground, dark + contrast, dark).astype(np.float32)
