"""The autoencoder written out: image by image, with lists and sums by hand."""

import random

import numpy as np
import torch
from torch import nn


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential()
        self.encoder.append(nn.Conv2d(in_channels=1, out_channels=16, kernel_size=3, stride=3, padding=1))
        self.encoder.append(nn.ReLU())
        self.encoder.append(nn.MaxPool2d(kernel_size=2, stride=2))
        self.encoder.append(nn.Conv2d(in_channels=16, out_channels=8, kernel_size=3, stride=2, padding=1))
        self.encoder.append(nn.ReLU())
        self.encoder.append(nn.MaxPool2d(kernel_size=2, stride=1))
        self.decoder = nn.Sequential()
        self.decoder.append(nn.ConvTranspose2d(in_channels=8, out_channels=16, kernel_size=3, stride=2))
        self.decoder.append(nn.ReLU())
        self.decoder.append(nn.ConvTranspose2d(in_channels=16, out_channels=8, kernel_size=5, stride=3, padding=1))
        self.decoder.append(nn.ReLU())
        self.decoder.append(nn.ConvTranspose2d(in_channels=8, out_channels=1, kernel_size=2, stride=2, padding=1))
        self.decoder.append(nn.Tanh())

    def forward(self, images):
        x = images
        for layer in self.encoder:
            x = layer(x)
        for layer in self.decoder:
            x = layer(x)
        return x


def corrupt(images, kind, amount, generator):
    if type(kind) is str:
        kind = [kind]
        amount = [amount]
    if len(kind) != len(amount):
        raise ValueError("As many amounts as kinds, please.")
    for i in range(len(kind)):
        if kind[i] not in ["gaussian", "salt_and_pepper", "zero"]:
            raise ValueError("unknown kind " + str(kind[i]))
        if amount[i] < 0:
            raise ValueError("negative amount")
        if amount[i] > 1 and kind[i] != "gaussian":
            raise ValueError("more than all pixels")
    result = []
    for image in images:
        pixels = image.astype(float).flatten()
        for i in range(len(kind)):
            chance = generator.random(len(pixels))
            if kind[i] == "gaussian":
                pixels = pixels + amount[i] * generator.normal(0, 1, len(pixels))
            elif kind[i] == "zero":
                pixels[chance < amount[i]] = 0.0
            else:
                white = generator.random(len(pixels)) < 0.5
                pixels[(chance < amount[i]) & white] = 1.0
                pixels[(chance < amount[i]) & ~white] = -1.0
            pixels[pixels > 1] = 1.0
            pixels[pixels < -1] = -1.0
        result.append(pixels.reshape(image.shape).astype(np.float32))
    return np.array(result)


def train_autoencoder(model, images, n_epochs, batch_size=128, learning_rate=1e-3, corruption=None):
    if n_epochs < 1:
        raise ValueError("n_epochs must be at least 1")
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    if learning_rate <= 0:
        raise ValueError("learning_rate must be above 0")
    if images.shape[0] == 0:
        raise ValueError("no images")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    losses = []
    for _epoch in range(n_epochs):
        model.train()
        left = list(range(images.shape[0]))
        random.shuffle(left)
        error_sum = 0.0
        pixel_count = 0
        while left:
            batch = left[:batch_size]
            left = left[batch_size:]
            clean = np.stack([images[i] for i in batch])
            if corruption is not None:
                noisy = corruption(clean)
            else:
                noisy = clean
            inputs = torch.tensor(np.asarray(noisy), dtype=torch.float32)
            targets = torch.tensor(clean, dtype=torch.float32)
            optimizer.zero_grad()
            outputs = model(inputs)
            squares = (outputs - targets).pow(2)
            error = squares.mean()
            error.backward()
            optimizer.step()
            error_sum = error_sum + squares.sum().item()
            pixel_count = pixel_count + targets.numel()
        losses.append(error_sum / pixel_count)
    return losses


class EncoderClassifier(nn.Module):
    def __init__(self, autoencoder, n_classes=10):
        super().__init__()
        self.fc = nn.Linear(32, n_classes)
        self.encoder = autoencoder.encoder
        for parameter in self.encoder.parameters():
            parameter.requires_grad = False
        self.eval()
        self.train()

    def train(self, mode=True):
        result = super().train(mode)
        for module in self.encoder.modules():
            module.training = False
        return result

    def forward(self, images):
        code = self.encoder(images).detach()
        code = code.reshape(-1, 32)
        return self.fc(code)
