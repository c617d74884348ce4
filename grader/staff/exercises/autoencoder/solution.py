"""Exercise autoencoder: learn from images without labels, then use what was learnt.

An autoencoder turns an image into a short code (its encoder) and turns the code into an image again
(its decoder). If it is trained to return the clean image when it gets a corrupted one, it removes
noise. Its encoder learns what images look like, so that a single linear layer on the code can
classify them.

All images here are grey, of shape (N, 1, 28, 28) and dtype float32, with values from -1 (black) to
1 (white). Functions get them as NumPy arrays; a module's forward gets them as torch tensors.

Layers with weights are layers of torch.nn (nn.Conv2d, nn.ConvTranspose2d, nn.Linear). They have a
bias, are called as modules, and otherwise keep torch's default arguments.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

Corruption = Callable[[np.ndarray], np.ndarray]  # from clean images to corrupted ones of the same shape


class Autoencoder(nn.Module):
    """A small convolutional autoencoder: 5,729 parameters.

    Encoder: convolution to 16 channels with 3x3 kernels, stride 3 and padding 1, ReLU, max-pool 2x2
    with stride 2; convolution to 8 channels with 3x3 kernels, stride 2 and padding 1, ReLU,
    max-pool 2x2 with stride 1. It turns an image (1, 28, 28) into a code (8, 2, 2).

    Decoder: transposed convolutions to 16 channels with 3x3 kernels and stride 2, to 8 channels
    with 5x5 kernels, stride 3 and padding 1, and to 1 channel with 2x2 kernels, stride 2 and
    padding 1. ReLU follows the first two, Tanh follows the last, so that the results lie between -1
    and 1. It turns a code (8, 2, 2) into an image (1, 28, 28).

    Attributes:
        encoder: an nn.Module, images (N, 1, 28, 28) -> codes (N, 8, 2, 2).
        decoder: an nn.Module, codes (N, 8, 2, 2) -> images (N, 1, 28, 28).
    """

    def __init__(self) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, stride=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 8, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, stride=1),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 16, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, kernel_size=5, stride=3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, kernel_size=2, stride=2, padding=1),
            nn.Tanh(),
        )
        # END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> their reconstructions (N, 1, 28, 28), values from -1 to 1."""
        # BEGIN SOLUTION
        return self.decoder(self.encoder(images))
        # END SOLUTION


def corrupt(
    images: np.ndarray,
    kind: str | Sequence[str],
    amount: float | Sequence[float],
    generator: np.random.Generator,
) -> np.ndarray:
    """Add random noise to images. The result is a new array; the given array is not changed.

    Each pixel is changed independently. All random numbers come from `generator`: if it is in the
    same state, the result is the same, and the next call gives another result. Do not use NumPy's
    global generator (np.random.seed, ...).

    Args:
        images: float32, shape (N, 1, 28, 28), values in [-1, 1].
        kind: what happens to the pixels:
            "gaussian": each pixel has a random number added, from a normal distribution with mean 0
                and standard deviation `amount`;
            "salt_and_pepper": each pixel is replaced with probability `amount`, by -1 or by 1, both
                equally likely;
            "zero": each pixel is replaced with probability `amount` by the number 0. On this scale
                that is grey; black is -1.
            Or a list or tuple of kinds: they are applied one after the other, in that order.
        amount: the standard deviation, at least 0, or the probability, from 0 to 1. For several
            kinds, a list or tuple with one amount for each.
        generator: the source of all random numbers, e.g. np.random.default_rng(0).

    Returns:
        The corrupted images, with the same shape and dtype. Values are clipped to [-1, 1] after
        each kind.

    Raises:
        ValueError: for an unknown kind, a negative amount or a probability above 1, and if kinds
            and amounts differ in number.
    """
    # BEGIN SOLUTION
    kinds, amounts = np.atleast_1d(kind).tolist(), np.atleast_1d(amount).tolist()
    if len(kinds) != len(amounts):
        raise ValueError(f"There are {len(kinds)} kinds and {len(amounts)} amounts; each kind needs one.")
    for name, size in zip(kinds, amounts, strict=True):
        check_corruption(name, size)
    corrupted = images.copy()
    for name, size in zip(kinds, amounts, strict=True):
        if name == "gaussian":
            corrupted += size * generator.standard_normal(images.shape)
        else:
            hit = generator.random(images.shape) < size
            salt_and_pepper = generator.choice([-1.0, 1.0], images.shape)
            corrupted[hit] = salt_and_pepper[hit] if name == "salt_and_pepper" else 0
        corrupted = corrupted.clip(-1, 1)
    return corrupted
    # END SOLUTION


