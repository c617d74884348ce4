"""Models that pad in other ways than the reference: modules, "same", concatenated zeros."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, images):
        x = images.reshape(images.shape[0], 784)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class DogClassifierFC(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(64 * 64 * 3, 128), nn.Linear(128, 64), nn.Linear(64, 10)

    def forward(self, images):
        x = images.reshape(images.shape[0], 64 * 64 * 3)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def sides_after(convs, height, width):
    """The side after each convolution and each pool, by torch's formula."""
    for conv in convs:
        (kernel_height, kernel_width), (down, right) = conv.kernel_size, conv.stride
        height, width = (height - kernel_height) // down + 1, (width - kernel_width) // right + 1
        height, width = (height - 2) // 2 + 1, (width - 2) // 2 + 1
    return height, width


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        if len(kernel_size) != 2:
            raise ValueError(f"kernel_size {kernel_size} doesn't have two entries.")
        if len(stride) != 2:
            raise ValueError(f"stride {stride} doesn't have two entries.")
        self.conv1 = nn.Conv2d(3, 16, kernel_size=kernel_size[0], stride=stride[0], padding="valid")
        self.conv2 = nn.Conv2d(16, 32, kernel_size=kernel_size[1], stride=stride[1], padding="valid")
        height, width = sides_after([self.conv1, self.conv2], 64, 64)
        self.fc = nn.Linear(32 * height * width, 10)

    def forward(self, images):
        x = torch.movedim(images, (0, 1, 2, 3), (0, 2, 3, 1))
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(torch.flatten(x, 1))


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        if len(kernel_size) != 3:
            raise ValueError(f"kernel_size {kernel_size} doesn't have three entries.")
        if len(stride) != 3:
            raise ValueError(f"stride {stride} doesn't have three entries.")
        self.conv1 = nn.Conv2d(1, 2, kernel_size=kernel_size[0], stride=stride[0], padding="valid")
        self.conv2 = nn.Conv2d(2, 4, kernel_size=kernel_size[1], stride=stride[1], padding="valid")
        self.conv3 = nn.Conv2d(4, 8, kernel_size=kernel_size[2], stride=stride[2], padding="valid")
        height, width = sides_after([self.conv1, self.conv2, self.conv3], 28, 28)
        self.fc = nn.Linear(8 * height * width, 2)

    def forward(self, images):
        x = images[..., 0][:, None]
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.max_pool2d(F.relu(self.conv3(x)), 2)
        return self.fc(torch.flatten(x, 1))


class FashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding="same")
        self.pad2 = nn.ZeroPad2d(2)
        self.conv2 = nn.Conv2d(4, 8, 4)
        self.pad3 = nn.ConstantPad2d(3, 0.0)
        self.conv3 = nn.Conv2d(8, 16, 5)
        self.fc = nn.Linear(256, 10)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2(self.pad2(x))), 2)
        x = F.max_pool2d(F.relu(self.conv3(self.pad3(x))), 2)
        return self.fc(torch.flatten(x, 1))


class RegularizedFashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.ZeroPad2d((1, 1, 1, 1)), nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.ZeroPad2d((2, 2, 2, 2)), nn.Conv2d(4, 8, 4), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.ZeroPad2d((3, 3, 3, 3)), nn.Conv2d(8, 16, 5), nn.BatchNorm2d(16), nn.ReLU()),
            *(nn.Dropout(0.2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10)),
        )

    def forward(self, images):
        return self.layers(images)


def zeros_around(images, margin):
    """Zeros on top and below, then left and right."""
    if margin == 0:
        return images
    n, channels, _, width = images.shape
    rows = images.new_zeros((n, channels, margin, width))
    images = torch.cat([rows, images, rows], dim=2)
    columns = images.new_zeros((n, channels, images.shape[2], margin))
    return torch.cat([columns, images, columns], dim=3)


class LeNet5(nn.Module):
    def __init__(self, in_channels=1):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(in_channels, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, images):
        x = zeros_around(images, (32 - images.shape[3]) // 2)
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class InversionInvariantLeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.lenet = LeNet5(1)

    def forward(self, images):
        return self.lenet(zeros_around(images, 2) * zeros_around(1 - images, 2))


class SmallVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1a, self.conv1b = nn.Conv2d(1, 16, 3, padding="same"), nn.Conv2d(16, 16, 3, padding="same")
        self.conv2a, self.conv2b = nn.Conv2d(16, 32, 3, padding="same"), nn.Conv2d(32, 32, 3, padding="same")
        self.conv3a, self.conv3b = nn.Conv2d(32, 64, 3, padding="same"), nn.Conv2d(64, 64, 3, padding="same")
        self.fc1, self.fc2, self.fc3 = nn.Linear(1024, 500), nn.Linear(500, 500), nn.Linear(500, 10)
        for layer in self.children():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, images):
        x = zeros_around(images, 2)  # 2 here and 1 from "same" make 3
        x = F.max_pool2d(F.relu(self.conv1b(F.relu(self.conv1a(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv2b(F.relu(self.conv2a(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv3b(F.relu(self.conv3a(x)))), 2)
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class CatDogVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding="same")
        self.conv2a, self.conv2b = nn.Conv2d(32, 64, 3, padding="same"), nn.Conv2d(64, 64, 3, padding="same")
        self.conv3a, self.conv3b = nn.Conv2d(64, 128, 3, padding="same"), nn.Conv2d(128, 128, 3, padding="same")
        self.conv4a, self.conv4b = nn.Conv2d(128, 256, 3, padding="same"), nn.Conv2d(256, 256, 3, padding="same")
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 1024), nn.Linear(1024, 512), nn.Linear(512, 2)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2b(F.relu(self.conv2a(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv3b(F.relu(self.conv3a(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv4b(F.relu(self.conv4a(x)))), 2)
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
