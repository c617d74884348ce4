"""Probes of src/perceptrons.py.

The weights of a network are a list: the first layer's weight (n_out, n_in), its bias (n_out,), the
second layer's weight, and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.returned import exception_of, kind_of, layers_by_hand, number, numbers, to_array, trained
from grader.judging.measure import relu_network, threshold_network
from grader.sandbox.probe import Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    from torch import nn

    from grader.exercises import forward, instruments
    from grader.exercises.perceptrons import instruments as own
else:
    nn = lazy("torch.nn")
    forward = lazy("grader.exercises.forward")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.perceptrons.instruments")

MIDDLE = 500.0  # the middle of the pentagons' square, along each axis
SHAPE_LABELS = {"shapes": "shapes of weights and biases"}
MLP_LABELS = {"by hidden": "parameter count", "scaled": "scaled points"}
POOL_LABELS = {
    "images": "pooled image",
    "has the right dtype": "{function} returns another dtype than its docstring says",
    "sums afterwards": "{function} changes the images that it is given",
}


@probe("perceptrons", "pentagon_network", labels=SHAPE_LABELS)
def pentagon_weights(submission: Submission, points: np.ndarray) -> dict[str, Any]:
    """Call `pentagon_network`.

    The observation:
        weights: those of the network; shapes: theirs.
        active units: for each layer, how many units are active for each of the points, uint8 (N,).
            This names mistakes.
    """
    weights = layers_by_hand(submission.get("perceptrons", "pentagon_network")(), "pentagon_network", submission)
    layers = [threshold_network(weights[:end], points) for end in range(2, len(weights) + 1, 2)]
    active = [np.nansum(units, axis=1).astype(np.uint8) for units in layers]
    return {"shapes": shapes_of(weights), "active units": active, "weights": weights}


@probe("perceptrons", "{name}", names=("or_network", "xor_network"), labels=SHAPE_LABELS)
def gate_weights(submission: Submission, name: str) -> dict[str, Any]:
    """Call `or_network` or `xor_network`.

    The observation:
        weights: those of the network; shapes: theirs.
        outputs: its outputs in words for the inputs 00, 01, 10 and 11. This names mistakes.
    """
    weights = layers_by_hand(submission.get("perceptrons", name)(), name, submission)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    outputs = [in_words(output[0]) for output in relu_network(weights, corners)]
    return {"shapes": shapes_of(weights), "outputs": outputs, "weights": weights}


def shapes_of(weights: list[np.ndarray]) -> list[list[int]]:
    return [list(part.shape) for part in weights]


def in_words(output: float) -> str:
    """The output of a logical network, in words that are the same for variants of one mistake."""
    if np.isnan(output):
        return "none"
    below = "below 0" if output < 0 else "between 0 and 1"
    return "0" if output == 0 else "at least 1" if output >= 1 else below


@probe("perceptrons", "PentagonMLP")
def pentagon_forward(
    submission: Submission, batches: list[np.ndarray], hidden: list[int] | None = None, **others: Any
) -> list[dict[str, Any]]:
    """What a PentagonMLP does to each batch of points, step by step: see forward_passes.

    The `others` are arguments of the probe that asks for this.
    """
    options = {} if hidden is None else {"hidden": tuple(hidden)}
    model = instruments.network(submission.get("perceptrons", "PentagonMLP"), options)
    return forward.forward_passes(model, batches)


@probe("perceptrons", "PentagonMLP", labels=MLP_LABELS, forward=pentagon_forward)
def pentagon_mlp(
    submission: Submission,
    batches: list[np.ndarray],
    weights: list[np.ndarray],
    hidden: list[int] | None = None,
    others: list[list[int]] = [],  # noqa: B006 (it is only read)
) -> dict[str, Any]:
    """Make a PentagonMLP, write weights into it, and run it on each batch of points (N, 2).

    `weights` are for coordinates scaled to -1 to 1. They are adapted to the network's own scaling.
    The observation:
        layers: its layers in call order, as `instruments.describe` gives them.
        logits: for each batch an array (N, 2), and once more for the first batch after the last
            layer changed its sign: an activation after it may leave the others as they are.
        scaled: for each batch what reaches the first linear layer, (N, 2).
        by hidden: for each tuple of widths in `others`, the number of parameters of such a network,
            or the exception that making it raises.
    """
    constructor = submission.get("perceptrons", "PentagonMLP")
    model = instruments.network(constructor, {} if hidden is None else {"hidden": tuple(hidden)}).eval()
    layers = instruments.layers_in_call_order(model, instruments.tensor(batches[0]))
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    scaled = [own.input_of(linear[0], model, points) for points in batches] if linear else []
    own.give_weights(layers, for_scaling(weights, batches[0], scaled))
    outputs = [instruments.output(model, points, "PentagonMLP") for points in batches]
    instruments.negate(list(layers)[-1:])
    outputs.append(instruments.output(model, batches[0], "PentagonMLP"))
    return {
        "layers": [instruments.describe(*layer) for layer in layers.items()],
        "logits": instruments.arrays(outputs),
        "scaled": scaled,
        "by hidden": {f"hidden={tuple(widths)}": count_parameters(constructor, widths) for widths in others},
    }


def count_parameters(constructor: Callable[..., Any], hidden: list[int]) -> Any:
    networks: list[Any] = []
    raised = exception_of(lambda: networks.append(instruments.network(constructor, {"hidden": hidden})))
    if not networks:
        return raised
    instruments.output(networks[0], np.zeros((2, 2), np.float32), "PentagonMLP")  # makes lazy layers
    return instruments.parameter_count(networks[0])


def for_scaling(weights: list[np.ndarray], points: np.ndarray, scaled: list[np.ndarray]) -> list[np.ndarray]:
    """Weights for the network's own scaling, which do what these do for coordinates in [-1, 1]."""
    if not scaled or scaled[0].shape != points.shape:
        return weights
    factor = np.ptp(scaled[0], axis=0) / np.ptp(points, axis=0)
    shift = scaled[0].mean(axis=0) - factor * points.mean(axis=0)
    if not (np.isfinite(shift).all() and (factor > 0).all()):
        return weights
    first = (weights[0] / (MIDDLE * factor)).astype(np.float32)
    return [first, weights[1] - first @ (shift + MIDDLE * factor), *weights[2:]]


