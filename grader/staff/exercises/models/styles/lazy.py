"""Models of lazy layers, which learn their input sizes in a forward pass in the constructor."""

from collections.abc import Sequence

import torch
from torch import nn

Size = int | tuple[int, int]


class Lazy(nn.Module):
    """A network that has processed one blank image, so that all its parameters exist."""

    def show_blank(self, *shape: int) -> None:
        self.eval()
        with torch.no_grad():
            self(torch.zeros(1, *shape))
        self.train()


def dense(*widths: int) -> nn.Sequential:
    hidden = [layer for width in widths[:-1] for layer in (nn.LazyLinear(width), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.LazyLinear(widths[-1]))


class DigitClassifier(Lazy):
    def __init__(self) -> None:
        super().__init__()
        self.layers = dense(128, 64, 10)
        self.show_blank(28, 28)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class DogClassifierFC(Lazy):
    def __init__(self) -> None:
        super().__init__()
        self.layers = dense(128, 64, 10)
        self.show_blank(64, 64, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class ChannelsLastConv(Lazy):
    """Convolutions with ReLU and pooling on (N, H, W, C) images, and one linear layer."""

    def __init__(
        self, channels: list[int], kernel_size: Sequence[Size], stride: Sequence[Size], n_classes: int
    ) -> None:
        super().__init__()
        for name, sizes in [("kernel_size", kernel_size), ("stride", stride)]:
            if len(sizes) != len(channels):
                raise ValueError(f"{name} should have {len(channels)} entries, one a convolution, not {sizes}.")
        self.convs = nn.ModuleList()
        for n_out, kernel, step in zip(channels, kernel_size, stride, strict=True):
            self.convs.append(nn.LazyConv2d(n_out, kernel, step))
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.linear = nn.LazyLinear(n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.swapaxes(1, 3).swapaxes(2, 3)
        for conv in self.convs:
            x = self.pool(conv(x).relu())
        return self.linear(x.flatten(1))


class DogClassifierConv(ChannelsLastConv):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__([16, 32], kernel_size, stride, n_classes=10)
        self.show_blank(64, 64, 3)


class SynthClassifier(ChannelsLastConv):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__([2, 4, 8], kernel_size, stride, n_classes=2)
        self.show_blank(28, 28, 1)


class FashionCNN(Lazy):
    def __init__(self) -> None:
        super().__init__()
        self.conv_a = nn.LazyConv2d(4, 3, padding=1)
        self.conv_b = nn.LazyConv2d(8, 4, padding=2)
        self.conv_c = nn.LazyConv2d(16, 5, padding=3)
        self.pool = nn.MaxPool2d(2)
        self.head = dense(10)
        self.show_blank(1, 28, 28)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.conv_a(x).relu())
        x = self.pool(self.conv_b(x).relu())
        x = self.pool(self.conv_c(x).relu())
        return self.head(x)


class RegularizedFashionCNN(Lazy):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential()
        for i, (n_out, kernel, padding) in enumerate([(4, 3, 1), (8, 4, 2), (16, 5, 3)]):
            self.body.append(nn.LazyConv2d(n_out, kernel, padding=padding))
            self.body.append(nn.LazyBatchNorm2d())
            self.body.append(nn.ReLU())
            if i == 2:
                self.body.append(nn.Dropout(0.2))
            self.body.append(nn.MaxPool2d(2))
        self.head = dense(10)
        self.show_blank(1, 28, 28)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


class LeNet5(Lazy):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.frame = nn.ZeroPad2d(2)
        self.conv_a = nn.LazyConv2d(6, 5)
        self.conv_b = nn.LazyConv2d(16, 5)
        self.pool = nn.MaxPool2d(2)
        self.head = dense(120, 84, 10)
        self.show_blank(in_channels, 28, 28)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.size(2) < 32:
            x = self.frame(x)
        x = self.pool(self.conv_a(x).relu())
        x = self.pool(self.conv_b(x).relu())
        return self.head(x)


class InversionInvariantLeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = LeNet5(in_channels=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(torch.mul(x, torch.sub(1, x)))


class VGG(Lazy):
    """Blocks of 3x3 convolutions, then linear layers.

    A block is a pair (number of convolutions, channels).
    """

    def __init__(self, blocks: list[tuple[int, int]], widths: list[int], first_padding: int = 1) -> None:
        super().__init__()
        convs = []
        for count, n_out in blocks:
            for _ in range(count):
                convs += [nn.LazyConv2d(n_out, 3, padding=1 if convs else first_padding), nn.ReLU()]
            convs.append(nn.MaxPool2d(2))
        self.convs = nn.Sequential(*convs)
        self.head = dense(*widths)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.convs(x))


class SmallVGG(VGG):
    def __init__(self) -> None:
        super().__init__([(2, 16), (2, 32), (2, 64)], [500, 500, 10], first_padding=3)
        self.show_blank(1, 28, 28)  # Xavier's range depends on the input size, so it comes after
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
            else:
                parameter.data.fill_(0.0)


class CatDogVGG(VGG):
    def __init__(self) -> None:
        super().__init__([(1, 32), (2, 64), (2, 128), (2, 256)], [1024, 512, 2])
        self.show_blank(3, 64, 64)
