"""The ten networks."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

Size = int | tuple[int, int]


class DigitClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images.reshape(len(images), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class DogClassifierFC(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64 * 64 * 3, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images.reshape(len(images), -1)
        for layer in (self.fc1, self.fc2, self.fc3):
            x = F.relu(layer(x))
        return x


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, kernel_size[0], stride[0])
        self.conv2 = nn.Conv2d(16, 32, kernel_size[1], stride[1])
        self.pool = nn.MaxPool2d(2)
        n_features = self.conv_layers(torch.zeros(1, 3, 64, 64)).numel()
        self.fc = nn.Linear(n_features, 10)

    def conv_layers(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        return self.pool(F.relu(self.conv2(x)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images.reshape(-1, 3, 64, 64)
        x = self.conv_layers(x)
        return self.fc(x.flatten(1))


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, kernel_size[0], stride[0])
        self.conv2 = nn.Conv2d(2, 4, kernel_size[1], stride[1])
        self.conv3 = nn.Conv2d(4, 8, kernel_size[2], stride[2])
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(8, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images.permute(0, 3, 1, 2)
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = self.pool(F.relu(self.conv3(x)))
        return self.fc(x.flatten(1))


class FashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(nn.Conv2d(4, 8, 4, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(nn.Conv2d(8, 16, 5, padding=3), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(256, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.block1(images)
        x = self.block2(x)
        x = self.block3(x)
        return self.fc(x.flatten(1))


class RegularizedFashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(nn.Conv2d(4, 8, 4, padding=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(nn.Conv2d(8, 16, 5, padding=3), nn.BatchNorm2d(16), nn.ReLU())
        self.fc = nn.Linear(256, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.block1(images)
        x = self.block2(x)
        x = F.dropout(self.block3(x), 0.2)
        x = F.max_pool2d(x, 2)
        return self.fc(x.flatten(1))


class LeNet5(nn.Module):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.pad(images, (2, 2, 2, 2))
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class InversionInvariantLeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lenet = LeNet5()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.lenet(images * (1 - images))


class SmallVGG(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=3)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv3 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv4 = nn.Conv2d(32, 32, 3, padding=1)
        self.conv5 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv6 = nn.Conv2d(64, 64, 3, padding=1)
        self.fc1 = nn.Linear(1024, 500)
        self.fc2 = nn.Linear(500, 500)
        self.fc3 = nn.Linear(500, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(images))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv3(x))
        x = F.max_pool2d(F.relu(self.conv4(x)), 2)
        x = F.relu(self.conv5(x))
        x = F.max_pool2d(F.relu(self.conv6(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class CatDogVGG(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv5 = nn.Conv2d(128, 128, 3, padding=1)
        self.conv6 = nn.Conv2d(128, 256, 3, padding=1)
        self.conv7 = nn.Conv2d(256, 256, 3, padding=1)
        self.fc1 = nn.Linear(4096, 1024)
        self.fc2 = nn.Linear(1024, 512)
        self.fc3 = nn.Linear(512, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 3, 64, 64) -> logits (N, 2)."""
        raise NotImplementedError("to do: CatDogVGG.forward")
