"""Models that go through an nn.ModuleDict in a loop, and pool before they take the ReLU."""

from collections.abc import Sequence

import torch
from torch import nn

Size = int | tuple[int, int]


class Network(nn.Module):
    """Convolutions and linear layers in dicts; subclasses fill them, in the order of use."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleDict()
        self.linears = nn.ModuleDict()
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.activation = nn.ReLU()

    def add_linears(self, *sizes: int) -> None:
        for i in range(len(sizes) - 1):
            self.linears[f"linear{i + 1}"] = nn.Linear(sizes[i], sizes[i + 1])

    def see(self, x: torch.Tensor) -> torch.Tensor:
        for conv in self.convs.values():
            x = self.activation(self.pool(conv(x)))  # the greatest of four is the same before as after
        return x

    def decide(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.flatten(x, start_dim=1)
        last = f"linear{len(self.linears)}"
        for name, linear in self.linears.items():
            x = linear(x)
            if name != last:
                x = self.activation(x)
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decide(self.see(x))


class DigitClassifier(Network):
    def __init__(self) -> None:
        super().__init__()
        self.add_linears(784, 128, 64, 10)


class DogClassifierFC(Network):
    def __init__(self) -> None:
        super().__init__()
        self.add_linears(64 * 64 * 3, 128, 64, 10)


class ChannelsLast(Network):
    def __init__(self, side: int, channels: Sequence[int], kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        count = len(channels) - 1
        if len(kernel_size) != count:
            raise ValueError(f"kernel_size has the entries {kernel_size}; {count} are needed.")
        if len(stride) != count:
            raise ValueError(f"stride has the entries {stride}; {count} are needed.")
        for i in range(count):
            self.convs[f"conv{i + 1}"] = nn.Conv2d(channels[i], channels[i + 1], kernel_size[i], stride[i])
        with torch.no_grad():
            self.n_features = self.see(torch.zeros(1, channels[0], side, side)).flatten().size(0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.transpose(1, 3).transpose(2, 3))


class DogClassifierConv(ChannelsLast):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__(64, (3, 16, 32), kernel_size, stride)
        self.add_linears(self.n_features, 10)


class SynthClassifier(ChannelsLast):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__(28, (1, 2, 4, 8), kernel_size, stride)
        self.add_linears(self.n_features, 2)


class FashionCNN(Network):
    def __init__(self) -> None:
        super().__init__()
        self.convs["small"] = nn.Conv2d(1, 4, 3, padding=1)
        self.convs["middle"] = nn.Conv2d(4, 8, 4, padding=2)
        self.convs["large"] = nn.Conv2d(8, 16, 5, padding=3)
        self.add_linears(256, 10)


class RegularizedFashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        stages = {"small": (1, 4, 3, 1), "middle": (4, 8, 4, 2), "large": (8, 16, 5, 3)}
        self.stages = nn.ModuleDict(
            {
                name: nn.ModuleDict(
                    {"norm": nn.BatchNorm2d(n_out), "conv": nn.Conv2d(n_in, n_out, kernel, padding=padding)}
                )
                for name, (n_in, n_out, kernel, padding) in stages.items()
            }
        )
        self.dropout = nn.Dropout(0.2)
        self.linear = nn.Linear(256, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for name, stage in self.stages.items():
            x = stage["norm"](stage["conv"](x))
            if name == "large":
                x = nn.functional.max_pool2d(self.dropout(torch.relu(x)), 2)
            else:
                x = torch.relu(nn.functional.max_pool2d(x, 2))
        return self.linear(x.flatten(1))


class LeNet5(Network):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.convs.update({"c1": nn.Conv2d(in_channels, 6, 5), "c3": nn.Conv2d(6, 16, 5)})
        self.add_linears(400, 120, 84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        border = {28: 2, 32: 0}[x.size(-1)]
        return super().forward(nn.functional.pad(x, (border, border, border, border)))


class InversionInvariantLeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleDict({"lenet": LeNet5()})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.nets["lenet"]((1 - x).mul(x))


class VGG(nn.Module):
    def __init__(self, n_channels: int, blocks: dict[str, list[int]], widths: list[int], first_padding: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict()
        padding = first_padding
        for name, channels in blocks.items():
            self.blocks[name] = nn.ModuleList()
            for n_out in channels:
                self.blocks[name].append(nn.Conv2d(n_channels, n_out, 3, padding=padding))
                n_channels, padding = n_out, 1
        self.linears = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for convs in self.blocks.values():
            *others, last = convs
            for conv in others:
                x = conv(x).relu()
            x = nn.functional.max_pool2d(last(x), 2).relu()
        x = x.flatten(1)
        for i, linear in enumerate(self.linears, start=1):
            x = linear(x) if i == len(self.linears) else linear(x).relu()
        return x


class SmallVGG(VGG):
    def __init__(self) -> None:
        super().__init__(1, {"a": [16, 16], "b": [32, 32], "c": [64, 64]}, [1024, 500, 500, 10], first_padding=3)
        for name, parameter in self.named_parameters():
            if "weight" in name:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)


class CatDogVGG(VGG):
    def __init__(self) -> None:
        blocks = {"a": [32], "b": [64, 64], "c": [128, 128], "d": [256, 256]}
        super().__init__(3, blocks, [4096, 1024, 512, 2], first_padding=1)
