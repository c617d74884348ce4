"""A class for each network, everything written out, with other widths than the reference."""

import torch
from torch import nn


class Narrow(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_logits = nn.Linear(80, 10)
        self.first = nn.Linear(784, 80)
        self.relu = nn.ReLU(inplace=True)
        self.never_drops = nn.Dropout(0.0)

    def forward(self, x):
        n_images, n_channels, height, width = x.shape
        assert (n_channels, height, width) == (1, 28, 28)
        x = x.to(torch.float32)
        x = x.view(n_images, height * width)
        x = self.first(x)
        x = self.relu(x)
        x = self.never_drops(x)
        return self.to_logits(x)


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(784, 128)
        self.second = nn.Linear(128, 72)
        self.third = nn.Linear(72, 10)
        self.dropout = nn.Dropout(p=0.2)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.first(x))
        x = self.dropout(x)
        x = self.second(x).relu()
        x = self.dropout(x)
        x = self.third(x)
        return x


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(784, 512)
        self.b = nn.Linear(512, 256)
        self.c = nn.Linear(256, 128)
        self.d = nn.Linear(128, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = x.reshape(-1, 784)
        x = nn.functional.dropout(nn.functional.relu(self.a(x)), 0.3, self.training)
        x = nn.functional.dropout(nn.functional.relu(self.b(x)), 0.2, self.training)
        x = nn.functional.relu(self.c(x))
        x = nn.functional.relu(self.d(x))
        return self.out(x)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 16, 5, padding=2, padding_mode="replicate")
        self.norm2 = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.hidden = nn.Linear(576, 64)
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.norm1(self.conv1(x))))
        x = self.pool(torch.relu(self.norm2(self.conv2(x))))
        x = torch.flatten(x, start_dim=1)
        x = self.dropout(torch.relu(self.hidden(x)))
        return self.out(x)


def narrow_mlp():
    return Narrow()


def two_layer_mlp():
    return TwoLayers()


def deep_mlp():
    return Deep()


def budget_cnn():
    return Cnn()
