"""Models that use torch.nn only for weights: all other operations are written with tensors."""

from math import sqrt

import torch
from torch import Tensor, nn


def relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.0)


def pool(x: Tensor) -> Tensor:
    """The largest of four neighbours; a row or column without a partner is dropped."""
    height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    x = x[:, :, :height, :width]
    upper = torch.maximum(x[:, :, 0::2, 0::2], x[:, :, 0::2, 1::2])
    lower = torch.maximum(x[:, :, 1::2, 0::2], x[:, :, 1::2, 1::2])
    return torch.maximum(upper, lower)


def dropout(x: Tensor, rate: float, training: bool) -> Tensor:
    if not training:
        return x
    kept = torch.rand_like(x) >= rate
    return x * kept / (1 - rate)


def pad(x: Tensor, margin: int) -> Tensor:
    n, channels, height, width = x.shape
    padded = torch.zeros(n, channels, height + 2 * margin, width + 2 * margin, dtype=x.dtype, device=x.device)
    padded[:, :, margin : margin + height, margin : margin + width] = x
    return padded


def rows(x: Tensor) -> Tensor:
    return x.reshape(len(x), -1)


def channels_first(x: Tensor) -> Tensor:
    return torch.cat([x[:, None, :, :, channel] for channel in range(x.shape[3])], dim=1)


class DigitClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(relu(self.b(relu(self.a(rows(x))))))


class DogClassifierFC(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(12288, 128), nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(relu(self.b(relu(self.a(rows(x))))))


def places(side: int, kernel: int, stride: int) -> int:
    """How many positions a kernel has along a side, counted one by one and halved by the pool."""
    return len(range(0, side - kernel + 1, stride)) // 2


class Convolutions(nn.Module):
    """A chain of convolutions and pools, and one linear layer that fits their output."""

    def __init__(self, side, channels, kernel_size, stride, n_classes) -> None:
        super().__init__()
        n_convs = len(channels) - 1
        if {len(kernel_size), len(stride)} != {n_convs}:
            raise ValueError(f"kernel_size {kernel_size} and stride {stride} should have {n_convs} entries each.")
        height = width = side
        for i in range(n_convs):
            conv = nn.Conv2d(channels[i], channels[i + 1], kernel_size[i], stride[i])
            height = places(height, conv.kernel_size[0], conv.stride[0])
            width = places(width, conv.kernel_size[1], conv.stride[1])
            setattr(self, f"conv{i}", conv)
        self.n_convs = n_convs
        self.linear = nn.Linear(channels[-1] * height * width, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = channels_first(x)
        for i in range(self.n_convs):
            x = pool(relu(getattr(self, f"conv{i}")(x)))
        return self.linear(rows(x))


class DogClassifierConv(Convolutions):
    def __init__(self, kernel_size, stride) -> None:
        super().__init__(64, [3, 16, 32], kernel_size, stride, 10)


class SynthClassifier(Convolutions):
    def __init__(self, kernel_size, stride) -> None:
        super().__init__(28, [1, 2, 4, 8], kernel_size, stride, 2)


class FashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 4), nn.Conv2d(8, 16, 5)
        self.d = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = pool(relu(self.a(pad(x, 1))))
        x = pool(relu(self.b(pad(x, 2))))
        x = pool(relu(self.c(pad(x, 3))))
        return self.d(rows(x))


class RegularizedFashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 4), nn.Conv2d(8, 16, 5)
        self.norm_a, self.norm_b, self.norm_c = nn.BatchNorm2d(4), nn.BatchNorm2d(8), nn.BatchNorm2d(16)
        self.d = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = pool(relu(self.norm_a(self.a(pad(x, 1)))))
        x = pool(relu(self.norm_b(self.b(pad(x, 2)))))
        x = relu(self.norm_c(self.c(pad(x, 3))))
        x = pool(dropout(x, 0.2, self.training))
        return self.d(rows(x))


class LeNet5(nn.Module):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(in_channels, 6, 5), nn.Conv2d(6, 16, 5)
        self.c, self.d, self.e = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] != 32:
            x = pad(x, 2)
        x = pool(relu(self.a(x)))
        x = pool(relu(self.b(x)))
        return self.e(relu(self.d(relu(self.c(rows(x))))))


class InversionInvariantLeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = LeNet5()

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x + -x * x)


class VGG(nn.Module):
    def __init__(self, channels: list[int], pools_after: set[int], widths: list[int], paddings: dict[int, int]) -> None:
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(widths[i], widths[i + 1]) for i in (2, 1, 0)])
        self.convs = nn.ModuleList([nn.Conv2d(channels[i], channels[i + 1], 3) for i in range(len(channels) - 1)])
        self.pools_after, self.paddings = pools_after, paddings

    def forward(self, x: Tensor) -> Tensor:
        for i in range(len(self.convs)):
            x = relu(self.convs[i](pad(x, self.paddings.get(i, 1))))
            if i in self.pools_after:
                x = pool(x)
        x = rows(x)
        for i in (2, 1):
            x = relu(self.linears[i](x))
        return self.linears[0](x)


class SmallVGG(VGG):
    def __init__(self) -> None:
        super().__init__([1, 16, 16, 32, 32, 64, 64], {1, 3, 5}, [1024, 500, 500, 10], {0: 3})
        for layer in [*self.convs, *self.linears]:
            n_out, n_in, *window = layer.weight.shape
            area = window[0] * window[1] if window else 1
            limit = sqrt(6 / (n_in * area + n_out * area))
            layer.weight = nn.Parameter((2 * torch.rand_like(layer.weight) - 1) * limit)
            layer.bias = nn.Parameter(torch.zeros(n_out))


class CatDogVGG(VGG):
    def __init__(self) -> None:
        super().__init__([3, 32, 64, 64, 128, 128, 256, 256], {0, 2, 4, 6}, [4096, 1024, 512, 2], {})
