"""Models by someone who likes loops over layers, einsum and tensor methods."""

from itertools import pairwise

import torch
from torch import nn


class MLP(nn.Module):
    """Flatten, and linear layers with ReLU between them."""

    def __init__(self, *widths):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x):
        x = torch.flatten(x, 1)
        for i, linear in enumerate(self.linears):
            x = linear(x) if i == 0 else linear(torch.clamp(x, min=0))
        return x


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = MLP(784, 128, 64, 10)

    def forward(self, x):
        return self.mlp(x)


class DogClassifierFC(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = MLP(12288, 128, 64, 10)

    def forward(self, x):
        return self.mlp(x)


def pool(x):
    return torch.max_pool2d(x, (2, 2))


class ConvPools(nn.Module):
    """Convolutions without padding, each with ReLU and a pool, on images (N, H, W, C)."""

    def __init__(self, channels, kernel_size, stride):
        super().__init__()
        count = len(channels) - 1
        if len(kernel_size) != count or len(stride) != count:
            raise ValueError(f"kernel_size {kernel_size} and stride {stride} must have {count} entries each.")
        self.convs = nn.ModuleList(
            nn.Conv2d(channels[i], channels[i + 1], kernel_size=kernel_size[i], stride=stride[i]) for i in range(count)
        )

    def forward(self, x):
        x = torch.einsum("nhwc->nchw", x)
        for conv in self.convs:
            x = pool(torch.relu(conv(x)))
        return x.flatten(1)

    def n_outputs(self, height, width):
        """How many numbers the layers make from an image."""
        sides = [height, width]
        for conv in self.convs:
            for axis in (0, 1):
                sides[axis] = (sides[axis] - conv.kernel_size[axis]) // conv.stride[axis] + 1
                sides[axis] //= 2
        return sides[0] * sides[1] * self.convs[-1].out_channels


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.maps = ConvPools([3, 16, 32], kernel_size, stride)
        self.linear = nn.Linear(self.maps.n_outputs(64, 64), 10)

    def forward(self, x):
        return self.linear(self.maps(x))


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.maps = ConvPools([1, 2, 4, 8], kernel_size, stride)
        self.linear = nn.Linear(self.maps.n_outputs(28, 28), 2)

    def forward(self, x):
        return self.linear(self.maps(x))


class FashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 4, 3, 1, 1), nn.Conv2d(4, 8, 4, 1, 2), nn.Conv2d(8, 16, 5, 1, 3)])
        self.linear = nn.Linear(256, 10)

    def forward(self, x):
        for conv in self.convs:
            x = pool(conv(x).clamp_min(0))
        return self.linear(x.flatten(1))


class RegularizedFashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 4, 3, 1, 1), nn.Conv2d(4, 8, 4, 1, 2), nn.Conv2d(8, 16, 5, 1, 3)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(8), nn.BatchNorm2d(16)])
        self.drops = nn.ModuleList([nn.Identity(), nn.Identity(), nn.Dropout(0.2)])
        self.linear = nn.Linear(256, 10)

    def forward(self, x):
        for conv, norm, drop in zip(self.convs, self.norms, self.drops, strict=True):
            x = pool(drop(norm(conv(x)).relu()))
        return self.linear(x.flatten(1))


def with_border(x):
    """The 28x28 images in the middle of 32x32 zeros."""
    bordered = x.new_zeros(x.shape[0], x.shape[1], 32, 32)
    bordered[:, :, 2:30, 2:30] = x
    return bordered


class LeNet5(nn.Module):
    def __init__(self, in_channels=1):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(in_channels, 6, 5), nn.Conv2d(6, 16, 5)])
        self.mlp = MLP(400, 120, 84, 10)

    def forward(self, x):
        if tuple(x.shape[2:]) == (28, 28):
            x = with_border(x)
        for conv in self.convs:
            x = pool(conv(x).relu())
        return self.mlp(x)


class InversionInvariantLeNet5(LeNet5):
    def __init__(self):
        super().__init__(1)

    def forward(self, x):
        return LeNet5.forward(self, torch.einsum("...,...->...", x, 1.0 - x))


class Block(nn.Module):
    """At most two 3x3 convolutions with ReLU, and a pool."""

    def __init__(self, *channels, padding=1):
        super().__init__()
        self.first = nn.Conv2d(channels[0], channels[1], 3, padding=padding)
        self.second = nn.Conv2d(channels[1], channels[2], 3, padding=1) if len(channels) == 3 else None

    def forward(self, x):
        x = torch.relu(self.first(x))
        if self.second is not None:
            x = torch.relu(self.second(x))
        return pool(x)


class SmallVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(1, 16, 16, padding=3), Block(16, 32, 32), Block(32, 64, 64)])
        self.mlp = MLP(1024, 500, 500, 10)
        with torch.no_grad():
            for weight in (parameter for parameter in self.parameters() if parameter.ndim > 1):
                window = weight[0, 0].numel()
                bound = (6 / (window * weight.shape[0] + window * weight.shape[1])) ** 0.5
                weight.uniform_(-bound, bound)
            for bias in (parameter for parameter in self.parameters() if parameter.ndim == 1):
                bias.zero_()

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.mlp(x)


class CatDogVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(3, 32), Block(32, 64, 64), Block(64, 128, 128), Block(128, 256, 256)])
        self.mlp = MLP(4096, 1024, 512, 2)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.mlp(x)
