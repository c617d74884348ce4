"""Models by a beginner: a line and a module for every step, sizes calculated by hand."""

import torch
import torch.nn as nn


class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(28 * 28, 128)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(128, 64)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(64, 10)

    def forward(self, images):
        x1 = self.flatten(images)
        x2 = self.fc1(x1)
        x3 = self.relu1(x2)
        x4 = self.fc2(x3)
        x5 = self.relu2(x4)
        x6 = self.fc3(x5)
        return x6


class DogClassifierFC(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64 * 64 * 3, 128)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(128, 64)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(64, 10)

    def forward(self, images):
        batch_size = images.shape[0]
        images = images.contiguous()
        x = images.view(batch_size, -1)
        x = self.fc1(x)
        x = self.relu1(x)
        x = self.fc2(x)
        x = self.relu2(x)
        x = self.fc3(x)
        return x


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        if len(kernel_size) != 2:
            raise ValueError(f"kernel_size must have 2 entries but is {kernel_size}")
        if len(stride) != 2:
            raise ValueError(f"stride must have 2 entries but is {stride}")
        k1h, k1w = both(kernel_size[0])
        k2h, k2w = both(kernel_size[1])
        s1h, s1w = both(stride[0])
        s2h, s2w = both(stride[1])
        self.conv1 = nn.Conv2d(3, 16, (k1h, k1w), stride=(s1h, s1w))
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(16, 32, (k2h, k2w), stride=(s2h, s2w))
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(kernel_size=2, stride=2)
        # height and width after conv1, pool1, conv2, pool2
        h = int((64 - k1h) / s1h + 1)
        w = int((64 - k1w) / s1w + 1)
        h = int(h / 2)
        w = int(w / 2)
        h = int((h - k2h) / s2h + 1)
        w = int((w - k2w) / s2w + 1)
        h = int(h / 2)
        w = int(w / 2)
        self.fc = nn.Linear(32 * h * w, 10)

    def forward(self, images):
        x = torch.transpose(images, 1, 3)  # (N, C, W, H)
        x = torch.transpose(x, 2, 3)  # (N, C, H, W)
        x = self.conv1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])
        x = self.fc(x)
        return x


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size, stride):
        super().__init__()
        if len(kernel_size) != 3:
            raise ValueError(f"kernel_size must have 3 entries but is {kernel_size}")
        if len(stride) != 3:
            raise ValueError(f"stride must have 3 entries but is {stride}")
        k1h, k1w = both(kernel_size[0])
        k2h, k2w = both(kernel_size[1])
        k3h, k3w = both(kernel_size[2])
        s1h, s1w = both(stride[0])
        s2h, s2w = both(stride[1])
        s3h, s3w = both(stride[2])
        self.conv1 = nn.Conv2d(1, 2, (k1h, k1w), stride=(s1h, s1w))
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(2, 4, (k2h, k2w), stride=(s2h, s2w))
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv3 = nn.Conv2d(4, 8, (k3h, k3w), stride=(s3h, s3w))
        self.relu3 = nn.ReLU()
        self.pool3 = nn.MaxPool2d(kernel_size=2, stride=2)
        # height and width after conv1, pool1, conv2, pool2, conv3, pool3
        h = int((28 - k1h) / s1h + 1)
        w = int((28 - k1w) / s1w + 1)
        h = int(h / 2)
        w = int(w / 2)
        h = int((h - k2h) / s2h + 1)
        w = int((w - k2w) / s2w + 1)
        h = int(h / 2)
        w = int(w / 2)
        h = int((h - k3h) / s3h + 1)
        w = int((w - k3w) / s3w + 1)
        h = int(h / 2)
        w = int(w / 2)
        self.fc = nn.Linear(8 * h * w, 2)

    def forward(self, images):
        x = torch.transpose(images, 1, 3)  # (N, C, W, H)
        x = torch.transpose(x, 2, 3)  # (N, C, H, W)
        x = self.conv1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = self.conv3(x)
        x = self.relu3(x)
        x = self.pool3(x)
        x = x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])
        x = self.fc(x)
        return x


def both(size):
    if isinstance(size, int):
        return size, size
    return size[0], size[1]


class FashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=4, kernel_size=3, stride=1, padding=1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(kernel_size=2)
        self.conv2 = nn.Conv2d(in_channels=4, out_channels=8, kernel_size=4, stride=1, padding=2)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(kernel_size=2)
        self.conv3 = nn.Conv2d(in_channels=8, out_channels=16, kernel_size=5, stride=1, padding=3)
        self.relu3 = nn.ReLU()
        self.pool3 = nn.MaxPool2d(kernel_size=2)
        self.fc = nn.Linear(in_features=256, out_features=10)

    def forward(self, images):
        x = self.conv1(images)  # 28
        x = self.relu1(x)
        x = self.pool1(x)  # 14
        x = self.conv2(x)  # 15
        x = self.relu2(x)
        x = self.pool2(x)  # 7
        x = self.conv3(x)  # 9
        x = self.relu3(x)
        x = self.pool3(x)  # 4
        x = torch.flatten(x, start_dim=1)
        x = self.fc(x)
        return x


class RegularizedFashionCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=4, kernel_size=3, stride=1, padding=1)
        self.bn1 = nn.BatchNorm2d(num_features=4)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(kernel_size=2)
        self.conv2 = nn.Conv2d(in_channels=4, out_channels=8, kernel_size=4, stride=1, padding=2)
        self.bn2 = nn.BatchNorm2d(num_features=8)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(kernel_size=2)
        self.conv3 = nn.Conv2d(in_channels=8, out_channels=16, kernel_size=5, stride=1, padding=3)
        self.bn3 = nn.BatchNorm2d(num_features=16)
        self.relu3 = nn.ReLU()
        self.dropout = nn.Dropout(p=0.2)
        self.pool3 = nn.MaxPool2d(kernel_size=2)
        self.fc = nn.Linear(in_features=256, out_features=10)

    def forward(self, images):
        x = self.conv1(images)
        x = self.bn1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.bn2(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = self.conv3(x)
        x = self.bn3(x)
        x = self.relu3(x)
        x = self.dropout(x)
        x = self.pool3(x)
        x = torch.flatten(x, start_dim=1)
        x = self.fc(x)
        return x


class LeNet5(nn.Module):
    def __init__(self, in_channels=1):
        super().__init__()
        self.pad = nn.ZeroPad2d((2, 2, 2, 2))
        self.conv1 = nn.Conv2d(in_channels, 6, 5)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, images):
        x = images
        if x.shape[2] == 28 and x.shape[3] == 28:
            x = self.pad(x)
        x = self.conv1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = x.view(-1, 16 * 5 * 5)
        x = self.fc1(x)
        x = self.relu3(x)
        x = self.fc2(x)
        x = self.relu4(x)
        x = self.fc3(x)
        return x


class InversionInvariantLeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.pad = nn.ZeroPad2d((2, 2, 2, 2))
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, images):
        inverted = 1 - images
        x = images * inverted
        x = self.pad(x)
        x = self.conv1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.conv2(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = x.view(-1, 16 * 5 * 5)
        x = self.fc1(x)
        x = self.relu3(x)
        x = self.fc2(x)
        x = self.relu4(x)
        x = self.fc3(x)
        return x


class SmallVGG(nn.Module):
    def __init__(self):
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
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        nn.init.xavier_uniform_(self.conv1.weight)
        nn.init.xavier_uniform_(self.conv2.weight)
        nn.init.xavier_uniform_(self.conv3.weight)
        nn.init.xavier_uniform_(self.conv4.weight)
        nn.init.xavier_uniform_(self.conv5.weight)
        nn.init.xavier_uniform_(self.conv6.weight)
        nn.init.xavier_uniform_(self.fc1.weight)
        nn.init.xavier_uniform_(self.fc2.weight)
        nn.init.xavier_uniform_(self.fc3.weight)
        self.conv1.bias.data.fill_(0)
        self.conv2.bias.data.fill_(0)
        self.conv3.bias.data.fill_(0)
        self.conv4.bias.data.fill_(0)
        self.conv5.bias.data.fill_(0)
        self.conv6.bias.data.fill_(0)
        self.fc1.bias.data.fill_(0)
        self.fc2.bias.data.fill_(0)
        self.fc3.bias.data.fill_(0)

    def forward(self, images):
        x = self.relu(self.conv1(images))
        x = self.relu(self.conv2(x))
        x = self.pool(x)
        x = self.relu(self.conv3(x))
        x = self.relu(self.conv4(x))
        x = self.pool(x)
        x = self.relu(self.conv5(x))
        x = self.relu(self.conv6(x))
        x = self.pool(x)
        x = x.view(-1, 1024)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.fc3(x)
        return x


class CatDogVGG(nn.Module):
    def __init__(self):
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
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)

    def forward(self, images):
        x = self.relu(self.conv1(images))
        x = self.pool(x)
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        x = self.pool(x)
        x = self.relu(self.conv4(x))
        x = self.relu(self.conv5(x))
        x = self.pool(x)
        x = self.relu(self.conv6(x))
        x = self.relu(self.conv7(x))
        x = self.pool(x)
        x = x.view(-1, 4096)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.fc3(x)
        return x
