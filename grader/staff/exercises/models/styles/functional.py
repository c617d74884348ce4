"""Models with modules only for layers with weights, created last to first."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

Size = int | tuple[int, int]


def pooled(x: torch.Tensor) -> torch.Tensor:
    return F.max_pool2d(F.relu(x), kernel_size=2)


def flat(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(x.size(0), -1)


class DigitClassifier(nn.Module):
    n_inputs = 28 * 28

    def __init__(self) -> None:
        super().__init__()
        self.to_logits = nn.Linear(64, 10)
        self.narrow = nn.Linear(128, 64)
        self.wide = nn.Linear(self.n_inputs, 128)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        activity = pixels.reshape(-1, self.n_inputs)
        activity = F.relu(self.wide(activity))
        activity = F.relu(self.narrow(activity))
        return self.to_logits(activity)


class DogClassifierFC(DigitClassifier):
    n_inputs = 64 * 64 * 3


def pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def shape_after(shape: tuple[int, int], kernel: Size, stride: Size) -> tuple[int, int]:
    """The height and width after a convolution without padding and a max-pool of 2."""
    (height, width), (kernel_height, kernel_width), (step_down, step_right) = shape, pair(kernel), pair(stride)
    return ((height - kernel_height) // step_down + 1) // 2, ((width - kernel_width) // step_right + 1) // 2


class DogClassifierConv(nn.Module):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        if not len(kernel_size) == len(stride) == 2:
            raise ValueError(f"kernel_size and stride must have two entries each; got {kernel_size} and {stride}.")
        (near_kernel, far_kernel), (near_stride, far_stride) = kernel_size, stride
        height, width = shape_after(shape_after((64, 64), near_kernel, near_stride), far_kernel, far_stride)
        self.breeds = nn.Linear(32 * height * width, 10)
        self.far = nn.Conv2d(16, 32, far_kernel, far_stride)
        self.near = nn.Conv2d(3, 16, near_kernel, near_stride)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        maps = photos.transpose(2, 3).transpose(1, 2)
        maps = pooled(self.near(maps))
        maps = pooled(self.far(maps))
        return self.breeds(flat(maps))


class SynthClassifier(nn.Module):
    def __init__(self, kernel_size: Sequence[Size], stride: Sequence[Size]) -> None:
        super().__init__()
        if not len(kernel_size) == len(stride) == 3:
            raise ValueError(f"kernel_size and stride must have three entries each; got {kernel_size} and {stride}.")
        shape = (28, 28)
        for kernel, step in zip(kernel_size, stride, strict=True):
            shape = shape_after(shape, kernel, step)
        height, width = shape
        kernel_a, kernel_b, kernel_c = kernel_size
        stride_a, stride_b, stride_c = stride
        self.readout = nn.Linear(8 * height * width, 2)
        self.c = nn.Conv2d(4, 8, kernel_c, stride_c)
        self.b = nn.Conv2d(2, 4, kernel_b, stride_b)
        self.a = nn.Conv2d(1, 2, kernel_a, stride_a)

    def forward(self, drawings: torch.Tensor) -> torch.Tensor:
        maps = drawings.squeeze(3).unsqueeze(1)
        for conv in (self.a, self.b, self.c):
            maps = pooled(conv(maps))
        return self.readout(flat(maps))


class FashionCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(16 * 4 * 4, 10)
        self.third = nn.Conv2d(8, 16, 5, 1, 3)
        self.second = nn.Conv2d(4, 8, 4, 1, 2)
        self.first = nn.Conv2d(1, 4, 3, 1, 1)

    def forward(self, clothes: torch.Tensor) -> torch.Tensor:
        maps = pooled(self.first(clothes))
        maps = pooled(self.second(maps))
        maps = pooled(self.third(maps))
        return self.head(flat(maps))


class RegularizedFashionCNN(FashionCNN):
    def __init__(self) -> None:
        super().__init__()
        self.third_norm = nn.BatchNorm2d(16)
        self.second_norm = nn.BatchNorm2d(8)
        self.first_norm = nn.BatchNorm2d(4)

    def forward(self, clothes: torch.Tensor) -> torch.Tensor:
        maps = pooled(self.first_norm(self.first(clothes)))
        maps = pooled(self.second_norm(self.second(maps)))
        maps = F.relu(self.third_norm(self.third(maps)))
        maps = F.dropout(maps, 0.2, training=self.training)
        maps = F.max_pool2d(maps, kernel_size=2)
        return self.head(flat(maps))


class LeNet5(nn.Module):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.f7 = nn.Linear(84, 10)
        self.f6 = nn.Linear(120, 84)
        self.c5 = nn.Linear(400, 120)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.c1 = nn.Conv2d(in_channels, 6, 5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        margin = (32 - images.size(-1)) // 2
        maps = F.pad(images, [margin] * 4)
        maps = pooled(self.c1(maps))
        maps = pooled(self.c3(maps))
        activity = F.relu(self.c5(flat(maps)))
        activity = F.relu(self.f6(activity))
        return self.f7(activity)


class InversionInvariantLeNet5(LeNet5):
    def __init__(self) -> None:
        super().__init__(in_channels=1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return super().forward(images * (1 - images))


class SmallVGG(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.digits = nn.Linear(500, 10)
        self.upper = nn.Linear(500, 500)
        self.lower = nn.Linear(64 * 4 * 4, 500)
        self.block3b = nn.Conv2d(64, 64, 3, padding=1)
        self.block3a = nn.Conv2d(32, 64, 3, padding=1)
        self.block2b = nn.Conv2d(32, 32, 3, padding=1)
        self.block2a = nn.Conv2d(16, 32, 3, padding=1)
        self.block1b = nn.Conv2d(16, 16, 3, padding=1)
        self.block1a = nn.Conv2d(1, 16, 3, padding=3)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                nn.init.xavier_uniform_(parameter)

    def forward(self, digits: torch.Tensor) -> torch.Tensor:
        maps = pooled(self.block1b(F.relu(self.block1a(digits))))
        maps = pooled(self.block2b(F.relu(self.block2a(maps))))
        maps = pooled(self.block3b(F.relu(self.block3a(maps))))
        activity = F.relu(self.lower(flat(maps)))
        activity = F.relu(self.upper(activity))
        return self.digits(activity)


class CatDogVGG(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.species = nn.Linear(512, 2)
        self.upper = nn.Linear(1024, 512)
        self.lower = nn.Linear(256 * 4 * 4, 1024)
        self.block4b = nn.Conv2d(256, 256, 3, padding=1)
        self.block4a = nn.Conv2d(128, 256, 3, padding=1)
        self.block3b = nn.Conv2d(128, 128, 3, padding=1)
        self.block3a = nn.Conv2d(64, 128, 3, padding=1)
        self.block2b = nn.Conv2d(64, 64, 3, padding=1)
        self.block2a = nn.Conv2d(32, 64, 3, padding=1)
        self.block1 = nn.Conv2d(3, 32, 3, padding=1)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        maps = pooled(self.block1(photos))
        maps = pooled(self.block2b(F.relu(self.block2a(maps))))
        maps = pooled(self.block3b(F.relu(self.block3a(maps))))
        maps = pooled(self.block4b(F.relu(self.block4a(maps))))
        activity = F.relu(self.lower(flat(maps)))
        activity = F.relu(self.upper(activity))
        return self.species(activity)
