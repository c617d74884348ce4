"""The autoencoder as nested nn.Sequential, with Generator.permutation and a TensorDataset."""

import copy

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Autoencoder(nn.Sequential):
    def __init__(self):
        encoder = nn.Sequential(
            nn.Sequential(nn.Conv2d(1, 16, 3, 3, 1), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)),
            nn.Sequential(nn.Conv2d(16, 8, 3, 2, 1), nn.MaxPool2d(2, 1), nn.ReLU(inplace=True)),
        )
        decoder = nn.Sequential(
            nn.Sequential(nn.ConvTranspose2d(8, 16, 3, 2), nn.ReLU(inplace=True)),
            nn.Sequential(nn.ConvTranspose2d(16, 8, 5, 3, 1), nn.ReLU(inplace=True)),
            nn.Sequential(nn.ConvTranspose2d(8, 1, 2, 2, 1), nn.Tanh()),
        )
        super().__init__()
        self.add_module("encoder", encoder)
        self.add_module("decoder", decoder)


def corrupt(images, kind, amount, generator):
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    amounts = (amount,) if isinstance(amount, (int, float)) else tuple(amount)
    if len(kinds) != len(amounts):
        raise ValueError("kind and amount differ in length.")
    result = np.array(images, dtype=np.float64)
    for one, size in zip(kinds, amounts, strict=True):
        match one:
            case "gaussian" if size >= 0:
                result = result + generator.normal(scale=size, size=result.shape)
            case "salt_and_pepper" if 0 <= size <= 1:
                places = generator.permutation(result.size)[: generator.binomial(result.size, size)]
                result.flat[places] = generator.integers(0, 2, len(places)) * 2 - 1
            case "zero" if 0 <= size <= 1:
                result[generator.binomial(1, size, result.shape) == 1] = 0
            case _:
                raise ValueError(f"{one} can't be done with {size}.")
        result = np.clip(result, -1.0, 1.0)
    return result.astype(images.dtype)


def train_autoencoder(model, images, n_epochs, batch_size=128, learning_rate=1e-3, corruption=None):
    for value, least in ((n_epochs, 1), (batch_size, 1), (len(images), 1)):
        if value < least:
            raise ValueError(f"{value} is below {least}.")
    if learning_rate <= 0:
        raise ValueError("The learning rate must be positive.")
    loader = DataLoader(TensorDataset(torch.tensor(images)), batch_size, shuffle=True)
    criterion = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    model.train(True)
    losses = []
    for _ in range(n_epochs):
        squares = []
        for (clean,) in loader:
            given = clean if corruption is None else torch.tensor(corruption(clean.numpy()).astype(np.float32))
            total = criterion(model(given), clean)
            optimizer.zero_grad(set_to_none=False)
            (total / clean.numel()).backward()
            optimizer.step()
            squares.append(total.item())
        losses.append(sum(squares) / images.size)
    return losses


class EncoderClassifier(nn.Sequential):
    """A copy of the encoder, frozen, then a linear layer."""

    def __init__(self, autoencoder, n_classes=10):
        encoder = copy.deepcopy(autoencoder.encoder).requires_grad_(False).eval()
        super().__init__(encoder, nn.Flatten(), nn.Linear(32, n_classes))

    def train(self, mode=True):
        super().train(mode)
        self[0].eval()
        return self
