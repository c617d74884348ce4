"""Perceptrons in expressions: comprehensions and torch's functional operations."""

from functools import reduce

import numpy as np
import torch
from torch import nn

UPPER = ((500, 1000), (300, 800), (400, 600), (600, 600), (700, 800))
LOWER = ((500, 600), (100, 400), (300, 200), (700, 200), (900, 400))


def half_plane(a, b, towards):
    """Unit normal and offset of the line through a and b, positive at `towards`."""
    normal = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(b[0] - a[0], b[1] - a[1])
    offset = -normal @ np.array(a)
    sign = np.sign(normal @ towards + offset)
    return sign * normal, sign * offset


def pentagon_network():
    lines = [half_plane(shape[i - 1], shape[i], np.mean(shape, axis=0)) for shape in (UPPER, LOWER) for i in range(5)]
    normals, offsets = zip(*lines, strict=True)
    members = np.kron(np.eye(2, dtype=int), np.ones(5, dtype=int))
    return (
        (np.array(normals), np.array(offsets)),
        (members, np.full(2, -4.9)),
        (np.array([[3, 3]]), np.array([-1])),
    )


class PentagonMLP(nn.Module):
    def __init__(self, hidden=(10, 2)):
        super().__init__()
        if len(hidden) == 0 or any(width < 1 for width in hidden):
            raise ValueError(f"hidden={hidden}: give at least one width, each 1 or more")
        sizes = (2, *hidden, 2)
        self.linears = nn.ModuleList(map(nn.Linear, sizes[:-1], sizes[1:]))

    def forward(self, points):
        *hidden, last = self.linears
        return last(reduce(lambda x, layer: torch.sigmoid(layer(x)), hidden, points / 250 - 2))


def or_network():
    return [(np.array([[2, 3]]), np.array([0]))]


def xor_network():
    # |x1 - x2| = relu(x1 - x2) + relu(x2 - x1)
    return [(np.array([[1, -1], [-1, 1]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]


def both(size):
    return size if isinstance(size, tuple) else (size, size)


def check_least(least, **sizes):
    for name, size in sizes.items():
        if any(one < least for one in both(size)):
            raise ValueError(f"{name} is {size}, below {least}")


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    if len(input_shape) != 4:
        raise ValueError(f"input_shape {input_shape} has {len(input_shape)} sizes, not 4")
    check_least(1, out_channels=out_channels, kernel_size=kernel_size, stride=stride, dilation=dilation)
    check_least(1, batch=input_shape[0], channels=input_shape[1], image=tuple(input_shape[2:]))
    check_least(0, padding=padding)
    spatial = [
        int(np.floor((size + 2 * p - d * (k - 1) - 1) / s + 1))
        for size, k, s, p, d in zip(input_shape[2:], *map(both, (kernel_size, stride, padding, dilation)), strict=True)
    ]
    if min(spatial) < 1:
        raise ValueError("the kernel does not fit")
    return (input_shape[0], out_channels, *spatial)


def conv_parameters(in_channels, out_channels, kernel_size, bias=True):
    check_least(1, in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size)
    return int(np.prod([out_channels, in_channels, *both(kernel_size)])) + (out_channels if bias else 0)


def pool(function, image, size, stride):
    (h, w), (down, right) = both(size), both(stride)
    check_least(1, size=size, stride=stride)
    if np.ndim(image) != 2 or h > image.shape[0] or w > image.shape[1]:
        raise ValueError(f"a window of {h}x{w} does not fit an array of shape {image.shape}")
    tops, lefts = range(0, image.shape[0] - h + 1, down), range(0, image.shape[1] - w + 1, right)
    return np.array([[function(image[i : i + h, j : j + w]) for j in lefts] for i in tops])


def max_pool(image, size, stride):
    return pool(np.max, image, size, stride)


def average_pool(image, size, stride):
    return pool(np.mean, image, size, stride)
