"""Networks whose forward calls only functions, with their own weights."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn


class Weights(nn.Module):
    def __init__(self, *widths: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.matrices = nn.ParameterList(torch.randn(b, a) / a**0.5 for a, b in pairwise(widths))
        self.offsets = nn.ParameterList(torch.zeros(b) for b in widths[1:])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.squeeze(1).reshape(len(x), 28 * 28)
        last = len(self.offsets) - 1
        for place, (matrix, offset) in enumerate(zip(self.matrices, self.offsets, strict=True)):
            x = F.linear(x, matrix, offset)
            if place < last:
                x = x.clamp(min=0)
                if self.training:
                    x = F.dropout(x, self.dropout)
        return x


class Maps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.kernels1 = nn.Parameter(torch.randn(8, 1, 3, 3) / 3)
        self.kernels2 = nn.Parameter(torch.randn(16, 8, 3, 3) / 8)
        self.scale, self.shift = nn.Parameter(torch.ones(8)), nn.Parameter(torch.zeros(8))
        self.register_buffer("mean", torch.zeros(8))
        self.register_buffer("var", torch.ones(8))
        self.matrix, self.offset = nn.Parameter(torch.randn(10, 784) / 28), nn.Parameter(torch.zeros(10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.conv2d(F.pad(x, (1, 1, 1, 1)), self.kernels1)
        x = F.batch_norm(x, self.mean, self.var, self.scale, self.shift, self.training)
        x = F.max_pool2d(torch.relu_(x), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, self.kernels2, padding="same")), kernel_size=(2, 2))
        x = F.dropout(x.view(x.size(0), -1), p=0.25, training=self.training)
        return F.linear(x, self.matrix, self.offset)


def narrow_mlp() -> nn.Module:
    return Weights(784, 100, 10, dropout=0.5)


def two_layer_mlp() -> nn.Module:
    return Weights(784, 120, 80, 10, dropout=0.25)


def deep_mlp() -> nn.Module:
    return Weights(784, 600, 300, 100, 10, dropout=0.25)


def budget_cnn() -> nn.Module:
    return Maps()
