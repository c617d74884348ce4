"""The data set that the exercises train on: two arrays side by side."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset


class MyDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """The pairs (features, label) of two NumPy arrays.

    `dataset[i]` is the pair of tensors (x[i], y[i]) with the dtypes of the arrays; a training loop
    converts them. torch shares the memory of the arrays if it can. If it can't, they are copied:
    that is so for arrays that are read-only, strided or byte-swapped, and for long doubles, which
    become float64.

    Args:
        x: the features, of any float or integer dtype, shape (N, ...).
        y: the labels, of any float or integer dtype, shape (N,) or (N, ...).

    Raises:
        ValueError: if the lengths differ, or if an array holds neither floats nor integers.
    """

    def __init__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        self.x, self.y = _tensor("x", x), _tensor("y", y)
        if len(self.x) != len(self.y):
            raise ValueError(
                f"MyDataset got {len(self.x)} examples in x but {len(self.y)} labels in y. Pass one label per example."
            )

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.x[index], self.y[index]


def _tensor(argument: str, values: npt.ArrayLike) -> torch.Tensor:
    array: npt.NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in "fiub" or array.ndim == 0:
        raise ValueError(
            f"MyDataset got {argument} as an array of dtype {array.dtype} and shape {array.shape}. "
            "Pass an array of floats or integers with one entry per example."
        )
    dtype = np.dtype("f8") if array.dtype == np.longdouble else array.dtype.newbyteorder("=")
    return torch.from_numpy(np.require(array, dtype, ["C", "W"]))
