"""Split labelled images into training, validation and test parts that never overlap."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data.split import Array

TRAIN, VALID, TEST = range(3)
NAMES = ("training", "validation", "test")


class ThreeParts(NamedTuple):
    """Training, validation and test data: features are the inputs, targets their labels."""

    train_features: Array
    valid_features: Array
    test_features: Array
    train_targets: Array
    valid_targets: Array
    test_targets: Array


class Pictures(NamedTuple):
    """Images (N, ...), their labels (N,), and the part that each belongs to (N,)."""

    images: Array
    labels: Array
    parts: Array

    def only(self, chosen: Array) -> "Pictures":
        """Those at some indices."""
        return Pictures(self.images[chosen], self.labels[chosen], self.parts[chosen])


def check_fractions(fractions: Sequence[float]) -> None:
    """Raise ValueError if these are not three shares."""
    if len(fractions) != 3 or not min(fractions) >= 0 or not abs(sum(fractions) - 1) < 1e-6:
        raise ValueError(f"fractions is {fractions!r}. Give three shares from 0 to 1 that add up to 1.")


def without_repeats(pictures: Pictures) -> Pictures:
    """Keep one of several equal images: in the test part if one is there, else in validation."""
    first: dict[bytes, int] = {}
    for index in np.argsort(-pictures.parts, kind="stable").tolist():
        first.setdefault(hashlib.sha1(pictures.images[index].tobytes()).digest(), index)
    return pictures.only(np.sort(list(first.values())))


def split_off(pictures: Pictures, fractions: Sequence[float], rng: np.random.Generator) -> Pictures:
    """Split off the parts that have no images yet from the training images, class by class.

    Args:
        pictures: the images. Those whose part is unknown count as training images.
        fractions: the shares of the three parts.
        rng: decides which images go where.

    Returns:
        The same images with other parts.
    """
    parts = pictures.parts.copy()
    shares = [0.0 if part != TRAIN and (parts == part).any() else fractions[part] for part in (TRAIN, VALID, TEST)]
    for label in np.unique(pictures.labels):
        order = rng.permutation(np.flatnonzero((pictures.labels == label) & (pictures.parts == TRAIN)))
        if sum(shares) > 0:
            parts[order] = np.repeat((TRAIN, VALID, TEST), counts(len(order), shares))
    return pictures._replace(parts=parts)


def draw(pictures: Pictures, per_class: int, fractions: Sequence[float], rng: np.random.Generator) -> Pictures:
    """Draw as many images of each class, in parts of the shares that you name.

    Raises:
        ValueError: if there are too few.
    """
    chosen = []
    for part, wanted in enumerate(counts(per_class, fractions)):
        for label in np.unique(pictures.labels):
            order = rng.permutation(np.flatnonzero((pictures.labels == label) & (pictures.parts == part)))
            if len(order) < wanted:
                raise ValueError(
                    f"examples_per_class and fractions ask for {wanted} {NAMES[part]} images of each class, but there "
                    f"are only {len(order)} of class {label}. Ask for fewer."
                )
            chosen.append(order[:wanted])
    return pictures.only(np.concatenate(chosen))


def counts(n: int, shares: Sequence[float]) -> list[int]:
    """Divide n things by shares, rounded so that the sum is n."""
    ends = np.rint(n * np.cumsum(shares) / sum(shares)).astype(int)
    return [int(count) for count in np.diff(ends, prepend=0)]
