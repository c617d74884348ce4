"""Nets, images and targets that adversarial_example is asked with, and what the trusted side measures of its answers.  NumPy only."""

from itertools import pairwise
from typing import Any

import numpy as np

from grader.exercises.inputs import images
from grader.judging.checks import Check
from grader.judging.measure import relu_network

N_MODULES = 8  # of a net with one hidden layer, batch norm and dropout
TRACES = (
    "what it returns",
    "parameters",
    "buffers",
    "gradients",
    "frozen",
    "modes",
    "images given",
    "gradient of the images given",
    "images given record gradients",
    "recording",
)
FAR_WIDTHS = (784, 128, 10)  # of a net for far_call


def image_net(rng: np.random.Generator, *widths: int) -> dict[str, Any]:
    """A fully connected net (instruments.image_net) with these widths, from the pixels to the classes; weights of variance 2 / in."""
    weights: list[np.ndarray] = []
    for n_in, n_out in pairwise(widths):
        bound = (6 / n_in) ** 0.5
        weights.append(rng.uniform(-bound, bound, (n_out, n_in)).astype(np.float32))
        weights.append(rng.uniform(-0.5, 0.5, n_out).astype(np.float32))
    return {"weights": weights}


def normed_net(rng: np.random.Generator, *widths: int) -> dict[str, Any]:
    """The same with one hidden layer, batch norm and dropout: N_MODULES modules, itself included."""
    low_high = ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 1.5))
    norm = [rng.uniform(low, high, widths[1]).astype(np.float32) for low, high in low_high]
    return image_net(rng, *widths) | {"norm": norm, "dropout": 0.5}


def in_evaluation(net: dict[str, Any]) -> list[np.ndarray]:
    """The weights of a net without batch norm and dropout that computes what this one does in evaluation mode."""
    if "norm" not in net:
        return list(net["weights"])
    weight, bias, mean, variance = net["norm"]
    scale = weight / np.sqrt(variance + 1e-5)
    first, shift, *others = net["weights"]
    return [first * scale[:, None], (shift - mean) * scale + bias, *others]


def grey_images(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random images in [0.3, 0.7): no step of a tenth or two leaves [0, 1]."""
    return (0.3 + 0.4 * images(rng, *shape)).astype(np.float32)


def predicted_classes(net: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """The class (N,) that a fully connected net says for each image (N, ...), -1 where the image is none."""
    logits = relu_network(in_evaluation(net), x.reshape(len(x), -1))
    return np.where(np.isfinite(logits).all(axis=1), logits.argmax(axis=1), -1)


def other_classes(rng: np.random.Generator, net: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """For each image a class that the net does not say."""
    n_classes = len(net["weights"][-1])
    return np.asarray((predicted_classes(net, x) + rng.integers(1, n_classes, len(x))) % n_classes)


def least_likely(net: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """For each image the class with the smallest logit."""
    return np.asarray(relu_network(in_evaluation(net), x.reshape(len(x), -1)).argmin(axis=1))


def far_call(rng: np.random.Generator, net: dict[str, Any], n: int) -> dict[str, Any]:
    """A call with n images of 28x28 pixels and a target for each that the gradient leads to, and chance, in a hundred tries, to one in six."""
    x = images(rng, n, 28, 28)
    targets = other_classes(rng, net, x)
    return {"images": x, "target_class": targets, "max_distance": 0.2, "step_size": 0.02, "n_steps": 30}


def traced_calls(rng: np.random.Generator, net: dict[str, Any], states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A call of adversarial_example for each state that the model is handed over in, in random order."""
    calls = []
    for place in rng.permutation(len(states)):
        calls.append(far_call(rng, net, 3) | {"state": states[place]})
    return calls


def share_reached(net: dict[str, Any], calls: list[dict[str, Any]], made: Any) -> float:
    """The percentage of images, mean over calls, for which a net says their targets once they were brought within their limits.

    Brought there, since who leaves the limits loses points for that elsewhere, and gains nothing by it here.
    """
    reached = [
        predicted_classes(net, within_limits(call, x)) == call["target_class"]
        for call, x in zip(calls, made, strict=True)
    ]
    return float(100 * np.mean(reached))


def within_limits(call: dict[str, Any], made: Any) -> np.ndarray:
    """The nearest images in [0, 1] and within max_distance of those given.  All NaN if they are not such images."""
    x, distance = call["images"], call["max_distance"]
    if not isinstance(made, np.ndarray) or made.shape != x.shape or made.dtype.kind != "f":
        return np.full(x.shape, np.nan)
    return np.clip(made, np.maximum(x - distance, 0), np.minimum(x + distance, 1))


def require_half_reached(
    check: Check, net: dict[str, Any], calls: list[dict[str, Any]], made: Any, only: tuple[str, ...]
) -> None:
    """Fail the check unless half of the images have their targets: so that who changes nothing, and leaves no traces, earns nothing.

    Of the images of `far_call` 99.9 % had them, in 60 nets FAR_WIDTHS.  `only` is what of the observation tells mistakes apart.
    """
    sentence = "Its images do not reach their targets when the model is in evaluation mode."
    check.require(share_reached(net, calls, made) >= 50, sentence, only=only)
