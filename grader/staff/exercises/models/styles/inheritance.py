"""Models as a family of classes: children change a class attribute or a method."""

import torch
import torch.nn.functional as F
from torch import nn


class FullyConnected(nn.Module):
    n_inputs: int
    widths = (128, 64)
    n_classes = 10

    def __init__(self):
        super().__init__()
        first, second = self.widths
        self.output = nn.Linear(second, self.n_classes)
        self.hidden = nn.ModuleList([nn.Linear(self.n_inputs, first), nn.Linear(first, second)])

    def features(self, images):
        return images

    def forward(self, images):
        x = torch.flatten(self.features(images), 1)
        for layer in self.hidden:
            x = F.relu(layer(x))
        return self.output(x)


class DigitClassifier(FullyConnected):
    n_inputs = 784


class DogClassifierFC(DigitClassifier):
    def __init__(self):
        super().__init__()
        self.hidden[0] = nn.Linear(64 * 64 * 3, 128)


class DogClassifierConv(nn.Module):
    side = 64
    channels = (3, 16, 32)
    n_classes = 10

    def __init__(self, kernel_size, stride):
        super().__init__()
        n_convs = len(self.channels) - 1
        if len(kernel_size) != n_convs or len(stride) != n_convs:
            raise ValueError(f"kernel_size={kernel_size}, stride={stride}: both should have {n_convs} entries.")
        self.convs = nn.ModuleList()
        height = width = self.side
        for i in range(n_convs):
            conv = nn.Conv2d(self.channels[i], self.channels[i + 1], kernel_size[i], stride[i])
            height = ((height - conv.kernel_size[0]) // conv.stride[0] + 1) // 2
            width = ((width - conv.kernel_size[1]) // conv.stride[1] + 1) // 2
            self.convs.append(conv)
        self.output = nn.Linear(self.channels[-1] * height * width, self.n_classes)

    def forward(self, images):
        x = images.movedim(-1, 1)
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.output(x.flatten(1))


class SynthClassifier(DogClassifierConv):
    side = 28
    channels = (1, 2, 4, 8)
    n_classes = 2


class FashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 8, 4, padding=2)
        self.conv3 = nn.Conv2d(8, 16, 5, padding=3)
        self.output = nn.Linear(256, 10)

    def stage1(self, x):
        return self.conv1(x)

    def stage2(self, x):
        return self.conv2(x)

    def stage3(self, x):
        return self.conv3(x)

    def before_last_pool(self, x):
        return x

    def forward(self, images):
        x = F.max_pool2d(self.stage1(images).relu(), 2)
        x = F.max_pool2d(self.stage2(x).relu(), 2)
        x = F.max_pool2d(self.before_last_pool(self.stage3(x).relu()), 2)
        return self.output(x.flatten(1))


class RegularizedFashionCNN(FashionCNN):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = nn.BatchNorm2d(4), nn.BatchNorm2d(8), nn.BatchNorm2d(16)

    def stage1(self, x):
        return self.norm1(super().stage1(x))

    def stage2(self, x):
        return self.norm2(super().stage2(x))

    def stage3(self, x):
        return self.norm3(super().stage3(x))

    def before_last_pool(self, x):
        return F.dropout(x, p=0.2, training=self.training)


class LeNet5(FullyConnected):
    """Fully connected layers on convolutional features."""

    n_inputs = 400
    widths = (120, 84)

    def __init__(self, in_channels=1):
        super().__init__()
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.conv1 = nn.Conv2d(in_channels, 6, 5)

    def features(self, images):
        if images.size(-1) == 28:
            images = F.pad(images, (2, 2, 2, 2), mode="constant", value=0.0)
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)


class InversionInvariantLeNet5(LeNet5):
    def __init__(self):
        super().__init__(in_channels=1)

    def features(self, images):
        return super().features(0.25 - (images - 0.5) ** 2)  # x(1 - x), by completing the square


class VGG(FullyConnected):
    in_channels: int
    blocks: tuple

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList()
        channels = self.in_channels
        for count, width in self.blocks:
            for _ in range(count):
                self.convs.append(nn.Conv2d(channels, width, 3, padding=self.padding()))
                channels = width

    def padding(self):
        return 1

    def features(self, images):
        x, convs = images, iter(self.convs)
        for count, _ in self.blocks:
            for _ in range(count):
                x = F.relu(next(convs)(x))
            x = F.max_pool2d(x, 2)
        return x


class SmallVGG(VGG):
    in_channels = 1
    blocks = ((2, 16), (2, 32), (2, 64))
    n_inputs = 1024
    widths = (500, 500)

    def __init__(self):
        super().__init__()
        for layer in [*self.convs, *self.hidden, self.output]:
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)

    def padding(self):
        return 1 if len(self.convs) else 3


class CatDogVGG(VGG):
    in_channels = 3
    blocks = ((1, 32), (2, 64), (2, 128), (2, 256))
    n_inputs = 4096
    widths = (1024, 512)
    n_classes = 2
