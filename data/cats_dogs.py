"""Cats and dogs: colour images of 64x64 pixels in three parts that never overlap."""

from pathlib import Path
from typing import NamedTuple

from data.split import Array


class ThreeParts(NamedTuple):
    """Training, validation and test data: features are the inputs, targets their labels."""

    train_features: Array
    valid_features: Array
    test_features: Array
    train_targets: Array
    valid_targets: Array
    test_targets: Array


def load_cats_dogs_data(
    examples_per_class: int | None = None,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    data_dir: str | Path | None = None,
    seed: int = 0,
) -> ThreeParts:
    """Load images of cats (label 0) and dogs (label 1), in random order.

    The images come from a folder or a zip that holds a folder named cat or cats and one named dog
    or dogs (in any case), with or without folders train, valid and test above them. Images of any
    size become 64x64. If `data_dir` holds no such folder but CIFAR-10, its cats and dogs are used.

    Args:
        examples_per_class: how many cats and how many dogs, all parts together; None for all.
        fractions: the shares of training, validation and test images. A part that the folder has
            keeps its images; other parts are split off by these shares.
        data_dir: the folder or zip, or "offline"; see `data.folders`.
        seed: decides which images are drawn, the split and the order.

    Returns:
        (train_features, valid_features, test_features, train_targets, valid_targets, test_targets).
        Features are float32 in [0, 1] of shape (N, 3, 64, 64), channels first; targets are int64 of
        shape (N,). No image is in two parts, and none is in a part twice.

    Raises:
        ValueError: if an argument is out of range, an image is damaged, or there are fewer images
            than you ask for.
        FileNotFoundError: if the folder that you name holds no cats and dogs.
    """
    raise NotImplementedError
