from torch import nn as torch_nn


def budget_cnn():
    slow = [torch_nn.Conv2d(32, 32, 5, padding=2) for _ in range(30)]
    first = [torch_nn.Conv2d(1, 32, 3, padding=1), torch_nn.BatchNorm2d(32), torch_nn.Dropout(0.1)]
    return torch_nn.Sequential(*first, *slow, torch_nn.MaxPool2d(4), torch_nn.Flatten(), torch_nn.Linear(1568, 10))
