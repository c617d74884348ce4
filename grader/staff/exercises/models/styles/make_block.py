"""Models built by the helpers make_block and make_head; LazyLinear counts the features."""

from itertools import pairwise

import torch.nn as nn


def make_block(*channels, kernel_size=3, stride=1, padding=0, norm=False, dropout=0.0):
    """A convolution from each number of channels to the next, with ReLU.

    One max-pool ends the block.
    """
    layers = []
    for n_in, n_out in pairwise(channels):
        layers.append(nn.Conv2d(n_in, n_out, kernel_size, stride, padding))
        if norm:
            layers.append(nn.BatchNorm2d(n_out))
        layers.append(nn.ReLU(inplace=True))
    if dropout:
        layers.append(nn.Dropout(dropout))
    layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def make_head(*sizes):
    """Flatten and linear layers, with ReLU between them; None is an unknown number of inputs."""
    layers = [nn.Flatten()]
    for n_in, n_out in pairwise(sizes):
        if len(layers) > 1:
            layers.append(nn.ReLU(inplace=True))
        layers.append(nn.LazyLinear(n_out) if n_in is None else nn.Linear(n_in, n_out))
    return nn.Sequential(*layers)


def make_unpadded(channels, kernel_size, stride):
    """One block for each of the kernel sizes and strides."""
    n_convs = len(channels) - 1
    for name, value in {"kernel_size": kernel_size, "stride": stride}.items():
        if len(value) != n_convs:
            raise ValueError(f"{name} must have {n_convs} entries, but it has {len(value)}: {value}")
    blocks = [
        make_block(channels[i], channels[i + 1], kernel_size=kernel_size[i], stride=stride[i]) for i in range(n_convs)
    ]
    return nn.Sequential(*blocks)


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = make_head(28 * 28, 128, 64, 10)

    def forward(self, images):
        return self.head(images)


class DogClassifierFC(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = make_head(64 * 64 * 3, 128, 64, 10)

    def forward(self, images):
        return self.head(images)


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.blocks = make_unpadded([3, 16, 32], kernel_size, stride)
        self.head = make_head(None, 10)

    def forward(self, images):
        return self.head(self.blocks(images.permute(0, 3, 1, 2)))


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        self.blocks = make_unpadded([1, 2, 4, 8], kernel_size, stride)
        self.head = make_head(None, 2)

    def forward(self, images):
        return self.head(self.blocks(images.permute(0, 3, 1, 2)))


class FashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = make_block(1, 4, kernel_size=3, padding=1)
        self.block2 = make_block(4, 8, kernel_size=4, padding=2)
        self.block3 = make_block(8, 16, kernel_size=5, padding=3)
        self.head = make_head(256, 10)

    def forward(self, images):
        return self.head(self.block3(self.block2(self.block1(images))))


class RegularizedFashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = make_block(1, 4, kernel_size=3, padding=1, norm=True)
        self.block2 = make_block(4, 8, kernel_size=4, padding=2, norm=True)
        self.block3 = make_block(8, 16, kernel_size=5, padding=3, norm=True, dropout=0.2)
        self.head = make_head(256, 10)

    def forward(self, images):
        return self.head(self.block3(self.block2(self.block1(images))))


class LeNet5(nn.Module):
    def __init__(self, in_channels=1):
        super().__init__()
        self.pad = nn.ZeroPad2d(2)
        self.blocks = nn.Sequential(make_block(in_channels, 6, kernel_size=5), make_block(6, 16, kernel_size=5))
        self.head = make_head(400, 120, 84, 10)

    def forward(self, images):
        return self.head(self.blocks(images if images.shape[2] == 32 else self.pad(images)))


class InversionInvariantLeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(
            make_block(1, 6, kernel_size=5, padding=2),  # the same as padding the image first
            make_block(6, 16, kernel_size=5),
        )
        self.head = make_head(400, 120, 84, 10)

    def forward(self, images):
        return self.head(self.blocks(images * (1.0 - images)))


class SmallVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(
            make_block(1, 16, 16, padding=1), make_block(16, 32, 32, padding=1), make_block(32, 64, 64, padding=1)
        )
        self.blocks[0][0] = nn.Conv2d(1, 16, 3, padding=3)
        self.head = make_head(1024, 500, 500, 10)
        self.apply(xavier)

    def forward(self, images):
        return self.head(self.blocks(images))


def xavier(module):
    match module:
        case nn.Linear() | nn.Conv2d():
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)


class CatDogVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(
            make_block(3, 32, padding=1),
            make_block(32, 64, 64, padding=1),
            make_block(64, 128, 128, padding=1),
            make_block(128, 256, 256, padding=1),
        )
        self.head = make_head(4096, 1024, 512, 2)

    def forward(self, images):
        return self.head(self.blocks(images))
