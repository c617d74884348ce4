"""What the visible and hidden checks of src/perceptrons.py share: inputs and judgements."""

from itertools import pairwise
from typing import Any

import numpy as np

from data.pentagons import PENTAGONS, SIZE, label
from grader.exercises.perceptrons import probes
from grader.judging.checks import Check
from grader.judging.measure import is_network, relu_network, threshold_network
from grader.sandbox.probe import Probe

UNITS = [2, 10, 2, 1]  # of the network by hand, the inputs first
CENTRE = SIZE / 2
CELLS, MOST_WRONG = 150, 300  # of a picture: cells along each side, and wrong points
# The keys that show a mistake in a network by hand. The weights don't: those of correct networks
# differ.
PENTAGON_KEYS = ("shapes", "active units")
GATE_KEYS = ("shapes", "outputs")


def shapes_for(units: list[int]) -> list[tuple[int, ...]]:
    """The shape of each weight and bias of a network; `units` begins with the inputs."""
    return [shape for n_in, n_out in pairwise(units) for shape in ((n_out, n_in), (n_out,))]


def has_units(weights: Any, units: list[int]) -> bool:
    """Whether weights from a worker are finite and in the shapes of a network with these units."""
    fits = is_network(weights, np.zeros((1, units[0]))) and [part.shape for part in weights] == shapes_for(units)
    return bool(fits and all(np.isfinite(part).all() for part in weights))


def drawn_weights(rng: np.random.Generator, units: list[int]) -> list[np.ndarray]:
    """Random weights, float32, with which the inputs of the sigmoids are about 1 in size."""
    return [
        rng.uniform(-2, 2, shape).astype(np.float32) / np.float32(shape[-1] ** 0.5 if len(shape) > 1 else 2)
        for shape in shapes_for(units)
    ]


def points_in_square(rng: np.random.Generator, n: int) -> np.ndarray:
    """Random points of the pentagons' square, float64 (n, 2)."""
    return rng.uniform(0, SIZE, (n, 2))


def points_about_edges(rng: np.random.Generator, n: int, distance: float) -> np.ndarray:
    """Random points near the pentagons' edges, float64 (10 n, 2).

    There are n for each edge, at most `distance` away from it along each axis.
    """
    ends = [(a, b) for corners in PENTAGONS for a, b in zip(corners, np.roll(corners, 1, axis=0), strict=True)]
    on_edges = [a + rng.random((n, 1)) * (b - a) for a, b in ends]
    return np.concatenate(on_edges) + rng.uniform(-distance, distance, (len(ends) * n, 2))


def network_by_hand(check: Check, probe: Probe, **arguments: Any) -> Any:
    """The observation of a network by hand."""
    keys = GATE_KEYS if probe is probes.gate_weights else PENTAGON_KEYS
    asked = check.note("by hand", probe, arguments, keys=keys)
    return check.answer_to(asked)


def judge_by_hand(check: Check, observed: Any, points: np.ndarray, inside: np.ndarray, what: str) -> int:
    """Require that `pentagon_network` has the right shapes and is right about every point.

    Returns the number of points.
    """
    weights = observed["weights"]
    sentence = "pentagon_network's weights do not have the shapes of a 2-10-2-1 network."
    shapes = [getattr(part, "shape", None) for part in weights] if isinstance(weights, list) else []
    details = f"expected {shapes_for(UNITS)}, got {shapes[:8]}"
    check.require(has_units(weights, UNITS), sentence, details, only=PENTAGON_KEYS)
    outputs = threshold_network(weights, points)
    wrong = outputs[:, 0] != inside
    example = ""
    if wrong.any():
        x, y = points[wrong.argmax()]
        side = "inside" if inside[wrong.argmax()] else "outside"
        example = f"These are {wrong.sum()} of {len(points)}.  For example, ({x:.2f}, {y:.2f}) is {side}."
        show_regions(check, weights, points[wrong], len(points))
    check.require(
        not wrong.any(),
        f"pentagon_network puts some {what} on the wrong side.",
        example,
        only=PENTAGON_KEYS,
    )
    return int((~wrong).sum())


