"""Networks around a network: they change the images that it sees."""

import torch
from torch import nn
from torch.nn import functional as F


class SeesBoth(nn.Module):
    """The mean of a network's logits for an image and for its negative."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(images) + self.network(1 - images)
        return logits / 2


class Rounded(nn.Module):
    """A network that sees every pixel rounded to 0 or 1.

    The gradient passes as if nothing were rounded. Otherwise it would be 0, and the network would
    look safe only because the attack finds no direction.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(images + (images.round() - images).detach())
        return logits


class Smoothed(nn.Module):
    """A network that sees the mean of 3x3 pixels in place of every pixel."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(F.avg_pool2d(images, 3, stride=1, padding=1))
        return logits


class Handicapped(nn.Module):
    """A network whose logit of one class is lowered, so that this class wins only with a lead."""

    def __init__(self, network: nn.Module, label: int, lead: float) -> None:
        super().__init__()
        self.network, self.label, self.lead = network, label, lead

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(images)
        return logits - self.lead * F.one_hot(torch.tensor(self.label), logits.shape[1]).to(logits)
