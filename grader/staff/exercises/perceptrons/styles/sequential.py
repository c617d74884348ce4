"""Perceptrons with nn.Sequential, and with torch's own layers for sizes."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

CORNERS = [
    [(500, 1000), (300, 800), (400, 600), (600, 600), (700, 800)],
    [(500, 600), (100, 400), (300, 200), (700, 200), (900, 400)],
]


def pentagon_network():
    rows, biases = [], []
    for corners in CORNERS:
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            # a x + b y = 1 through both ends, or -1 if that is the inner side
            a, b = np.linalg.solve(np.array([start, end], dtype=float), [1, 1])
            middle = np.mean(corners, axis=0)
            sign = 1 if a * middle[0] + b * middle[1] > 1 else -1
            rows.append([sign * a, sign * b])
            biases.append(-sign)
    second = np.zeros((2, 10))
    second[0, :5] = second[1, 5:] = 0.2
    return [(np.array(rows), np.array(biases)), (second, np.full(2, -0.9)), (np.array([[1.0, 1.0]]), np.array([-0.5]))]


class Scale(nn.Module):
    def forward(self, points):
        return points * 0.002 - 1


class PentagonMLP(nn.Sequential):
    def __init__(self, hidden=(10, 2)):
        widths = list(hidden)
        if not widths:
            raise ValueError("hidden is empty")
        if min(widths) <= 0:
            raise ValueError(f"hidden has a width of {min(widths)}")
        layers = OrderedDict(scale=Scale())
        for i, width in enumerate(widths):
            layers[f"hidden{i}"] = nn.Linear([2, *widths][i], width)
            layers[f"sigmoid{i}"] = nn.Sigmoid()
        layers["output"] = nn.Linear(widths[-1], 2)
        super().__init__(layers)


def or_network():
    return [(np.ones((1, 2)), np.zeros(1))]


def xor_network():
    # 2 OR - 2 AND, from relu(x1 + x2) and relu(2 x1 + 2 x2 - 2)
    return [(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([0.0, -2.0])), (np.array([[2.0, -2.0]]), np.zeros(1))]


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    if len(input_shape) != 4 or min(input_shape) < 1:
        raise ValueError(f"bad input_shape {input_shape}")
    if min(out_channels, *np.ravel(kernel_size), *np.ravel(stride), *np.ravel(dilation)) < 1 or np.min(padding) < 0:
        raise ValueError("a size is too small")
    convolution = nn.Conv2d(1, 1, kernel_size, stride, padding, dilation, device="meta")
    try:
        height, width = convolution(torch.empty(1, 1, *input_shape[2:], device="meta")).shape[2:]
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return input_shape[0], out_channels, height, width


def conv_parameters(in_channels, out_channels, kernel_size, bias=True):
    if min(in_channels, out_channels, np.min(kernel_size)) < 1:
        raise ValueError("channels and kernel sizes must be at least 1")
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias)
    return sum(p.numel() for p in layer.parameters())


def pooled(image, size, stride, function):
    if image.ndim != 2:
        raise ValueError("an image has two axes")
    if np.min(size) < 1 or np.min(stride) < 1:
        raise ValueError("size and stride are at least 1")
    if (np.broadcast_to(size, 2) > image.shape).any():
        raise ValueError("the window is larger than the image")
    (height, width), (down, right) = np.broadcast_to(size, 2), np.broadcast_to(stride, 2)
    tops, lefts = range(0, image.shape[0] - height + 1, down), range(0, image.shape[1] - width + 1, right)
    return np.array([[function(image[i : i + height, j : j + width]) for j in lefts] for i in tops])


def max_pool(image, size, stride):
    return pooled(image, size, stride, np.max)


def average_pool(image, size, stride):
    return pooled(image, size, stride, np.mean)