def show_regions(check: Check, weights: Any, wrong: np.ndarray, n_points: int) -> None:
    """Show where a network by hand is true, and points that it puts on the wrong side."""
    along = (np.arange(CELLS) + 0.5) * SIZE / CELLS
    grid = np.stack([axis.ravel() for axis in np.meshgrid(along, along)], axis=1)
    check.picture(
        "regions",
        "The square, as pentagon_network divides it",
        said=threshold_network(weights, grid)[:, 0].reshape(CELLS, CELLS),
        borders=list(PENTAGONS),
        wrong=wrong[:MOST_WRONG],
        n_wrong=len(wrong),
        n_points=n_points,
        size=SIZE,
    )


def judge_gate(check: Check, observed: Any, units: list[int], true: list[bool]) -> None:
    """Require that a network by hand has these units and is true for the right inputs.

    `true` tells whether it should be true for 00, 01, 10 and 11.
    """
    name, weights = check.exchanges[-1].function, observed["weights"]
    sentence = (
        f"{name} should have {sum(units[1:-1]) or 'no'} hidden units, and weights and biases of the right shapes."
    )
    check.require(has_units(weights, units), sentence, f"The shapes should be {shapes_for(units)}.", only=GATE_KEYS)
    outputs = relu_network(weights, np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))[:, 0]
    right = np.where(true, outputs >= 1, outputs == 0)
    sentence = f"{name}'s output should be at least 1 for true and 0 for false."
    check.require(bool(right.all()), sentence, f"For 00, 01, 10, 11 it gives {outputs.tolist()}.", only=GATE_KEYS)


def scaling_of(points: np.ndarray, scaled: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """The factor and the shift, (2,), that turn points (N, 2) into `scaled`; None if none do."""
    if not isinstance(scaled, np.ndarray) or scaled.shape != points.shape or not np.isfinite(scaled).all():
        return None
    fits = [np.polyfit(points[:, axis], scaled[:, axis].astype(np.float64), 1) for axis in range(2)]
    factor, shift = np.array(fits).T
    exact = np.allclose(points * factor + shift, scaled, rtol=1e-5, atol=1e-4)
    return (factor, shift) if exact else None


def is_centred(factor: np.ndarray, shift: np.ndarray) -> bool:
    """Whether a scaling turns 0 into -a and 1000 into a, for an `a` from about 1 to about 2."""
    reach, middle = factor * CENTRE, factor * CENTRE + shift
    return bool((reach > 0.98).all() and (reach < 2.02).all() and (abs(middle) < 0.03).all())


def turned_pentagons(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and labels (n,) like those of `load_pentagon_data`, for random pentagons.

    Each pentagon is turned by a random angle about its own middle, then both are turned about the
    middle of the square; and either class may be the inner one. Angles are drawn until the
    exercise's own pentagons are right on at most 75 % of the points (outside is right on 70 %), so
    weights that contain them do not fit.
    """
    x, swapped = points_in_square(rng, n), int(rng.integers(2))
    while True:
        angles = rng.uniform(0, 2 * np.pi, 3)
        own = [turned(corners, angle, corners.mean(axis=0)) for corners, angle in zip(PENTAGONS, angles, strict=False)]
        inside = label(x, turned(np.array(own), angles[2], CENTRE))
        if np.mean(inside == label(x)) <= 0.75:  # two draws in five
            return x, inside ^ swapped


def turned(corners: np.ndarray, angle: float, centre: np.ndarray | float) -> np.ndarray:
    """Corners (..., 2) turned about a centre; the angle is in radians."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    around: np.ndarray = (corners - centre) @ turn + centre
    return around


def any_size(rng: np.random.Generator, least: int, most: int) -> Any:
    """A random size: an int or a pair, with equal probability."""
    drawn = rng.integers(least, most, 2, endpoint=True).tolist()
    return drawn if rng.random() < 0.5 else drawn[0]


def conv_call(rng: np.random.Generator, dilated: bool = False) -> dict[str, Any]:
    """Random arguments of `conv_output_shape` with a kernel that fits."""
    channels = [*rng.integers(1, 17, 2).tolist(), *rng.integers(16, 60, 2).tolist()]
    given = {"input_shape": channels, "out_channels": int(rng.integers(20, 40)), "kernel_size": any_size(rng, 2, 7)}
    given |= {"stride": any_size(rng, 1, 4), "padding": any_size(rng, 0, 5)}
    return given | ({"dilation": any_size(rng, 1, 3)} if dilated else {})
