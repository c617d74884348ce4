"""What models.py can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.returned import exception_of, trained
from grader.sandbox.probe import Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import forward, instruments
    from grader.exercises.models import instruments as own
else:
    torch = lazy("torch")
    forward = lazy("grader.exercises.forward")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.models.instruments")

LABELS = {
    "parameters": "parameter count",
    "mean": "mean of the logits",
    "deviation": "standard deviation of the logits",
    "chance": "dropout",
    "buffers": "model's buffers",
    "start": "initial weights",
    "sample": "initial weights",
}
VARY, SAME = "other logits each time", "the same logits each time"  # for one image, in training mode
SAMPLE = 50  # of each layer's weights: a sample, because it is recorded
MAPS = 3  # of the first convolution: they are recorded too
NETWORKS = (
    "DigitClassifier",
    "DogClassifierFC",
    "DogClassifierConv",
    "SynthClassifier",
    "FashionCNN",
    "RegularizedFashionCNN",
    "LeNet5",
    "InversionInvariantLeNet5",
    "SmallVGG",
    "CatDogVGG",
)


@probe("models", "{name}")
def network_forward(
    submission: Submission,
    name: str,
    inputs: Sequence[np.ndarray] = (),
    x: Any = None,
    arguments: dict[str, Any] | None = None,
    **others: Any,
) -> list[dict[str, Any]]:
    """What a network does to each of the inputs, or to x, step by step: see forward_passes.

    The `others` are arguments of the probes that ask for this.
    """
    model = instruments.network(submission.get("models", name), arguments)
    return forward.forward_passes(model, inputs or [x])


@probe("models", "{name}", names=NETWORKS, labels=LABELS, forward=network_forward)
def network(
    submission: Submission,
    name: str,
    inputs: list[np.ndarray],
    seed: int,
    arguments: dict[str, Any] | None = None,
    wrong: Iterable[dict[str, Any]] = (),
    copies: int = 0,
) -> dict[str, Any]:
    """A network of this name, constructed with `arguments`, with weights drawn from `seed`.

    The observation:
        layers: its layers in call order, in words (instruments.describe).
        parameters: how many numbers it learns.
        logits: in evaluation mode for each input an array (N, classes), and once more for the first
            input after the last layer changed its sign: an activation after it may leave the others
            as they are.
        raised: for each set of `wrong` arguments the name of what the constructor raises, or
            "nothing".
        chance: if `copies` are asked for, whether the logits of so many copies of an image differ
            in training mode, in words.
    """
    constructor = submission.get("models", name)
    model = instruments.network(constructor, arguments)
    layers = instruments.layers_in_call_order(model, instruments.tensor(inputs[0]))
    instruments.write_weights(layers, seed)
    model.eval()
    outputs = [instruments.output(model, array, name) for array in inputs]
    instruments.negate(list(layers)[-1:])
    outputs.append(instruments.output(model, inputs[0], name))
    chance = {"chance": VARY if own.logits_vary(model.train(), inputs[0][:1], name, copies) else SAME} if copies else {}
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "parameters": instruments.parameter_count(model),
        "logits": instruments.arrays(outputs),
        "raised": [exception_of(instruments.network, constructor, given) for given in wrong],
        **chance,
    }


@probe("models", "{name}")
def feature_maps(
    submission: Submission, name: str, x: np.ndarray, seed: int, arguments: dict[str, Any] | None = None
) -> np.ndarray:
    """The first maps (maps, H, W) of the network's first convolution, for a batch x of one image.

    Weights are drawn from `seed`.  Empty without a convolution.  They are only shown.
    """
    model = instruments.network(submission.get("models", name), arguments)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(layers, seed)
    return own.first_maps(model, list(layers), x, MAPS)


@probe("models", "{name}", forward=network_forward)
def gradients(
    submission: Submission,
    name: str,
    x: np.ndarray,
    seed: int,
    training: bool = True,
    arguments: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The gradients in a network with weights drawn from `seed`, for images x.

    The observation:
        gradients: for each layer, in call order, the root mean square of its parameters' gradients
            by name.
        logits: an array (N, classes).
    """
    model = instruments.network(submission.get("models", name), arguments)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(layers, seed)
    logits = instruments.output(model.train(training), x, name)
    instruments.send_gradients(logits)
    return {
        "gradients": [instruments.gradient_sizes(layer) for layer in layers],
        "logits": instruments.arrays([logits])[0],
    }


@probe("models", "{name}", labels=LABELS)
def training_statistics(submission: Submission, name: str, x: np.ndarray, seed: int, repeats: int) -> dict[str, Any]:
    """A network in training mode on `repeats` copies of images x in one batch.

    Weights are drawn from `seed`.

    The observation:
        mean, deviation: of each image's logits over the copies, arrays (N, classes).
        buffers: the layers' buffers afterwards.
    """
    model = instruments.network(submission.get("models", name), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    instruments.write_weights(layers, seed)
    model.train()
    with torch.no_grad():
        logits = model(instruments.tensor(np.tile(x, (repeats, 1, 1, 1)))).reshape(repeats, len(x), -1)
    mean, deviation = instruments.arrays([logits.mean(0), logits.std(0)])
    buffers = [array for layer in layers for array in instruments.arrays(layer.buffers(recurse=False))]
    return {"mean": mean, "deviation": deviation, "buffers": buffers}


@probe("models", "{name}", labels=LABELS, forward=network_forward)
def initial_weights(submission: Submission, name: str, x: np.ndarray, seed: int) -> dict[str, Any]:
    """How the layers of a new network start.

    The observation:
        start: for each layer, in call order, own.weight_statistics.
        sample: for each layer some of its weights, drawn by `seed`.
        logits: for images x, in evaluation mode, after weights drawn from `seed` are written.
    """
    model = instruments.network(submission.get("models", name), None)
    layers = instruments.layers_in_call_order(model, instruments.tensor(x))
    start = [own.weight_statistics(layer) for layer in layers]
    sample = [own.some_weights(layer, seed) for layer in layers]
    instruments.write_weights(layers, seed)
    return {
        "start": start,
        "sample": sample,
        "logits": instruments.arrays([instruments.output(model.eval(), x, name)])[0],
    }


@probe("models", "DigitClassifier", also=("run_model",))
def train_digits_in_order(
    submission: Submission, x: np.ndarray, y: np.ndarray, seed: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """A DigitClassifier with weights drawn from `seed`, trained as by `train_digits`, in order.

    The observation has some numbers of each of its "weights", at places drawn from `seed`.
    """
    model = submission.get("models", "DigitClassifier")()
    layers = instruments.layers_in_call_order(model, instruments.tensor(x[:1]))
    instruments.write_weights(layers, seed)
    submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), shuffle=False, **settings)
    weights = instruments.own_parameters(layers)
    return {"weights": [instruments.some_numbers(array, seed, SAMPLE) for array in weights]}


@probe("models", "DigitClassifier", also=("run_model",))
def train_digits(submission: Submission, x: np.ndarray, y: np.ndarray, settings: dict[str, Any]) -> dict[str, Any]:
    """A DigitClassifier that `run_model` trains on images x (N, 28, 28) and labels y (N,).

    The observation has the "weights" of its layers, weights and biases in turn, and the training
    "losses".
    """
    model = submission.get("models", "DigitClassifier")()
    value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
    returned, losses, _ = trained(value, submission)
    layers = instruments.layers_in_call_order(returned, instruments.tensor(x[:1]))
    return {"weights": instruments.arrays(instruments.own_parameters(layers)), "losses": losses["train"]}
