"""Models without their own forward: every network is an nn.Sequential."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

Size = int | tuple[int, int]


class ChannelsFirst(nn.Module):
    """(N, H, W, C) -> (N, C, H, W)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.movedim(3, 1)


class PadTo32(nn.ZeroPad2d):
    """Zeros around 28x28 images; 32x32 images stay as they are."""

    def __init__(self) -> None:
        super().__init__(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.size(3) == 32 else super().forward(x)


class Contrast(nn.Module):
    """x(1 - x), which is the same for an image and its negative."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - x**2


def classifier(*sizes: int) -> list[nn.Module]:
    """Flatten, then linear layers with ReLU between them."""
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return layers[:-1]


def check_lengths(count: int, **arguments: Sequence[Size]) -> None:
    for name, value in arguments.items():
        if len(value) != count:
            raise ValueError(f"{name} has {len(value)} entries ({value}), but this network has {count} convolutions.")


def side_after(side: int, axis: int, kernel_size: Sequence[Size], stride: Sequence[Size]) -> int:
    """The height (axis 0) or width (axis 1) of an image after all convolutions and their pools."""
    for kernel, step in zip(kernel_size, stride, strict=True):
        kernel = kernel if isinstance(kernel, int) else kernel[axis]
        step = step if isinstance(step, int) else step[axis]
        side = ((side - kernel) // step + 1) // 2
    return side


class DigitClassifier(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(*classifier(784, 128, 64, 10))


class DogClassifierFC(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(*classifier(64 * 64 * 3, 128, 64, 10))


class DogClassifierConv(nn.Sequential):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        check_lengths(2, kernel_size=kernel_size, stride=stride)
        height = side_after(64, 0, kernel_size, stride)
        width = side_after(64, 1, kernel_size, stride)
        super().__init__(
            ChannelsFirst(),
            nn.Conv2d(3, 16, kernel_size[0], stride=stride[0]),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, kernel_size[1], stride=stride[1]),
            nn.ReLU(),
            nn.MaxPool2d(2),
            *classifier(32 * height * width, 10),
        )


class SynthClassifier(nn.Sequential):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        check_lengths(3, kernel_size=kernel_size, stride=stride)
        height = side_after(28, 0, kernel_size, stride)
        width = side_after(28, 1, kernel_size, stride)
        channels = [1, 2, 4, 8]
        layers: list[nn.Module] = [nn.Flatten(), nn.Unflatten(1, (1, 28, 28))]  # one channel: last or first is the same
        for i in range(3):
            layers += [nn.Conv2d(channels[i], channels[i + 1], kernel_size[i], stride=stride[i])]
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        super().__init__(*layers, *classifier(8 * height * width, 2))


class FashionCNN(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Sequential(nn.Conv2d(4, 8, 4, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Sequential(nn.Conv2d(8, 16, 5, padding=3), nn.ReLU(), nn.MaxPool2d(2)),
            *classifier(256, 10),
        )


class RegularizedFashionCNN(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Sequential(nn.Conv2d(4, 8, 4, padding=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Sequential(
                nn.Conv2d(8, 16, 5, padding=3), nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout(p=0.2), nn.MaxPool2d(2)
            ),
            *classifier(256, 10),
        )


class LeNet5(nn.Sequential):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__(
            PadTo32(),
            nn.Conv2d(in_channels, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            *classifier(400, 120, 84, 10),
        )


class InversionInvariantLeNet5(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(Contrast(), LeNet5())


def vgg_block(n_convs: int, n_in: int, n_out: int, first_padding: int = 1) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for i in range(n_convs):
        layers += [nn.Conv2d(n_out if i else n_in, n_out, 3, padding=1 if i else first_padding), nn.ReLU()]
    return [*layers, nn.MaxPool2d(2)]


def xavier(layer: nn.Module) -> None:
    if hasattr(layer, "weight"):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.constant_(layer.bias, 0)


class SmallVGG(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            *vgg_block(2, 1, 16, first_padding=3),
            *vgg_block(2, 16, 32),
            *vgg_block(2, 32, 64),
            *classifier(1024, 500, 500, 10),
        )
        self.apply(xavier)


class CatDogVGG(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            *vgg_block(1, 3, 32),
            *vgg_block(2, 32, 64),
            *vgg_block(2, 64, 128),
            *vgg_block(2, 128, 256),
            *classifier(4096, 1024, 512, 2),
        )
