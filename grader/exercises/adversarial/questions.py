"""Nets, images and targets for adversarial_example, and measures of its result.  NumPy only."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from grader.exercises.adversarial.probes import AttackCall, ImageNetSpec, State
from grader.exercises.inputs import images
from grader.judging.checks import Check
from grader.judging.measure import relu_network
from grader.judging.picture import Picture

N_MODULES = 9  # of a net with one hidden layer, batch norm and dropout
TRACES = (
    "what it returns",
    "modes",
    "frozen",
    "images given record gradients",
    "recording",
    "parameters",
    "buffers",
    "gradients",
    "images given",
    "gradient of the images given",
    "logits afterwards",
)
TRACES_RTOL = 2e-3  # of sums of many gradients, in which a machine's order of adding shows
N_SHOWN = 6  # images of a picture
FAR_WIDTHS = (784, 128, 10)  # of the net in a far_call


def image_net(rng: np.random.Generator, *widths: int) -> ImageNetSpec:
    """A fully connected net with these widths, pixels first and classes last.

    Weights have variance 2 / fan_in.
    """
    weights: list[np.ndarray] = []
    for n_in, n_out in pairwise(widths):
        bound = (6 / n_in) ** 0.5
        weights.append(rng.uniform(-bound, bound, (n_out, n_in)).astype(np.float32))
        weights.append(rng.uniform(-0.5, 0.5, n_out).astype(np.float32))
    return {"weights": weights}


def normed_net(rng: np.random.Generator, *widths: int) -> ImageNetSpec:
    """The same with one hidden layer, batch norm and dropout: N_MODULES modules with itself."""
    low_high = ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 1.5))
    norm = [rng.uniform(low, high, widths[1]).astype(np.float32) for low, high in low_high]
    return {**image_net(rng, *widths), "norm": norm, "dropout": 0.5}


def in_evaluation(net: ImageNetSpec) -> list[np.ndarray]:
    """Weights without batch norm that compute what this net computes in evaluation mode."""
    if "norm" not in net:
        return list(net["weights"])
    weight, bias, mean, variance = net["norm"]
    scale = weight / np.sqrt(variance + 1e-5)
    first, shift, *others = net["weights"]
    return [first * scale[:, None], (shift - mean) * scale + bias, *others]


def grey_images(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random images in [0.3, 0.7): no step of 0.1 or 0.2 leaves [0, 1]."""
    return (0.3 + 0.4 * images(rng, *shape)).astype(np.float32)


def predicted_classes(net: ImageNetSpec, x: np.ndarray) -> np.ndarray:
    """The class (N,) that a fully connected net predicts for each image (N, ...).

    -1 if it has no finite logits for the image.
    """
    logits = relu_network(in_evaluation(net), x.reshape(len(x), -1))
    return np.where(np.isfinite(logits).all(axis=1), logits.argmax(axis=1), -1)


def other_classes(rng: np.random.Generator, net: ImageNetSpec, x: np.ndarray) -> np.ndarray:
    """For each image a class that the net does not predict."""
    n_classes = len(net["weights"][-1])
    return np.asarray((predicted_classes(net, x) + rng.integers(1, n_classes, len(x))) % n_classes)


def least_likely(net: ImageNetSpec, x: np.ndarray) -> np.ndarray:
    """For each image the class with the smallest logit."""
    return np.asarray(relu_network(in_evaluation(net), x.reshape(len(x), -1)).argmin(axis=1))


def far_call(rng: np.random.Generator, net: ImageNetSpec, n: int) -> AttackCall:
    """A call with n images of 28x28 pixels and a target for each: the net's least likely class.

    In nets of FAR_WIDTHS the gradient reached every target (1,000 nets with 6 images each), and 500
    random tries for each image reached none (60 nets).
    """
    x = images(rng, n, 28, 28)
    return {"images": x, "target_class": least_likely(net, x), "max_distance": 0.2, "step_size": 0.02, "n_steps": 30}


def traced_calls(rng: np.random.Generator, net: ImageNetSpec, states: list[State]) -> list[AttackCall]:
    """A call of adversarial_example in each state of the model, in random order."""
    calls: list[AttackCall] = []
    for place in rng.permutation(len(states)):
        calls.append({**far_call(rng, net, 3), "state": states[place]})
    return calls


def share_reached(net: ImageNetSpec, calls: list[AttackCall], returned: Any) -> float:
    """The percentage of returned images, as a mean over calls, that reach their targets.

    Images are first moved within their limits: other checks judge the limits, and to leave them
    gains nothing here.
    """
    reached = [
        predicted_classes(net, within_limits(call, x)) == call["target_class"]
        for call, x in zip(calls, returned, strict=True)
    ]
    return float(100 * np.mean(reached))


def within_limits(call: Mapping[str, Any], returned: Any) -> np.ndarray:
    """Images, moved to [0, 1] and to at most max_distance from the given ones.

    All NaN unless they are a float array of the images' shape.
    """
    x, distance = call["images"], call["max_distance"]
    if not isinstance(returned, np.ndarray) or returned.shape != x.shape or returned.dtype.kind != "f":
        return np.full(x.shape, np.nan)
    return np.clip(returned, np.maximum(x - distance, 0), np.minimum(x + distance, 1))


def require_half_reached(
    check: Check, net: ImageNetSpec, calls: list[AttackCall], returned: Any, only: tuple[str, ...]
) -> None:
    """Fail the check unless half of the images reach their targets.

    Otherwise code that changes nothing, and so leaves no traces, would pass.  `only` names the keys
    of the observation that tell mistakes apart.
    """
    sentence = "adversarial_example's images do not reach their targets when the model is in evaluation mode."
    check.require(share_reached(net, calls, returned) >= 50, sentence, only=only)


def show_attack(check: Check, net: ImageNetSpec, call: AttackCall, returned: Any) -> None:
    """Show the first images of a call, their change, and what the net says of the changed ones."""
    check.draw(lambda: attack_picture(net, call, returned[0]))


def attack_picture(net: ImageNetSpec, call: AttackCall, returned: np.ndarray) -> Picture:
    x, most = call["images"][:N_SHOWN], call.get("max_distance", 0.25)
    changed = returned[:N_SHOWN]
    said = predicted_classes(net, changed)
    captions = [f"target {target}\nnow {now}" for target, now in zip(call["target_class"], said.tolist(), strict=False)]
    rows = [
        ("given", x, 0.0, 1.0),
        ("change", changed - x, -most, most),
        ("changed", changed, 0.0, 1.0),
    ]
    alt = f"{len(x)} images, their change (grey is none, black {-most:g} and white {most:g}), and the changed images."
    return Picture(
        "images", "Images, their change, and what the model says then", {"rows": rows, "captions": captions, "alt": alt}
    )


def change_picture(calls: list[Any], got: Any, expected: Any) -> Picture:
    """The change of the first call's images, as it is and as it should be."""
    x, right, found = calls[0]["images"], expected["images"][0], got["images"][0]
    most = float(np.abs(right - x).max()) or 1.0
    rows = [
        ("given", x[:N_SHOWN], 0.0, 1.0),
        ("expected change", (right - x)[:N_SHOWN], -most, most),
        ("your change", (found - x)[:N_SHOWN], -most, most),
    ]
    alt = (
        f"Images, the expected change and your change. Grey is no change, black {-most:.3g} and white {most:.3g}. "
        f"The largest expected change is {most:.3g}, your largest {float(np.abs(found - x).max()):.3g}."
    )
    return Picture("images", "How the images change", {"rows": rows, "captions": [], "alt": alt})
