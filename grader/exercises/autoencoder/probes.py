"""What autoencoder.py can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.autoencoder.labels import CORRUPT_LABELS, NETWORK_LABELS, TRAIN_LABELS
from grader.exercises.returned import exception_of, numbers, require_array
from grader.judging.measure import noise_statistics
from grader.sandbox.probe import Arrays, Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import forward, instruments
    from grader.exercises.autoencoder import instruments as own
else:
    torch = lazy("torch")
    forward = lazy("grader.exercises.forward")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.autoencoder.instruments")

AXES = "channels, height, width"
Noise = Sequence[tuple[str | list[str], float | list[float]]]  # kinds and amounts
PIXELS = 12  # of the reconstructions of each batch: a sample, because it is recorded


@probe("autoencoder", "Autoencoder")
def autoencoder_forward(
    submission: Submission, inputs: Sequence[np.ndarray] = (), x: Any = None, **others: Any
) -> list[dict[str, Any]]:
    """What an Autoencoder does to each of the inputs, or to x, step by step: see forward_passes.

    The `others` are arguments of the probes that ask for this.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    return forward.forward_passes(model, inputs or [x])


@probe("autoencoder", "Autoencoder", labels=NETWORK_LABELS, forward=autoencoder_forward)
def autoencoder(submission: Submission, inputs: Arrays, seed: int) -> dict[str, Any]:
    """An Autoencoder with weights drawn from `seed`, for images (N, 1, 28, 28) in each input.

    The observation:
        layers: its layers in call order, in words (instruments.describe).
        parameters: how many numbers it learns.
        shapes: of its reconstructions for each input, in evaluation mode.
        reconstructions: some of their pixels, at places drawn from `seed`.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(inputs[0]))
    instruments.write_weights(layers, seed)
    reconstructions = [instruments.output(model.eval(), array, "Autoencoder", AXES) for array in inputs]
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "parameters": instruments.parameter_count(model),
        "shapes": [list(images.shape) for images in reconstructions],
        "reconstructions": [instruments.some_numbers(images, seed, PIXELS) for images in reconstructions],
    }


@probe("autoencoder", "Autoencoder")
def reconstructions(submission: Submission, images: np.ndarray, seed: int) -> np.ndarray:
    """An Autoencoder's reconstructions of images (N, 1, 28, 28), with weights drawn from `seed`.

    They are float16 (N, 28, 28), and only shown.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    instruments.write_weights(instruments.layers_in_call_order(model, instruments.tensor(images)), seed)
    return instruments.arrays([instruments.output(model.eval(), images, "Autoencoder", AXES).half()])[0][:, 0]


@probe("autoencoder", "Autoencoder", labels=NETWORK_LABELS)
def autoencoder_parts(submission: Submission, images: np.ndarray, codes: np.ndarray, seed: int) -> dict[str, Any]:
    """The encoder's output for images and the decoder's for codes, with weights drawn from `seed`.

    The observation has the shape of each output, and some of its numbers.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    instruments.write_weights(instruments.layers_in_call_order(model, instruments.tensor(images)), seed)
    observation: dict[str, Any] = {}
    for name, given in (("encoder", images), ("decoder", codes)):
        part = own.submodule(model.eval(), name, "Autoencoder")
        result = instruments.output(part, given, f"Autoencoder.{name}", AXES)
        observation[f"shape of the {name}'s output"] = list(result.shape)
        observation[f"the {name}'s output"] = instruments.some_numbers(result, seed, PIXELS)
    return observation


@probe("autoencoder", "Autoencoder", forward=autoencoder_forward)
def autoencoder_gradients(submission: Submission, x: np.ndarray, seed: int) -> dict[str, Any]:
    """The gradients for images x in training mode, with weights drawn from `seed`.

    The observation:
        gradients: for each layer, in call order, the root mean square of its parameters' gradients
            by name.
        reconstructions: some of their pixels, at places drawn from `seed`.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(layers, seed)
    reconstructions = instruments.output(model.train(), x, "Autoencoder", AXES)
    instruments.send_gradients(reconstructions)
    return {
        "gradients": [instruments.gradient_sizes(layer) for layer in layers],
        "reconstructions": instruments.some_numbers(reconstructions, seed, PIXELS),
    }


