"""Visible checks of src/autoencoder.py (7)."""

import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from grader.exercises.autoencoder import probes
from grader.exercises.autoencoder.questions import (
    judge_noise,
    losses_picture,
    reconstructed,
    signed_images,
    training_arguments,
)
from grader.exercises.models.questions import weight_seed


@number("7.1")
@weight(2)
def test_autoencoder(agree, rng):
    """Autoencoder has the right layers and computes reconstructions of one image and of several."""
    inputs, seed = [signed_images(rng, 2), signed_images(rng, 1)], weight_seed(rng)
    agree(probes.autoencoder, look=reconstructed(seed), inputs=inputs, seed=seed)


@number("7.2")
@weight(1)
def test_encoder_and_decoder(agree, rng):
    """Autoencoder's encoder makes (8, 2, 2) codes of images; its decoder makes images of codes."""
    codes = 2 * rng.random((2, 8, 2, 2), dtype="float32")
    agree(probes.autoencoder_parts, images=signed_images(rng, 3), codes=codes, seed=weight_seed(rng))


@number("7.3")
@weight(1)
def test_gradients_reach_encoder_and_decoder(agree, rng):
    """Autoencoder is correct in training mode too; gradients of the right size reach all layers."""
    x, only = signed_images(rng, 3), ("gradients", "reconstructions")
    agree(probes.autoencoder_gradients, only=only, rtol=2e-3, x=x, seed=weight_seed(rng))


@number("7.4")
@weight(1)
@pytest.mark.parametrize("kind", ["gaussian", "salt_and_pepper", "zero"])
def test_corrupt(check, rng, kind):
    """corrupt with kind "{kind}" changes the right share of pixels, to values in [-1, 1]."""
    amount = float(rng.uniform(0.2, 0.3) if kind == "gaussian" else rng.uniform(0.25, 0.4))
    judge_noise(check, [(kind, amount)])


@number("7.5")
@weight(1)
def test_training_losses(agree, rng):
    """train_autoencoder returns the mean squared error of each epoch over all images."""
    settings = dict(n_epochs=3, batch_size=5, learning_rate=1e-12)  # too small a step to change any loss
    agree(probes.train_autoencoder, only=("losses",), picture=losses_picture, **training_arguments(rng, 13, **settings))


@number("7.6")
@weight(1)
def test_training_steps(agree, rng):
    """train_autoencoder takes Adam's steps in training mode, with given or default settings."""
    observed = ("weights", "buffers", "losses")
    given = training_arguments(rng, 8, n_epochs=3, batch_size=8, learning_rate=float(rng.uniform(0.01, 0.03)))
    for arguments in (given | {"batch_norm": True}, training_arguments(rng, 100, n_epochs=2)):
        agree(probes.train_autoencoder, only=observed, up_to_scale=("losses",), rtol=1e-3, **arguments)


@number("7.7")
@weight(1)
def test_training_with_corruption(agree, rng):
    """train_autoencoder corrupts each batch again, and compares with the clean images."""
    steps = training_arguments(rng, 8, n_epochs=3, batch_size=8, learning_rate=float(rng.uniform(0.01, 0.03)))
    patterns = [rng.uniform(-1, 1, (28, 28)).astype("float32") for _ in range(4)]
    needs = [(probes.train_autoencoder, steps, ("weights",))]
    observed = ("weights", "losses", "sizes of corrupted batches", "first images")
    agree(
        probes.train_autoencoder,
        only=observed,
        up_to_scale=("losses",),
        rtol=1e-3,
        needs=needs,
        **steps,
        patterns=patterns,
    )
    # All images are the same one: only the batches' patterns and sizes count, not the order
    batches = training_arguments(rng, 11, n_epochs=2, batch_size=4, learning_rate=float(rng.uniform(0.01, 0.03)))
    batches["images"] = batches["images"][:1].repeat(11, axis=0)
    observed = ("weights", "losses", "sizes of corrupted batches")
    agree(probes.train_autoencoder, only=observed, up_to_scale=("losses",), rtol=1e-3, **batches, patterns=patterns)


@number("7.8")
@weight(1)
def test_training_refuses(agree, rng):
    """train_autoencoder raises ValueError for numbers that are too small, and without images."""
    wrong = [{"n_epochs": 0}, {"batch_size": 0}, {"batch_size": -1}, {"learning_rate": 0.0}, {"learning_rate": -0.1}]
    mixed = [*wrong, {"images": "none"}, {"n_epochs": 1}, {"batch_size": 3}, {"batch_size": 1}, {"learning_rate": 0.5}]
    given = [mixed[i] for i in rng.permutation(len(mixed))]
    arguments = dict(images=signed_images(rng, 4), seed=weight_seed(rng), given=given)
    steps = training_arguments(rng, 4, n_epochs=2, batch_size=4, learning_rate=0.05)
    needs = [(probes.train_autoencoder, steps, ("weights",))]
    agree(probes.train_autoencoder_wrongly, up_to_scale=("losses",), rtol=1e-3, needs=needs, **arguments)


@number("7.9")
@weight(1)
def test_encoder_classifier(agree, rng):
    """EncoderClassifier has one linear layer on the code, and gradients reach that layer only."""
    for n_classes in (7, None):
        agree(probes.encoder_classifier, x=signed_images(rng, 3), seed=weight_seed(rng), n_classes=n_classes)
