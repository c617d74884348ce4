"""Models as strings: one class reads "C16 k3 p1" and the like, follows the shape through, and makes the layers."""

import torch
from torch import nn


class ChannelsLastToFirst(nn.Module):
    def forward(self, x):
        return x.permute(0, 3, 1, 2).contiguous()


class PadTo(nn.Module):
    """Zeros around images that are smaller than `side`."""

    def __init__(self, side):
        super().__init__()
        self.side = side

    def forward(self, x):
        missing = (self.side - x.shape[-1]) // 2
        return nn.functional.pad(x, 4 * (missing,)) if missing > 0 else x


class TimesInverse(nn.Module):
    def forward(self, x):
        return x * (1 - x)


class FromText(nn.Module):
    """A network for inputs of one shape, described layer by layer, the layers separated by commas.

    C8 k5 p3 s2: convolution; N: batch norm; R: ReLU; M: max-pool; D20: dropout of 20 percent; F: flatten; L10: linear;
    T: channels to the front; P32: pad to 32x32; I: x(1 - x).
    """

    def __init__(self, text, *shape, **sizes):
        super().__init__()
        shape = torch.Size(shape)
        self.layers = nn.ModuleList()
        for words in text.format(**sizes).split(","):
            layer = self.make(words.split(), shape)
            shape = shape_after(layer, shape)
            self.layers.append(layer)

    def make(self, words, shape):
        (kind, number), options = (words[0][0], words[0][1:]), {word[0]: word[1:] for word in words[1:]}
        match kind:
            case "C":
                kernel, stride = numbers(options["k"]), numbers(options.get("s", "1"))
                return nn.Conv2d(shape[0], int(number), kernel, stride, padding=int(options.get("p", 0)))
            case "N":
                return nn.BatchNorm2d(shape[0])
            case "R":
                return nn.ReLU()
            case "M":
                return nn.MaxPool2d(2)
            case "D":
                return nn.Dropout(int(number) / 100)
            case "F":
                return nn.Flatten()
            case "L":
                return nn.Linear(shape[0], int(number))
            case "T":
                return ChannelsLastToFirst()
            case "P":
                return PadTo(int(number))
            case "I":
                return TimesInverse()

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def numbers(text):
    """5x3 -> (5, 3)"""
    first, _, second = text.partition("x")
    return int(first), int(second or first)


def text_of(size):
    """(5, 3) -> 5x3, and 5 -> 5"""
    return str(size) if isinstance(size, int) else "x".join(str(number) for number in size)


def shape_after(layer, shape):
    """Nothing is computed for a tensor on torch's "meta" device but its shape."""
    if isinstance(layer, nn.Conv2d | nn.Linear | nn.BatchNorm2d):
        layer = type(layer)(**{name: getattr(layer, name) for name in ARGUMENTS[type(layer)]}, device="meta")
    return layer(torch.empty(2, *shape, device="meta")).shape[1:]


ARGUMENTS = {
    nn.Conv2d: ["in_channels", "out_channels", "kernel_size", "stride", "padding"],
    nn.Linear: ["in_features", "out_features"],
    nn.BatchNorm2d: ["num_features"],
}


class DigitClassifier(FromText):
    def __init__(self):
        super().__init__("F, L128, R, L64, R, L10", 28, 28)


class DogClassifierFC(FromText):
    def __init__(self):
        super().__init__("F, L128, R, L64, R, L10", 64, 64, 3)


def one_per_conv(n_convs, kernel_size, stride):
    if len(kernel_size) != n_convs or len(stride) != n_convs:
        raise ValueError(f"There must be {n_convs} entries in kernel_size ({kernel_size}) and in stride ({stride}).")
    sizes = {f"k{i}": text_of(size) for i, size in enumerate(kernel_size)}
    return sizes | {f"s{i}": text_of(size) for i, size in enumerate(stride)}


class DogClassifierConv(FromText):
    def __init__(self, kernel_size, stride):
        sizes = one_per_conv(2, kernel_size, stride)
        super().__init__("T, C16 k{k0} s{s0}, R, M, C32 k{k1} s{s1}, R, M, F, L10", 64, 64, 3, **sizes)


class SynthClassifier(FromText):
    def __init__(self, kernel_size, stride):
        text = "T, C2 k{k0} s{s0}, R, M, C4 k{k1} s{s1}, R, M, C8 k{k2} s{s2}, R, M, F, L2"
        super().__init__(text, 28, 28, 1, **one_per_conv(3, kernel_size, stride))


class FashionCNN(FromText):
    def __init__(self):
        super().__init__("C4 k3 p1, R, M, C8 k4 p2, R, M, C16 k5 p3, R, M, F, L10", 1, 28, 28)


class RegularizedFashionCNN(FromText):
    def __init__(self):
        super().__init__("C4 k3 p1, N, R, M, C8 k4 p2, N, R, M, C16 k5 p3, N, R, D20, M, F, L10", 1, 28, 28)


LENET = "P32, C6 k5, R, M, C16 k5, R, M, F, L120, R, L84, R, L10"


class LeNet5(FromText):
    def __init__(self, in_channels=1):
        super().__init__(LENET, in_channels, 28, 28)


class InversionInvariantLeNet5(FromText):
    def __init__(self):
        super().__init__(f"I, {LENET}", 1, 28, 28)


def blocks(*widths_of_blocks):
    return ", M, ".join(", ".join(f"C{width} k3 p1, R" for width in widths) for widths in widths_of_blocks) + ", M"


class SmallVGG(FromText):
    def __init__(self):
        convs = blocks([16, 16], [32, 32], [64, 64]).replace("p1", "p3", 1)
        super().__init__(convs + ", F, L500, R, L500, R, L10", 1, 28, 28)
        for layer in self.layers:
            if hasattr(layer, "bias"):
                nn.init.xavier_uniform_(layer.weight)
                layer.bias.data.zero_()


class CatDogVGG(FromText):
    def __init__(self):
        convs = blocks([32], [64, 64], [128, 128], [256, 256])
        super().__init__(convs + ", F, L1024, R, L512, R, L2", 3, 64, 64)
