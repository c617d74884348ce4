"""Models of one nn.Sequential each, its layers named in an OrderedDict; the layout changes by unbind and stack."""

from collections import OrderedDict
from collections.abc import Sequence
from math import prod

import torch
from torch import nn

Size = int | tuple[int, int]


class Named(nn.Module):
    """A network that hands its input to `self.net`."""

    def __init__(self, layers: OrderedDict[str, nn.Module]) -> None:
        super().__init__()
        self.net = nn.Sequential(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def two_hidden_layers(n_inputs: int, first: int, second: int, n_classes: int) -> OrderedDict[str, nn.Module]:
    layers = OrderedDict()
    layers["flatten"] = nn.Flatten()
    layers["fc1"] = nn.Linear(n_inputs, first)
    layers["fc1_relu"] = nn.ReLU()
    layers["fc2"] = nn.Linear(first, second)
    layers["fc2_relu"] = nn.ReLU()
    layers["logits"] = nn.Linear(second, n_classes)
    return layers


class DigitClassifier(Named):
    def __init__(self) -> None:
        super().__init__(two_hidden_layers(784, 128, 64, 10))


class DogClassifierFC(Named):
    def __init__(self) -> None:
        super().__init__(two_hidden_layers(12288, 128, 64, 10))


def entries(count: int, name: str, sizes: Sequence[Size]) -> None:
    if len(sizes) != count:
        raise ValueError(f"{name} is {list(sizes)}, which is not {count} entries.")


def channels_first(x: torch.Tensor) -> torch.Tensor:
    return torch.stack(x.unbind(dim=-1), dim=1)


class DogClassifierConv(Named):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        entries(2, "kernel_size", kernel_size)
        entries(2, "stride", stride)
        layers = OrderedDict(
            conv1=nn.Conv2d(3, 16, kernel_size[0], stride[0]),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(16, 32, kernel_size[1], stride[1]),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
        )
        layers["logits"] = nn.Linear(n_outputs(layers, 3, 64, 64), 10)
        super().__init__(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(channels_first(x))


class SynthClassifier(Named):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        entries(3, "kernel_size", kernel_size)
        entries(3, "stride", stride)
        layers = OrderedDict()
        for i, channels in enumerate([1, 2, 4]):
            layers[f"conv{i}"] = nn.Conv2d(channels, 2 * channels, kernel_size[i], stride[i])
            layers[f"relu{i}"] = nn.ReLU()
            layers[f"pool{i}"] = nn.MaxPool2d(2)
        layers["flatten"] = nn.Flatten()
        layers["logits"] = nn.Linear(n_outputs(layers, 1, 28, 28), 2)
        super().__init__(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(channels_first(x))


def n_outputs(layers: OrderedDict[str, nn.Module], *shape: int) -> int:
    x = torch.ones(2, *shape)
    return prod(nn.Sequential(layers)(x).shape[1:])


def fashion_layers() -> OrderedDict[str, nn.Module]:
    return OrderedDict(
        [
            ("conv1", nn.Conv2d(1, 4, kernel_size=(3, 3), padding=(1, 1))),
            ("relu1", nn.ReLU()),
            ("pool1", nn.MaxPool2d((2, 2))),
            ("conv2", nn.Conv2d(4, 8, kernel_size=(4, 4), padding=(2, 2))),
            ("relu2", nn.ReLU()),
            ("pool2", nn.MaxPool2d((2, 2))),
            ("conv3", nn.Conv2d(8, 16, kernel_size=(5, 5), padding=(3, 3))),
            ("relu3", nn.ReLU()),
            ("pool3", nn.MaxPool2d((2, 2))),
            ("flatten", nn.Flatten()),
            ("logits", nn.Linear(256, 10)),
        ]
    )


class FashionCNN(Named):
    def __init__(self) -> None:
        super().__init__(fashion_layers())


class RegularizedFashionCNN(Named):
    """The layers of FashionCNN with some more put between them, by name."""

    def __init__(self) -> None:
        after = {
            "conv1": ("norm1", nn.BatchNorm2d(4)),
            "conv2": ("norm2", nn.BatchNorm2d(8)),
            "conv3": ("norm3", nn.BatchNorm2d(16)),
            "relu3": ("dropout", nn.Dropout(p=0.2)),
        }
        layers = OrderedDict()
        for name, layer in fashion_layers().items():
            layers[name] = layer
            if name in after:
                more, another = after[name]
                layers[more] = another
        super().__init__(layers)


class LeNet5(Named):
    def __init__(self, in_channels: int = 1) -> None:
        layers = OrderedDict(
            C1=nn.Conv2d(in_channels, 6, 5),
            C1_relu=nn.ReLU(),
            S2=nn.MaxPool2d(2),
            C3=nn.Conv2d(6, 16, 5),
            C3_relu=nn.ReLU(),
            S4=nn.MaxPool2d(2),
        )
        layers.update(two_hidden_layers(400, 120, 84, 10))
        super().__init__(layers)
        self.frame = nn.ConstantPad2d(2, 0.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-2:] == (28, 28):
            x = self.frame(x)
        return super().forward(x)


class InversionInvariantLeNet5(Named):
    def __init__(self) -> None:
        super().__init__(OrderedDict(lenet=LeNet5()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x - x.pow(2))


def vgg_layers(channels: int, plan: list[str], first_padding: int = 1) -> OrderedDict[str, nn.Module]:
    """Layers from names such as conv1a:16 and pool1."""
    layers = OrderedDict()
    padding = first_padding
    for entry in plan:
        name, _, width = entry.partition(":")
        if width:
            layers[name] = nn.Conv2d(channels, int(width), 3, padding=padding)
            layers[f"{name}_relu"] = nn.ReLU()
            channels, padding = int(width), 1
        else:
            layers[name] = nn.MaxPool2d(2)
    return layers


class SmallVGG(Named):
    def __init__(self) -> None:
        plan = ["conv1a:16", "conv1b:16", "pool1", "conv2a:32", "conv2b:32", "pool2", "conv3a:64", "conv3b:64", "pool3"]
        super().__init__(vgg_layers(1, plan, first_padding=3) | two_hidden_layers(1024, 500, 500, 10))
        for name, value in self.state_dict().items():  # these share their memory with the parameters
            if name.endswith(".weight"):
                nn.init.xavier_uniform_(value)
            else:
                value.zero_()


class CatDogVGG(Named):
    def __init__(self) -> None:
        plan = ["conv1:32", "pool1"]
        for i, width in [(2, 64), (3, 128), (4, 256)]:
            plan += [f"conv{i}a:{width}", f"conv{i}b:{width}", f"pool{i}"]
        super().__init__(vgg_layers(3, plan) | two_hidden_layers(4096, 1024, 512, 2))