@probe("autoencoder", "corrupt", labels=CORRUPT_LABELS)
def corrupt(
    submission: Submission, images: np.ndarray, noise: Noise, seed: int, wrong: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """`corrupt` with each kind and amount of noise.  The observation:

    statistics: for each, what happened to the images (judging/measure.py, noise_statistics).
    dtypes: of the returned arrays, as strings.
    raised: by `wrong` arguments in words, the exception's name, or "nothing".
    """
    function = submission.get("autoencoder", "corrupt")
    noisy = corrupted(function, images, noise, seed)
    raised = {}
    for given in wrong:
        words = ", ".join(f"{key}={value!r}" for key, value in given.items())
        raised[words] = exception_of(function, images.copy(), generator=np.random.default_rng(seed), **given)
    return {
        "statistics": [noise_statistics(images, array) for array in noisy],
        "dtypes": [str(array.dtype) for array in noisy],
        "raised": raised,
    }


@probe("autoencoder", "corrupt", labels=CORRUPT_LABELS)
def corrupt_images(submission: Submission, images: np.ndarray, noise: Noise, seed: int) -> Arrays:
    """The images that `corrupt` returns for each kind and amount of noise.

    They are too large to be recorded, unlike the statistics of `corrupt`.
    """
    return corrupted(submission.get("autoencoder", "corrupt"), images, noise, seed)


def corrupted(function: Any, images: np.ndarray, noise: Noise, seed: int) -> Arrays:
    """What `corrupt` returns for each kind and amount of noise.

    Several kinds are given as lists and as tuples in turn.  The given images change their sign
    afterwards, to show whether the returned array is another one.
    """
    noisy = []
    for place, (kind, amount) in enumerate(noise):
        if place % 2 and isinstance(kind, list) and isinstance(amount, list):
            kind, amount = tuple(kind), tuple(amount)  # type: ignore[assignment]
        given = images.copy()
        array = function(given, kind, amount, np.random.default_rng([seed, place]))
        np.negative(given, out=given)
        noisy.append(require_array(array, images.shape, "What corrupt returned"))
    return noisy


@probe("autoencoder", "corrupt", labels=CORRUPT_LABELS)
def corrupt_again(submission: Submission, images: np.ndarray, noise: Noise, seed: int) -> dict[str, Any]:
    """`corrupt` in four calls for each kind of noise: see own.repeated.

    The observation has lists under the keys "facts", "made", "images" and "drawn".
    """
    function = submission.get("autoencoder", "corrupt")
    entries = [own.repeated(function, images, kind, amount, seed) for kind, amount in noise]
    return {key: [entry[key] for entry in entries] for key in ("facts", "made", "images", "drawn")}


@probe("autoencoder", "train_autoencoder", labels=TRAIN_LABELS)
def train_autoencoder(
    submission: Submission,
    images: np.ndarray,
    seed: int,
    settings: dict[str, Any],
    batch_norm: bool = False,
    patterns: Arrays | None = None,
) -> dict[str, Any]:
    """`train_autoencoder` on a small model, in evaluation mode, with weights drawn from `seed`.

    The corruption multiplies the images of each call by the next of `patterns`, if given.
        losses: the list that it returned.
        weights, buffers: the model's afterwards, as vectors.
        batches: the ids (first pixels) of each batch's images.
        order: what is true of the batches, whatever the random order was: see `order_of`.
        sizes of corrupted batches: how many images each call of the corruption got.
        first images: those of the given images afterwards, whose order counts too.
        graphs kept: whether it held the graphs of many batches at once.
    """
    model, given = own.SmallAutoencoder(seed, batch_norm).eval(), images.copy()
    graphs = own.Graphs(model)
    corruption = None if patterns is None else own.Patterns(patterns)
    options = settings if corruption is None else settings | {"corruption": corruption}
    losses = submission.get("autoencoder", "train_autoencoder")(model, given, **options)
    return {
        "losses": numbers(losses, "What train_autoencoder returned", submission),
        "weights": own.as_vector(model.parameters()),
        "buffers": own.as_vector(model.buffers()),
        "batches": [one_pass.ids for one_pass in model.passes],
        "order": order_of([one_pass.ids for one_pass in model.passes], images),
        "sizes of corrupted batches": [] if corruption is None else corruption.sizes,
        "first images": given[:8],
        "graphs kept": graphs.are_kept,
    }


def order_of(batches: Arrays, images: np.ndarray) -> dict[str, Any]:
    """The batches' sizes, the number of distinct images in each epoch, and of distinct orders."""
    ids = np.concatenate([[], *batches])
    epochs = [ids[start : start + len(images)] for start in range(0, len(ids), len(images))]
    return {
        "sizes": [len(batch) for batch in batches],
        "images an epoch": [len(set(epoch.tolist())) for epoch in epochs],
        "orders": len({tuple(epoch.tolist()) for epoch in [*epochs, images[:, 0, 0, 0]]}),
    }


@probe("autoencoder", "train_autoencoder", labels=TRAIN_LABELS)
def train_autoencoder_wrongly(
    submission: Submission, images: np.ndarray, seed: int, given: list[dict[str, Any]]
) -> dict[str, Any]:
    """What `train_autoencoder` raises for each set of arguments, and its losses in a correct call.

    In `given`, {"images": "none"} stands for an array without images.
        raised: by the arguments in words, the exception's name, or "nothing".
        losses: a list of numbers.
    """
    function = submission.get("autoencoder", "train_autoencoder")
    right = {"images": images, "n_epochs": 2, "batch_size": len(images), "learning_rate": 0.05}
    raised = {}
    for arguments in given:
        changed = {"images": images[:0]} if "images" in arguments else arguments
        words = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raised[words] = exception_of(function, own.SmallAutoencoder(seed), **{**right, **changed})
    losses = function(own.SmallAutoencoder(seed), **right)
    return {"raised": raised, "losses": numbers(losses, "What train_autoencoder returned", submission)}


def classifier(submission: Submission, seed: int, n_classes: int | None) -> torch.nn.Module:
    """An EncoderClassifier on the kit's own encoder, with weights drawn from `seed`."""
    options = {} if n_classes is None else {"n_classes": n_classes}
    model = submission.get("autoencoder", "EncoderClassifier")(own.ImageCoder(seed), **options)
    if not isinstance(model, torch.nn.Module):
        raise Unusable("EncoderClassifier should be a torch.nn.Module.")
    return model


@probe("autoencoder", "EncoderClassifier")
def classifier_forward(
    submission: Submission, x: np.ndarray, seed: int, n_classes: int | None = None
) -> list[dict[str, Any]]:
    """What an EncoderClassifier does to images x, step by step: see forward_passes."""
    return forward.forward_passes(classifier(submission, seed, n_classes), [x])


@probe("autoencoder", "EncoderClassifier", labels=NETWORK_LABELS, forward=classifier_forward)
def encoder_classifier(
    submission: Submission, x: np.ndarray, seed: int, n_classes: int | None = None
) -> dict[str, Any]:
    """An EncoderClassifier on the kit's own encoder, with weights drawn from `seed`, for images x.

    If `n_classes` is None, the default is used.  The observation:
        layers, parameters: as for `autoencoder`.
        logits: an array (N, n_classes).
        gradients: as for `autoencoder_gradients`.
        trained parameters: how many numbers require gradients.
        the encoder's gradients: those of its first layer's parameters when that runs on its own,
            and nothing for a parameter without any.  A submission can say that it is frozen.
    """
    model = classifier(submission, seed, n_classes)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(list(layers)[-1:], seed)  # the encoder has its own
    logits = instruments.output(model, x, "EncoderClassifier")
    if logits.requires_grad:
        instruments.send_gradients(logits)
    gradients = [instruments.gradient_sizes(layer) for layer in layers]  # before the encoder runs on its own
    trained = [parameter.numel() for parameter in torch.nn.Module.parameters(model) if parameter.requires_grad]
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "parameters": instruments.parameter_count(model),
        "logits": instruments.arrays([logits])[0],
        "gradients": gradients,
        "trained parameters": sum(trained),
        "the encoder's gradients": own.gradients_of_first([*layers][:-1], x),
    }
