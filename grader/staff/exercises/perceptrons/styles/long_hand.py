"""Perceptrons by a beginner: equations worked out on paper, loops over pixels."""

import numpy as np
import torch
import torch.nn as nn


def pentagon_network():
    w1 = np.array(
        [
            [1, -1],  # y < x + 500
            [2, 1],  # y > 1400 - 2x
            [0, 1],  # y > 600
            [-2, 1],  # y > 2x - 600
            [-1, -1],  # y < 1500 - x
            [0.5, -1],  # y < x/2 + 350
            [1, 1],  # y > 500 - x
            [0, 1],  # y > 200
            [-1, 1],  # y > x - 500
            [-0.5, -1],  # y < 850 - x/2
        ]
    )
    b1 = np.array([500, -1400, -600, 600, 1500, 350, -500, -200, 500, 850])
    w2 = np.zeros((2, 10))
    w2[0, 0:5] = 1
    w2[1, 5:10] = 1
    b2 = np.array([-4.5, -4.5])
    w3 = np.array([[1, 1]])
    b3 = np.array([-0.5])
    return [(w1, b1), (w2, b2), (w3, b3)]


class PentagonMLP(nn.Module):
    def __init__(self, hidden=(10, 2)):
        super().__init__()
        if len(hidden) == 0:
            raise ValueError("there must be at least one hidden layer")
        for width in hidden:
            if width < 1:
                raise ValueError("a hidden layer of " + str(width) + " units is not possible")
        self.hidden_layers = nn.ModuleList()
        inputs = 2
        for width in hidden:
            self.hidden_layers.append(nn.Linear(inputs, width))
            inputs = width
        self.sigmoid = nn.Sigmoid()
        self.output_layer = nn.Linear(inputs, 2)

    def forward(self, points):
        x = (points[:, 0:1] - 500.0) / 300.0
        y = (points[:, 1:2] - 500.0) / 300.0
        z = torch.cat([x, y], dim=1)
        for layer in self.hidden_layers:
            z = layer(z)
            z = self.sigmoid(z)
        z = self.output_layer(z)
        return z


def or_network():
    weight = np.zeros((1, 2))
    weight[0, 0] = 1
    weight[0, 1] = 1
    bias = np.zeros(1)
    return [(weight, bias)]


def xor_network():
    w1 = np.array([[1, 1], [1, 1]])
    b1 = np.array([0, -1])
    w2 = np.array([[1, -2]])
    b2 = np.array([0])
    return [(w1, b1), (w2, b2)]


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    if len(input_shape) != 4:
        raise ValueError("input_shape must be (N, C, H, W)")
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    if isinstance(dilation, int):
        dilation = (dilation, dilation)
    n = input_shape[0]
    c = input_shape[1]
    h = input_shape[2]
    w = input_shape[3]
    if n < 1 or c < 1 or h < 1 or w < 1 or out_channels < 1:
        raise ValueError("all sizes must be at least 1")
    for i in range(2):
        if kernel_size[i] < 1 or stride[i] < 1 or dilation[i] < 1:
            raise ValueError("kernel_size, stride and dilation must be at least 1")
        if padding[i] < 0:
            raise ValueError("padding must not be negative")
    # try every position of the kernel's first row and column
    h_out = 0
    top = -padding[0]
    while top + dilation[0] * (kernel_size[0] - 1) <= h + padding[0] - 1:
        h_out += 1
        top += stride[0]
    w_out = 0
    left = -padding[1]
    while left + dilation[1] * (kernel_size[1] - 1) <= w + padding[1] - 1:
        w_out += 1
        left += stride[1]
    if h_out == 0 or w_out == 0:
        raise ValueError("the kernel is too large")
    return n, out_channels, h_out, w_out


def conv_parameters(in_channels, out_channels, kernel_size, bias=True):
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    if in_channels < 1 or out_channels < 1 or kernel_size[0] < 1 or kernel_size[1] < 1:
        raise ValueError("channels and kernel sizes must be at least 1")
    total = 0
    for _ in range(out_channels):
        total += kernel_size[0] * kernel_size[1] * in_channels
        if bias:
            total += 1
    return total


def max_pool(image, size, stride):
    if isinstance(size, int):
        size = (size, size)
    if isinstance(stride, int):
        stride = (stride, stride)
    if len(image.shape) != 2:
        raise ValueError("the image must have two axes")
    if min(size) < 1 or min(stride) < 1:
        raise ValueError("size and stride must be at least 1")
    if size[0] > image.shape[0] or size[1] > image.shape[1]:
        raise ValueError("the window is larger than the image")
    rows = (image.shape[0] - size[0]) // stride[0] + 1
    columns = (image.shape[1] - size[1]) // stride[1] + 1
    result = np.zeros((rows, columns), dtype=image.dtype)
    for i in range(rows):
        for j in range(columns):
            best = image[i * stride[0], j * stride[1]]
            for k in range(size[0]):
                for m in range(size[1]):
                    value = image[i * stride[0] + k, j * stride[1] + m]
                    if value > best:
                        best = value
            result[i, j] = best
    return result


def average_pool(image, size, stride):
    if isinstance(size, int):
        size = (size, size)
    if isinstance(stride, int):
        stride = (stride, stride)
    if len(image.shape) != 2:
        raise ValueError("the image must have two axes")
    if min(size) < 1 or min(stride) < 1:
        raise ValueError("size and stride must be at least 1")
    if size[0] > image.shape[0] or size[1] > image.shape[1]:
        raise ValueError("the window is larger than the image")
    rows = (image.shape[0] - size[0]) // stride[0] + 1
    columns = (image.shape[1] - size[1]) // stride[1] + 1
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            total = 0.0
            for k in range(size[0]):
                for m in range(size[1]):
                    total += float(image[i * stride[0] + k, j * stride[1] + m])
            result[i, j] = total / (size[0] * size[1])
    return result
