"""Probes of autoencoder.py that train autoencoders and classifiers and use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.sandbox.probe import Arrays, Submission, Unusable, lazy, probe, staff_function

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.autoencoder import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.autoencoder.instruments")

FILE = "autoencoder"
START = 3  # the seed of the weights before training: of 24 seeds it learns fastest; chance plays no part
STATE_LABELS = {
    "states": "states of the layers",
    "modes": "{function}'s train does not set the classifier's own mode",
    "before": "states of the layers before training",
    "after": "states of the layers after training",
}


@probe(FILE, "train_autoencoder", labels=STATE_LABELS)
def fit_autoencoders(
    submission: Submission, images: np.ndarray, settings: dict[str, Any], seeds: list[int | None]
) -> dict[str, Any]:
    """Autoencoders that `train_autoencoder` trains on images, with noise drawn from each seed.

    For a seed of None there is no noise.
        states: for each seed the states of the Autoencoder's layers, in call order.
    """
    states = []
    for seed in seeds:
        model = instruments.network(submission.get(FILE, "Autoencoder"), None)
        layers = instruments.layers_in_call_order(model, instruments.tensor(images[:1]))
        instruments.write_weights(layers, START)
        noise = np.random.default_rng(seed)
        options = {} if seed is None else {"corruption": lambda clean, noise=noise: noisy(clean, noise)}
        submission.get(FILE, "train_autoencoder")(model, images, **settings, **options)
        states.append(instruments.states(layers))
    return {"states": states}


def noisy(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images (N, 1, H, W) in which two pixels of five, drawn at random, are black or white."""
    hit = rng.random(clean.shape) < 0.4
    drawn = np.where(rng.random(clean.shape) < 0.5, -1, 1)
    return np.where(hit, drawn, clean).astype(np.float32)


@staff_function
def trained_on_batches(
    images: np.ndarray, batches: Sequence[Sequence[int]], seed: int, learning_rate: float
) -> np.ndarray:
    """The weights of the small model that probes.train_autoencoder trains, after these batches.

    A batch has its images' places.
    """
    model = own.SmallAutoencoder(seed).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for batch in batches:
        clean = instruments.tensor(images[np.array(batch)])
        optimizer.zero_grad()
        torch.autograd.backward(torch.nn.functional.mse_loss(model(clean), clean))
        optimizer.step()
    return own.as_vector(model.parameters())


@probe(FILE, "Autoencoder")
def reconstruct(submission: Submission, images: np.ndarray, states: list[Arrays]) -> np.ndarray:
    """The reconstructions of an Autoencoder whose layers, in call order, have these states.

    Only the reference is asked.  One NaN if the states do not fit.
    """
    model = instruments.network(submission.get(FILE, "Autoencoder"), None)
    reconstructions = instruments.output_with_states(model, images, states)
    return np.full(1, np.nan) if reconstructions is None else reconstructions


@probe(FILE, "EncoderClassifier", labels=STATE_LABELS)
def classifier_modes(submission: Submission, x: np.ndarray, seed: int) -> dict[str, Any]:
    """An EncoderClassifier in four modes in turn; its encoder has batch norm and dropout.

    The observation:
        logits: for images x in each mode, arrays (N, 4).
        states: of its layers, in call order, in the end.
        modes: the classifier's own `training` each time.
    """
    coder = own.ImageCoder(seed, regularized=True).train()
    model = submission.get(FILE, "EncoderClassifier")(coder, n_classes=4)
    instruments.output(model, x, "EncoderClassifier")  # in the mode of a new one
    layers = [*instruments.layers_in_call_order(model, instruments.tensor(x))]
    instruments.write_weights(layers[-1:], seed)
    logits, modes = [], []
    for given in ((), (True,), (False,), (True,)):
        returned = model.train(*given)
        if not isinstance(returned, torch.nn.Module):
            raise Unusable("EncoderClassifier's train should return the classifier, as nn.Module's does.")
        logits.append(instruments.output(returned, x, "EncoderClassifier"))
        modes.append(model.training)
    return {"logits": instruments.arrays(logits), "states": instruments.states(layers), "modes": modes}


@probe(FILE, "EncoderClassifier", labels=STATE_LABELS)
def fit_classifier(
    submission: Submission, x: np.ndarray, y: np.ndarray, seed: int, n_epochs: int, learning_rate: float
) -> dict[str, Any]:
    """An EncoderClassifier that Adam trains on images x and labels y.

    Its encoder has weights drawn from `seed`.
        before, after: the states of its layers, in call order.
    """
    coder = own.ImageCoder(seed, regularized=True)
    model = submission.get(FILE, "EncoderClassifier")(coder)
    in_order = instruments.layers_in_call_order(model, instruments.tensor(x[:1]))
    before = instruments.states(in_order)
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trained:
        raise Unusable("None of EncoderClassifier's parameters require gradients, so it cannot be trained.")
    instruments.train(model, x, y, torch.optim.Adam(trained, lr=learning_rate), n_epochs)
    return {"before": before, "after": instruments.states(in_order)}


@staff_function
def encode(x: np.ndarray, seed: int) -> np.ndarray:
    """The codes (N, 32) that the encoder drawn from `seed` gives to images x."""
    encoder = own.ImageCoder(seed, regularized=True).encoder.eval()
    with torch.no_grad():
        return instruments.arrays([encoder(instruments.tensor(x)).flatten(1)])[0]
