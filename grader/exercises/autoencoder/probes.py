"""What autoencoder.py can be asked."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.returned import exception_of, numbers, require_array
from grader.judging.measure import noise_statistics
from grader.sandbox.probe import Arrays, Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.autoencoder import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.autoencoder.instruments")

AXES = "channels, height, width"
PIXELS = 12  # of what an Autoencoder makes of each batch: a sample keeps what is recorded small


@probe("autoencoder", "Autoencoder")
def autoencoder(submission: Submission, inputs: Arrays, seed: int) -> dict[str, Any]:
    """An Autoencoder with weights drawn from `seed`: layers in call order, parameter count, reconstructions of each input in evaluation mode.

    Of those: their shapes, and pixels at places drawn from `seed`.
    """
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(inputs[0]))
    instruments.write_weights(layers, seed)
    made = [instruments.output(model.eval(), array, "Autoencoder", AXES) for array in inputs]
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "parameters": instruments.parameter_count(model),
        "shapes": [list(images.shape) for images in made],
        "reconstructions": [instruments.some_numbers(images, seed, PIXELS) for images in made],
    }


@probe("autoencoder", "Autoencoder")
def autoencoder_parts(submission: Submission, images: np.ndarray, codes: np.ndarray, seed: int) -> dict[str, Any]:
    """What the encoder of an Autoencoder with weights drawn from `seed` makes of images, and its decoder of codes: shapes, and some numbers."""
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    instruments.write_weights(instruments.layers_in_call_order(model, instruments.tensor(images)), seed)
    made: dict[str, Any] = {}
    for name, given in (("encoder", images), ("decoder", codes)):
        part = own.submodule(model.eval(), name, "Autoencoder")
        result = instruments.output(part, given, f"Autoencoder.{name}", AXES)
        made[f"shape of the {name}'s output"] = list(result.shape)
        made[f"the {name}'s output"] = instruments.some_numbers(result, seed, PIXELS)
    return made


@probe("autoencoder", "Autoencoder")
def autoencoder_gradients(submission: Submission, x: np.ndarray, seed: int) -> dict[str, Any]:
    """In training mode, reconstructions and the size of the gradient that reaches each layer's weight and bias, for weights drawn from `seed`."""
    model = instruments.network(submission.get("autoencoder", "Autoencoder"), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(layers, seed)
    made = instruments.output(model.train(), x, "Autoencoder", AXES)
    instruments.send_gradients(made)
    return {
        "gradients": [instruments.gradient_sizes(layer) for layer in layers],
        "reconstructions": instruments.some_numbers(made, seed, PIXELS),
    }


Noise = Sequence[tuple[str | list[str], float | list[float]]]  # kinds and amounts


@probe("autoencoder", "corrupt")
def corrupt(
    submission: Submission, images: np.ndarray, noise: Noise, seed: int, wrong: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """`corrupt` with each kind and amount of noise: statistics of what happened to the images, dtypes; what wrong arguments raise."""
    function = submission.get("autoencoder", "corrupt")
    made = corrupted(function, images, noise, seed)
    raised = {}
    for given in wrong:
        words = ", ".join(f"{key}={value!r}" for key, value in given.items())
        raised[words] = exception_of(function, images.copy(), generator=np.random.default_rng(seed), **given)
    return {
        "statistics": [noise_statistics(images, array) for array in made],
        "dtypes": [str(array.dtype) for array in made],
        "raised": raised,
    }


@probe("autoencoder", "corrupt")
def corrupt_images(submission: Submission, images: np.ndarray, noise: Noise, seed: int) -> Arrays:
    """The images themselves, of which the probe before gives statistics: too large to be recorded."""
    return corrupted(submission.get("autoencoder", "corrupt"), images, noise, seed)


def corrupted(function: Any, images: np.ndarray, noise: Noise, seed: int) -> Arrays:
    """What `corrupt` makes of images with each kind and amount of noise: several kinds are given as a list and as a tuple in turn."""
    made = []
    for place, (kind, amount) in enumerate(noise):
        if place % 2 and isinstance(kind, list) and isinstance(amount, list):
            kind, amount = tuple(kind), tuple(amount)  # type: ignore[assignment]
        array = function(images.copy(), kind, amount, np.random.default_rng([seed, place]))
        made.append(require_array(array, images.shape, "What corrupt returned"))
    return made


@probe("autoencoder", "corrupt")
def corrupt_again(submission: Submission, images: np.ndarray, noise: Noise, seed: int) -> dict[str, Any]:
    """`corrupt` with each kind of noise, twice with one generator, then with new ones of the same and of another seed: see `repeated`."""
    function = submission.get("autoencoder", "corrupt")
    found = [repeated(function, images, kind, amount, seed) for kind, amount in noise]
    return {key: [one[key] for one in found] for key in ("facts", "made", "images", "drawn")}


def repeated(function: Any, images: np.ndarray, kind: Any, amount: Any, seed: int) -> dict[str, Any]:
    """What `corrupt` gave in four calls, between which global generators are disturbed, and what that comes to, in words.

    Also the first call's images afterwards, and what NumPy's global generator drew after the last one.
    """
    copies, made, generator = [images.copy() for _ in range(4)], [], np.random.default_rng(seed)
    for place, used in enumerate([generator, generator, np.random.default_rng(seed), np.random.default_rng(seed + 1)]):
        random.seed(seed + place)
        np.random.seed((seed + place) % 2**32)
        torch.manual_seed(seed + place)
        result = function(copies[place], kind, amount, used)
        made.append(require_array(result, images.shape, "What corrupt returned").astype(np.float32))
    drawn = float(np.random.random())
    expected = float(np.random.RandomState((seed + 3) % 2**32).random_sample())
    same = ["the same" if np.array_equal(made[0], later) else "something else" for later in made[1:]]
    return {
        "facts": {
            "the array it was given": "as it was" if np.array_equal(copies[0], images) else "changed",
            "a second call with the same generator": same[0],
            "an equal generator": same[1],
            "a generator with another seed": same[2],
            "NumPy's global generator": "left alone" if drawn == expected else "used",
        },
        "made": made,
        "images": copies[0],
        "drawn": drawn,
    }


@probe("autoencoder", "train_autoencoder")
def train_autoencoder(
    submission: Submission,
    images: np.ndarray,
    seed: int,
    settings: dict[str, Any],
    batch_norm: bool = False,
    patterns: Arrays | None = None,
) -> dict[str, Any]:
    """`train_autoencoder` on a small model with weights drawn from `seed`: losses, weights and buffers after, the batches' first pixels.

    `patterns`, where given, are what the corruption multiplies images by, call by call.  Then: how large the batches were that it was given.
    The sum of the images afterwards shows whether they were changed.  "order" is what the batches come to, whatever chance did.
    """
    model, given = own.SmallAutoencoder(seed, batch_norm).eval(), images.copy()
    corruption = None if patterns is None else own.Patterns(patterns)
    options = settings if corruption is None else settings | {"corruption": corruption}
    losses = submission.get("autoencoder", "train_autoencoder")(model, given, **options)
    return {
        "losses": numbers(losses, "What train_autoencoder returned", submission),
        "weights": own.as_vector(model.parameters()),
        "buffers": own.as_vector(model.buffers()),
        "batches": [seen.ids for seen in model.passes],
        "order": order_of([seen.ids for seen in model.passes], images),
        "sizes of corrupted batches": [] if corruption is None else corruption.sizes,
        "sum of the images": float(given.sum()),
    }


def order_of(batches: Arrays, images: np.ndarray) -> dict[str, Any]:
    """How large batches of images known by their first pixels are, and over epochs: how many images each has, how many orders there are."""
    seen = np.concatenate([[], *batches])
    epochs = [seen[start : start + len(images)] for start in range(0, len(seen), len(images))]
    return {
        "sizes": [len(batch) for batch in batches],
        "images an epoch": [len(set(epoch.tolist())) for epoch in epochs],
        "orders": len({tuple(epoch.tolist()) for epoch in [*epochs, images[:, 0, 0, 0]]}),
    }


@probe("autoencoder", "train_autoencoder")
def train_autoencoder_wrongly(
    submission: Submission, images: np.ndarray, seed: int, given: list[dict[str, Any]]
) -> dict[str, Any]:
    """What `train_autoencoder` raises for each set of arguments, wrong ones among them, beside the losses of a call with right ones.

    In `given`, {"images": "none"} stands for an array without images.
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


@probe("autoencoder", "EncoderClassifier")
def encoder_classifier(
    submission: Submission, x: np.ndarray, seed: int, n_classes: int | None = None
) -> dict[str, Any]:
    """An EncoderClassifier on an encoder of the kit's own, with weights drawn from `seed`: layers, logits, what of it is trained.

    `n_classes` None stands for the default.
    """
    options = {} if n_classes is None else {"n_classes": n_classes}
    model = submission.get("autoencoder", "EncoderClassifier")(own.ImageCoder(seed), **options)
    if not isinstance(model, torch.nn.Module):
        raise Unusable("EncoderClassifier should be a torch.nn.Module.")
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(list(layers)[-1:], seed)  # the encoder has its own
    logits = instruments.output(model, x, "EncoderClassifier")
    if logits.requires_grad:
        instruments.send_gradients(logits)
    trained = [parameter.numel() for parameter in torch.nn.Module.parameters(model) if parameter.requires_grad]
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "parameters": instruments.parameter_count(model),
        "logits": instruments.arrays([logits])[0],
        "gradients": [instruments.gradient_sizes(layer) for layer in layers],
        "trained parameters": sum(trained),
    }
