"""Exercise perceptrons: networks made by hand, a network that learns the same, and sizes of layers.

A network made by hand is a list of (weight, bias) pairs of NumPy arrays, one pair for each layer,
the first layer first. A layer with n_in inputs and n_out units has a weight of shape (n_out, n_in)
and a bias of shape (n_out,), as torch's nn.Linear has; the dtype is float64 or an integer dtype.
Its units first compute weight @ inputs + bias. Each network says what follows that.

Sizes are whole numbers. An argument of type `Size` is an int, for height and width alike, or a
tuple (height, width). The functions on images take and return NumPy arrays: write them with NumPy,
without torch's layers and functions.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from data.pentagons import PENTAGONS

Size = int | tuple[int, int]
Network = list[tuple[np.ndarray, np.ndarray]]


def pentagon_network() -> Network:
    """Choose by hand the weights of a network that recognises points in two pentagons.

    The corners of the pentagons, in order:

        (500, 1000) (300, 800) (400, 600) (600, 600) (700, 800)
        (500, 600) (100, 400) (300, 200) (700, 200) (900, 400)

    (They are also in `data.pentagons.PENTAGONS`; `data.load_data.load_pentagon_data` draws points
    with their classes.)

    Every unit is a threshold unit: its output is 1 if weight @ inputs + bias > 0, and 0 otherwise.
    The two inputs are a point's coordinates x and y, from 0 to 1000, without any scaling. There is
    a first layer of ten units, then a layer of two, then one unit: the output, which is 1 strictly
    inside either pentagon and 0 outside both.

    All points must be classified right, also those very near an edge or a corner, so do not round
    the weights.

    Returns:
        Three (weight, bias) pairs, of shapes (10, 2) and (10,), (2, 10) and (2,), (1, 2) and (1,).
    """
    raise NotImplementedError("to do: pentagon_network")


class PentagonMLP(nn.Module):
    """The trainable version of `pentagon_network`, with sigmoids and two logits.

    Input: points (N, 2), float32 coordinates x and y from 0 to 1000.
    Scaling; for each width in `hidden` a linear layer of that many units followed by a sigmoid;
    linear 2. Output: logits (N, 2), for outside (class 0) and inside (class 1). Nothing comes after
    the last linear layer.

    A network whose inputs are in the hundreds hardly learns, because its sigmoids are saturated. So
    the network scales the points itself. Each coordinate is shifted and then multiplied by a fixed
    factor, the same for every batch, such that 0 becomes -a and 1000 becomes a, for an `a` between
    1 and 2. (With 1.73, coordinates drawn uniformly have mean 0 and standard deviation 1.) The
    scaling is arithmetic with constants: it learns nothing, and it is not a layer.

    Every linear layer is an nn.Linear with a bias and is called as a module.

    Args:
        hidden: the widths of the hidden layers, first to last: a tuple or list of one or more ints.

    Raises:
        ValueError: if `hidden` is empty or a width is below 1.
    """

    def __init__(self, hidden: Sequence[int] = (10, 2)) -> None:
        super().__init__()
        raise NotImplementedError("to do: PentagonMLP.__init__")

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Points (N, 2) -> logits (N, 2)."""
        raise NotImplementedError("to do: PentagonMLP.forward")


def or_network() -> Network:
    """Choose the weights of a network for OR, with as few hidden units as possible.

    Each of the two inputs is 0 or 1. A ReLU follows every layer except the last, so a network of
    one layer has none. The one output must be at least 1 if one input is 1 or both are, and exactly
    0 if both are 0.

    Returns:
        One (weight, bias) pair for each layer; the last weight has one row.
    """
    raise NotImplementedError("to do: or_network")


def xor_network() -> Network:
    """Choose the weights of a network for XOR, with as few hidden units as possible.

    Inputs and ReLUs are as for `or_network`. The output must be at least 1 if the two inputs
    differ, and exactly 0 if they are equal.

    Returns:
        One (weight, bias) pair for each layer; the last weight has one row.
    """
    raise NotImplementedError("to do: xor_network")


def conv_output_shape(
    input_shape: tuple[int, int, int, int],
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> tuple[int, int, int, int]:
    """Compute the shape of the output of a two-dimensional convolution.

    It is the shape that torch's nn.Conv2d gives. Dumoulin and Visin, A guide to convolution
    arithmetic for deep learning (2016), https://arxiv.org/abs/1603.07285, derive the formula;
    chapter 5.1 has the one with a dilation.

    For example, conv_output_shape((8, 1, 10, 12), 4, kernel_size=3, stride=(1, 2)) is (8, 4, 8, 5).

    Args:
        input_shape: (N, C, H, W): the batch, the input channels, the height and the width.
        out_channels: the number of kernels.
        kernel_size: the height and width of a kernel.
        stride: how far the kernel moves, down and to the right.
        padding: how many rows of zeros are added above, and as many below; how many columns on the
            left, and as many on the right.
        dilation: the distance between neighbouring rows and columns of a kernel; 1 for an ordinary
            kernel.

    Returns:
        (N, C, H, W) of the output, four ints.

    Raises:
        ValueError: if `input_shape` does not have four sizes; if a size, `out_channels`, a stride
            or a dilation is below 1, or a padding below 0; or if the (dilated) kernel is larger
            than the padded input.
    """
    raise NotImplementedError("to do: conv_output_shape")


def conv_parameters(in_channels: int, out_channels: int, kernel_size: Size, bias: bool = True) -> int:
    """Count the numbers that a two-dimensional convolution learns, as torch's nn.Conv2d has it.

    Args:
        in_channels: the number of channels of the input.
        out_channels: the number of channels of the output.
        kernel_size: the height and width of a kernel.
        bias: whether there is a bias for each output channel.

    Returns:
        The number of weights in all kernels, plus the number of biases; an int.

    Raises:
        ValueError: if a number of channels or a size is below 1.
    """
    raise NotImplementedError("to do: conv_parameters")


def max_pool(image: np.ndarray, size: Size, stride: Size) -> np.ndarray:
    """Compute the largest value in each window of an image.

    The first window covers the upper left corner of the image. The others begin `stride` further
    down and to the right, as long as they fit inside the image. Rows and columns that are left over
    at the lower and right edges are dropped.

    Args:
        image: numbers of any float or integer dtype, also negative ones, shape (H, W). It is not
            changed.
        size: the height and width of a window.
        stride: how far apart windows begin, down and to the right.

    Returns:
        The value of each window, in the dtype of the image, shape ((H - height) // stride down + 1,
        (W - width) // stride right + 1).

    Raises:
        ValueError: if the image is not two-dimensional, if a size or stride is below 1, or if the
            window is larger than the image.
    """
    raise NotImplementedError("to do: max_pool")


def average_pool(image: np.ndarray, size: Size, stride: Size) -> np.ndarray:
    """Compute the mean of each window of an image.

    Args:
        image: as for `max_pool`.
        size: as for `max_pool`.
        stride: as for `max_pool`.

    Returns:
        The mean of each window, in a float dtype (float64 for an image of integers); the shape is
        that of `max_pool`.

    Raises:
        ValueError: as `max_pool` does.
    """
    raise NotImplementedError("to do: average_pool")