@probe("perceptrons", "PentagonMLP", also=("run_model",), labels=MLP_LABELS)
def train_pentagons(
    submission: Submission,
    hidden: list[int],
    x: np.ndarray,
    y: np.ndarray,
    few: np.ndarray,
    stages: list[dict[str, Any]],
) -> dict[str, Any]:
    """Have `run_model` train a PentagonMLP, with one set of settings after the other.

    The observation:
        weights: those of the trained network.
        logits: for the `few` points (N, 2), an array (N, 2).
        scaled: what reaches the first layer for the `few` points, (N, 2).
    """
    model = instruments.network(submission.get("perceptrons", "PentagonMLP"), {"hidden": tuple(hidden)})
    for settings in stages:
        value = submission.get("run_model", "run_model")(model, "train", instruments.dataset(x, y), **settings)
        model = trained(value, submission)[0]
    layers = instruments.layers_in_call_order(model.eval(), instruments.tensor(few))
    first = next(iter(layers), None)
    return {
        "weights": [part for layer in layers for part in instruments.arrays(layer.parameters(recurse=False))],
        "logits": instruments.arrays([instruments.output(model, few, "PentagonMLP")])[0],
        "scaled": few if first is None else own.input_of(first, model, few),
    }


@probe("perceptrons", "conv_output_shape", labels={"shapes": "output shape"})
def conv_shapes(submission: Submission, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Call `conv_output_shape` with each set of arguments.

    The observation has under "shapes" the four numbers for each call, or "ValueError".
    """
    function = submission.get("perceptrons", "conv_output_shape")

    def read(value: Any) -> list[float]:
        return numbers(value, "What conv_output_shape returned", submission)

    return {"shapes": {words(given): answer(function, tuples(given), read) for given in calls}}


@probe("perceptrons", "conv_parameters", labels={"counts": "parameter count"})
def conv_counts(submission: Submission, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Call `conv_parameters` with each set of arguments.

    The observation has under "counts" the number for each call, or "ValueError".
    """
    function = submission.get("perceptrons", "conv_parameters")

    def read(value: Any) -> float:
        return number(value, "what conv_parameters returned", submission)

    return {"counts": {words(given): answer(function, tuples(given), read) for given in calls}}


@probe("perceptrons", "{name}", names=("max_pool", "average_pool"), labels=POOL_LABELS)
def pooled(
    submission: Submission, name: str, images: list[np.ndarray], sizes: list[Any], strides: list[Any]
) -> dict[str, Any]:
    """Call `max_pool` or `average_pool` for each image, with its size and its stride.

    The observation:
        images: the result for each call, a two-dimensional array or "ValueError".
        has the right dtype: for each of these calls whether the result has.
        sums afterwards: the sum of each given image after all calls, to see whether it was changed.
    """
    function = submission.get("perceptrons", name)
    answers, right = {}, {}
    for place, (image, size, stride) in enumerate(zip(images, sizes, strides, strict=True), 1):
        given = tuples({"size": size, "stride": stride})
        shape = "x".join(map(str, image.shape))
        call = f"image {place} ({shape}, {image.dtype}), {words(given)}"

        def read(value: Any, call: str = call, image: np.ndarray = image) -> np.ndarray:
            right[call] = has_right_dtype(name, value, image)
            return pooled_image(value, name, submission)

        with own.without_torchs_pools(name):
            answers[call] = answer(function, {"image": image, **given}, read)
    sums = [float(image.sum()) for image in images]
    return {"images": answers, "has the right dtype": right, "sums afterwards": sums}


def has_right_dtype(name: str, pooled: Any, image: np.ndarray) -> bool:
    """Whether a pooled image has the documented dtype; what is no array is judged elsewhere."""
    if not isinstance(pooled, np.ndarray):
        return True
    if name == "max_pool":
        return bool(pooled.dtype == image.dtype)
    return bool(pooled.dtype == np.float64) or pooled.dtype.kind == image.dtype.kind == "f"


def pooled_image(value: Any, name: str, submission: Submission) -> np.ndarray:
    if value is None:
        raise Unusable(f"{name} should return a NumPy array; it returned {kind_of(value)}.")
    return to_array(value, f"what {name} returned", submission)


def answer(function: Callable[..., Any], given: dict[str, Any], read: Callable[[Any], Any]) -> Any:
    """What a call returns, or "ValueError"; other exceptions are not caught."""
    try:
        value = function(**given)
    except ValueError:
        return "ValueError"
    return read(value)


def tuples(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments with tuples again: on the way to the worker they became lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def words(given: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in tuples(given).items())
