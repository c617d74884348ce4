"""The autoencoder with functions for everything without weights, and with data loaders."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Conv2d(1, 16, (3, 3), (3, 3), (1, 1))
        self.narrow = nn.Conv2d(16, 8, (3, 3), (2, 2), (1, 1))

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.wide(x)), 2, 2)
        return F.max_pool2d(torch.relu(self.narrow(x)), kernel_size=2, stride=1)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.up1 = nn.ConvTranspose2d(8, 16, 3, 2)
        self.up2 = nn.ConvTranspose2d(16, 8, 5, 3, 1)
        self.up3 = nn.ConvTranspose2d(8, 1, 2, 2, 1)

    def forward(self, code):
        return torch.tanh(self.up3(self.up2(self.up1(code).clamp(min=0)).clamp(min=0)))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.decoder = Decoder()
        self.encoder = Encoder()

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code)


def gaussian(images, deviation, generator):
    if deviation < 0:
        raise ValueError("A standard deviation is never negative.")
    return images + generator.normal(0.0, deviation, size=images.shape)


def salt_and_pepper(images, share, generator):
    drawn = generator.uniform(size=images.shape)
    return np.where(drawn < share / 2, -1, np.where(drawn > 1 - share / 2, 1, images))


def zero(images, share, generator):
    return images * (generator.uniform(size=images.shape) >= share)


NOISE = {"gaussian": gaussian, "salt_and_pepper": salt_and_pepper, "zero": zero}


def corrupt(images, kind, amount, generator):
    if isinstance(kind, (list, tuple)):
        if not isinstance(amount, (list, tuple)) or len(kind) != len(amount):
            raise ValueError("Every kind needs an amount.")
        for one, much in zip(kind, amount, strict=True):
            images = corrupt(images, one, much, generator)
        return images
    if kind not in NOISE or (kind != "gaussian" and not 0 <= amount <= 1):
        raise ValueError(f"There is no noise {kind} with amount {amount}.")
    return np.clip(NOISE[kind](images, amount, generator), -1, 1).astype(images.dtype)


def train_autoencoder(model, images, n_epochs, batch_size=128, learning_rate=1e-3, corruption=None):
    if min(n_epochs, batch_size) < 1 or learning_rate <= 0 or not len(images):
        raise ValueError("There must be images, epochs, batches, and a learning rate above 0.")
    corruption = corruption or (lambda clean: clean)
    loader = DataLoader(images, batch_size=batch_size, shuffle=True, collate_fn=np.stack)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    history = []
    for _ in range(n_epochs):
        model.train()
        total = 0.0
        for clean in loader:
            made = model(torch.as_tensor(corruption(clean), dtype=torch.float32))
            loss = torch.mean((made - torch.as_tensor(clean)) ** 2)
            model.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(clean)
        history.append(total / len(images))
    return history


class EncoderClassifier(nn.Module):
    """Puts the encoder in evaluation mode whenever it is used, instead of overriding train."""

    def __init__(self, autoencoder, n_classes=10):
        super().__init__()
        self.encoder = autoencoder.encoder.eval()
        for parameter in self.encoder.parameters():
            parameter.requires_grad = False
        self.linear = nn.Linear(8 * 2 * 2, n_classes)

    def forward(self, images):
        self.encoder.eval()
        with torch.no_grad():
            code = self.encoder(images)
        return self.linear(code.view(len(images), -1))
