"""Probes of autoencoder.py that train autoencoders and classifiers, and use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.sandbox.probe import Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.autoencoder import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.autoencoder.instruments")

FILE = "autoencoder"
START = 3  # the seed of the weights that training starts from: of 24 tried, the quickest to learn and no chance in it


@probe(FILE, "train_autoencoder")
def fit_autoencoders(
    submission: Submission, images: np.ndarray, settings: dict[str, Any], seeds: list[int | None]
) -> dict[str, Any]:
    """The states of an Autoencoder's layers, in call order, once for each seed: `train_autoencoder` trained it, with noise drawn from the seed.

    Without noise where it is None.
    """
    found = []
    for seed in seeds:
        model = instruments.network(submission.get(FILE, "Autoencoder"), None)
        layers = instruments.layers_in_call_order(model, instruments.tensor(images[:1]))
        instruments.write_weights(layers, START)
        noise = np.random.default_rng(seed)
        options = {} if seed is None else {"corruption": lambda clean, noise=noise: noisy(clean, noise)}
        submission.get(FILE, "train_autoencoder")(model, images, **settings, **options)
        found.append(instruments.states(layers))
    return {"states": found}


def noisy(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images (N, 1, H, W) of whose pixels two in five, drawn at random, are black or white."""
    hit = rng.random(clean.shape) < 0.4
    drawn = np.where(rng.random(clean.shape) < 0.5, -1, 1)
    return np.where(hit, drawn, clean).astype(np.float32)


@probe(FILE, "Autoencoder")
def reconstruct(submission: Submission, images: np.ndarray, states: list[list[np.ndarray]]) -> np.ndarray:
    """What an Autoencoder whose layers, in call order, hold these states makes of images: asked of the reference only; NaN where they do not fit."""
    model = instruments.network(submission.get(FILE, "Autoencoder"), None)
    made = instruments.output_with_states(model, images, states)
    return np.full(1, np.nan) if made is None else made


@probe(FILE, "EncoderClassifier")
def classifier_modes(submission: Submission, x: np.ndarray, seed: int) -> dict[str, Any]:
    """An EncoderClassifier on an encoder with batch norm and dropout: logits in both modes, then the states of its layers, and its own mode."""
    coder = own.ImageCoder(seed, regularized=True).train()
    model = submission.get(FILE, "EncoderClassifier")(coder, n_classes=4)
    instruments.output(model, x, "EncoderClassifier")  # in the mode that a new one is in
    layers = [*instruments.layers_in_call_order(model, instruments.tensor(x))]
    instruments.write_weights(layers[-1:], seed)
    logits, modes = [], []
    for mode in (True, True, False, True):
        returned = model.train(mode)
        if not isinstance(returned, torch.nn.Module):
            raise Unusable("EncoderClassifier's train should return the classifier, as nn.Module's does.")
        logits.append(instruments.output(returned, x, "EncoderClassifier"))
        modes.append(model.training)
    return {"logits": instruments.arrays(logits), "states": instruments.states(layers), "modes": modes}


@probe(FILE, "EncoderClassifier")
def fit_classifier(
    submission: Submission, x: np.ndarray, y: np.ndarray, seed: int, n_epochs: int, learning_rate: float
) -> dict[str, Any]:
    """An EncoderClassifier on an encoder with weights drawn from `seed`, trained by Adam in training mode: its layers' states before and after."""
    coder = own.ImageCoder(seed, regularized=True)
    model = submission.get(FILE, "EncoderClassifier")(coder)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x[:1]))
    before = instruments.states(layers)
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trained:
        raise Unusable("None of EncoderClassifier's parameters require gradients: nothing of it can be trained.")
    optimizer = torch.optim.Adam(trained, lr=learning_rate)
    for _ in range(n_epochs):
        for start in range(0, len(x), 50):
            batch, labels = (instruments.tensor(array[start : start + 50]) for array in (x, y))
            loss = torch.nn.functional.cross_entropy(model(batch), labels)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return {"before": before, "after": instruments.states(layers)}


@probe(FILE, "EncoderClassifier")
def encode(submission: Submission, x: np.ndarray, seed: int) -> np.ndarray:
    """The codes, as rows of 32, that the encoder drawn from `seed` gives images; asks nothing of the submission."""
    encoder = own.ImageCoder(seed, regularized=True).encoder.eval()
    with torch.no_grad():
        return instruments.arrays([encoder(instruments.tensor(x)).flatten(1)])[0]
