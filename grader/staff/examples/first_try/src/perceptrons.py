import numpy as np
from torch import nn


def pentagon_network():
    # The ten lines take a while to work out on paper.
    return [(np.zeros((10, 2)), np.zeros(10)), (np.ones((2, 10)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]


class PentagonMLP(nn.Module):
    def __init__(self, hidden=(10, 2)):
        super().__init__()
        layers = []
        widths = [2, *hidden]
        for i in range(len(hidden)):
            layers += [nn.Linear(widths[i], widths[i + 1]), nn.Sigmoid()]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 2))

    def forward(self, points):
        return self.layers(points / 1000)


def or_network():
    return [(np.array([[1.0, 1.0]]), np.array([0.0]))]


def xor_network():
    hidden = (np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0]))
    return [hidden, (np.array([[1.0, -2.0]]), np.array([0.0]))]


def pair(value):
    return (value, value) if isinstance(value, int) else value


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    n, _, height, width = input_shape
    kernel, step, pad = pair(kernel_size), pair(stride), pair(padding)
    out_height = (height + 2 * pad[0] - kernel[0]) // step[0] + 1
    out_width = (width + 2 * pad[1] - kernel[1]) // step[1] + 1
    return n, out_channels, out_height, out_width


def conv_parameters(in_channels, out_channels, kernel_size, bias=True):
    kernel = pair(kernel_size)
    return out_channels * (in_channels * kernel[0] * kernel[1] + (1 if bias else 0))


def windows(image, size, stride):
    (height, width), (down, right) = pair(size), pair(stride)
    for top in range(0, image.shape[0] - height + 1, down):
        yield [image[top : top + height, left : left + width] for left in range(0, image.shape[1] - width + 1, right)]


def max_pool(image, size, stride):
    return np.array([[window.max() for window in row] for row in windows(image, size, stride)])


def average_pool(image, size, stride):
    return np.array([[window.mean() for window in row] for row in windows(image, size, stride)])
