"""Exercise perceptrons: small networks made by hand, one that learns what they do, and the sizes of layers.

A network made by hand is a list of (weight, bias) pairs of NumPy arrays, one pair for each layer, the first layer
first.  A layer with n_in inputs and n_out units has a weight of shape (n_out, n_in) and a bias of shape (n_out,), as
torch's nn.Linear has; the dtype is float64 or an integer one.  Its units first compute weight @ inputs + bias.  What
follows that is said with each network.

Sizes are whole numbers.  Where an argument is a `Size`, an int stands for height and width alike, and a tuple is
(height, width).  Wrong arguments raise a ValueError whose message names the argument, its value, and what is allowed.
The functions on images take and return NumPy arrays: write them with NumPy, without torch's layers.
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
    """Weights, chosen by hand, of a network that tells whether a point lies in one of two pentagons.

    Corners of the pentagons, in order:

        (500, 1000) (300, 800) (400, 600) (600, 600) (700, 800)
        (500, 600) (100, 400) (300, 200) (700, 200) (900, 400)

    (They stand in `data.pentagons.PENTAGONS`, too; `data.load_data.load_pentagon_data` draws points with their classes.)

    Every unit is a threshold unit: its output is 1 where weight @ inputs + bias > 0, and 0 elsewhere.  The two inputs
    are a point's coordinates x and y, from 0 to 1000, as they are.  A first layer of ten units, then a layer of two,
    then one unit: the output, 1 strictly inside either pentagon and 0 outside both.

    All points must be classified right, those very near an edge or a corner too: don't round the weights.

    Returns:
        Three (weight, bias) pairs, of shapes (10, 2) and (10,), (2, 10) and (2,), (1, 2) and (1,).
    """
    raise NotImplementedError("to do: pentagon_network")


class PentagonMLP(nn.Module):
    """The trainable version of `pentagon_network`: sigmoids in place of thresholds, two logits in place of one output.

    Input: points (N, 2), float32 coordinates x and y from 0 to 1000.
    Scaling; for each width in `hidden` a linear layer of that many units followed by a sigmoid; linear 2.
    Output: logits (N, 2), for outside (class 0) and inside (class 1); nothing comes after the last linear layer.

    A network whose inputs are in the hundreds hardly learns, since its sigmoids are saturated.  So the network scales
    the points itself: each coordinate is shifted and then multiplied by a fixed factor, the same for every batch, such
    that 0 becomes -a and 1000 becomes a, for an `a` between 1 and 2.  (At 1.73 coordinates drawn uniformly have mean 0
    and standard deviation 1.)  The scaling is arithmetic with constants: it learns nothing and is no layer.

    Every linear layer is an nn.Linear with a bias, is called as a module, and starts with torch's own random weights.

    Args:
        hidden: the widths of the hidden layers, first to last: a tuple or list of one or more ints.

    Raises ValueError if `hidden` is empty or a width is below 1.
    """

    def __init__(self, hidden: Sequence[int] = (10, 2)) -> None:
        super().__init__()
        raise NotImplementedError("to do: PentagonMLP.__init__")

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Points (N, 2) -> logits (N, 2)."""
        raise NotImplementedError("to do: PentagonMLP.forward")


def or_network() -> Network:
    """Weights of a network for OR, with as few hidden units as can be.

    The two inputs are 0 or 1 each.  A ReLU follows every layer but the last, so that a network of one layer has none.
    The one output must be at least 1 where either input is 1 or both are, and exactly 0 where both are 0.

    Returns:
        One (weight, bias) pair for each layer; the last weight has one row.
    """
    raise NotImplementedError("to do: or_network")


def xor_network() -> Network:
    """Weights of a network for XOR, with as few hidden units as can be.

    Inputs, ReLUs and the returned value are as for `or_network`.  The output must be at least 1 where the two inputs
    differ, and exactly 0 where they are equal.
    """
    raise NotImplementedError("to do: xor_network")


def conv_output_shape(
    input_shape: Sequence[int],
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> tuple[int, int, int, int]:
    """The shape of what a two-dimensional convolution gives, as torch's nn.Conv2d computes it.

    Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), https://arxiv.org/abs/1603.07285,
    derive the formula; chapter 5.1 has that for a dilation.

    Args:
        input_shape: (N, C, H, W), the batch, the input channels, height and width.
        out_channels: how many kernels there are.
        kernel_size: height and width of a kernel.
        stride: how far it moves, down and to the right.
        padding: rows of zeros added above and, as many, below; columns added on the left and on the right.
        dilation: the step between a kernel's own rows and columns; 1 for an ordinary kernel.

    Returns:
        (N, C, H, W) of the output, four ints.

    Raises ValueError if `input_shape` does not have four sizes, if a size, `out_channels`, a stride or a dilation is
    below 1 or a padding below 0, and if the (dilated) kernel is larger than the padded input.

    For example, conv_output_shape((8, 1, 10, 12), 4, kernel_size=3, stride=(1, 2)) is (8, 4, 8, 5).
    """
    raise NotImplementedError("to do: conv_output_shape")


def conv_parameters(in_channels: int, out_channels: int, kernel_size: Size, bias: bool = True) -> int:
    """How many numbers a two-dimensional convolution learns, as nn.Conv2d has them: its kernels' weights and, with
    `bias`, a bias for each output channel.

    Args:
        in_channels, out_channels: channels of the input and of the output.
        kernel_size: height and width of a kernel.

    Raises ValueError if a number of channels or a size is below 1.
    """
    raise NotImplementedError("to do: conv_parameters")


def max_pool(image: np.ndarray, size: Size, stride: Size) -> np.ndarray:
    """The greatest value in each window of an image.

    The first window covers the image's upper left corner; the others lie `stride` further down and to the right, as
    long as they fit inside the image: what is left over at the lower and right edges is dropped.

    Args:
        image: numbers of any float or integer dtype, negative ones among them, shape (H, W).  It is left as it is.
        size: height and width of a window.
        stride: how far apart windows begin, down and to the right.

    Returns:
        The value of each window, shape ((H - height) // stride down + 1, (W - width) // stride right + 1).

    Raises ValueError if the image is not two-dimensional, if a size or stride is below 1, and if the window is larger
    than the image.
    """
    raise NotImplementedError("to do: max_pool")


def average_pool(image: np.ndarray, size: Size, stride: Size) -> np.ndarray:
    """The mean of each window of an image, as floats; arguments, windows and errors are those of `max_pool`."""
    raise NotImplementedError("to do: average_pool")
