"""What the loaders return: training and test data side by side."""

from typing import Any, Literal, NamedTuple

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
