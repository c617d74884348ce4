"""What the loaders return: training and test data side by side."""

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Part = Literal["train", "test"]
PARTS: tuple[Part, Part] = ("train", "test")


class Split(NamedTuple):
    """The four arrays of a data set: features are the inputs, targets their labels."""

    train_features: Array
    test_features: Array
    train_targets: Array
    test_targets: Array


def to_features(images: Array) -> Array:
    """Make images what networks take.

    Args:
        images: uint8 or float32 in [0, 1], shape (N, H, W) if they are grey and (N, H, W, 3) if
            they are in colour.

    Returns:
        float32 in [0, 1], shape (N, H, W), or (N, 3, H, W) with channels first.
    """
    if images.ndim == 4:
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    if images.dtype == np.float32:
        return images
    features = images.astype(np.float32)
    features /= 255  # in place, since all of CIFAR-10 takes 740 MB
    return features