# BEGIN SOLUTION
def check_corruption(kind: str, amount: float) -> None:
    if kind not in ("gaussian", "salt_and_pepper", "zero"):
        raise ValueError(f"The kind of corruption is {kind!r}; it must be gaussian, salt_and_pepper or zero.")
    most = np.inf if kind == "gaussian" else 1
    if not 0 <= amount <= most:
        raise ValueError(f"The amount of {kind} is {amount}; it must lie between 0 and {most}.")


# END SOLUTION


def train_autoencoder(
    model: nn.Module,
    images: np.ndarray,
    n_epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    corruption: Corruption | None = None,
) -> list[float]:
    """Train a model to reconstruct images, either clean ones or corrupted ones.

    The model is trained in place, in training mode, by one Adam optimizer (torch.optim.Adam with
    its other settings at their defaults). Every epoch goes through all images once, in a new random
    order, `batch_size` images at a time; the last batch may be smaller. Each batch makes one step
    along the gradient of its mean squared error.

    Args:
        model: takes images (B, 1, 28, 28) and returns images of the same shape, as Autoencoder
            does.
        images: float32, shape (N, 1, 28, 28), values in [-1, 1]. They are not changed.
        n_epochs: how often to go through all images, at least 1.
        batch_size: images in a batch, at least 1.
        learning_rate: the learning rate of Adam, above 0.
        corruption: a function that gets the clean images of a batch, a NumPy array (B, 1, 28, 28),
            and returns corrupted ones in a new array of that shape, e.g.
            `lambda clean: corrupt(clean, "zero", 0.3, generator)`. It is called once for every
            batch, again in each epoch. The model gets what it returns; the error compares the
            model's output with the CLEAN images. If it is None, the model gets the clean images.

    Returns:
        The training loss of each epoch, a list of n_epochs numbers (no tensors, which keep graphs
        in memory): the mean squared error over all images and pixels, from the steps' forward
        passes. With Autoencoder and Fashion-MNIST's 60,000 training images it is 0.0710 after 20
        epochs.

    Raises:
        ValueError: if `n_epochs` or `batch_size` is below 1, if `learning_rate` is 0 or below, or
            if there are no images.
    """
    # BEGIN SOLUTION
    if n_epochs < 1 or batch_size < 1:
        raise ValueError(f"n_epochs is {n_epochs} and batch_size {batch_size}; both must be at least 1.")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate is {learning_rate}; it must be above 0.")
    if len(images) == 0:
        raise ValueError("There are no images to train on.")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    model.train()
    losses = []
    for _ in range(n_epochs):
        loss_sum = 0.0
        order = torch.randperm(len(images)).numpy()
        for start in range(0, len(images), batch_size):
            clean = images[order[start : start + batch_size]]
            given = clean if corruption is None else corruption(clean)
            loss = F.mse_loss(model(as_tensor(given)), as_tensor(clean))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(clean)
        losses.append(loss_sum / len(images))
    return losses
    # END SOLUTION


# BEGIN SOLUTION
def as_tensor(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).float()


# END SOLUTION


class EncoderClassifier(nn.Module):
    """One linear layer that classifies images by the codes of a trained, frozen encoder.

    Only the linear layer learns. It takes the 32 numbers of the code (flattened as nn.Flatten does)
    and gives the logits. The encoder is frozen: its parameters do not require gradients, and it
    runs in evaluation mode, whatever the mode of the classifier is. So a batch norm in it keeps
    its running statistics, and a dropout in it does nothing.

    Args:
        autoencoder: a trained Autoencoder, or any other module with an attribute `encoder`, images
            (N, 1, 28, 28) -> codes (N, 8, 2, 2). The encoder, or a copy of it, becomes a
            submodule of the classifier; the decoder does not.
        n_classes: the number of logits.
    """

    def __init__(self, autoencoder: Autoencoder, n_classes: int = 10) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.encoder = autoencoder.encoder
        self.encoder.requires_grad_(False)
        self.encoder.eval()
        self.output = nn.Linear(32, n_classes)
        # END SOLUTION

    def train(self, mode: bool = True) -> "EncoderClassifier":
        """Change the mode as nn.Module.train does, and return the classifier.

        The encoder runs in evaluation mode. PyTorch calls this for eval() too, with mode=False.
        """
        # BEGIN SOLUTION
        super().train(mode)
        self.encoder.eval()
        return self
        # END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images (N, 1, 28, 28) -> logits (N, n_classes), without ReLU or softmax at the end."""
        # BEGIN SOLUTION
        codes = self.encoder(images)
        return self.output(codes.flatten(start_dim=1))
        # END SOLUTION
