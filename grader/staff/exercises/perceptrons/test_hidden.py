"""Hidden checks of src/perceptrons.py: close to the edges, trained, other arguments."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from data.pentagons import PENTAGONS
from grader.exercises.perceptrons import probes
from grader.exercises.perceptrons.questions import (
    any_size,
    conv_call,
    has_units,
    judge_by_hand,
    network_by_hand,
    points_in_square,
    scaling_of,
    turned_pentagons,
)
from grader.exercises.run_model.questions import needs_training
from grader.judging.compare import compare
from grader.judging.measure import accuracy, sigmoid_network

HAIR = (1e-6, 1e-3)  # of coordinates up to 1000, which float64 tells apart to 1e-13
WIDTHS = [64, 32]
# Small steps at the end, because with large ones the last epoch may be a bad one.
SHORT = [dict(batch_size=50, learning_rate=rate, n_epochs=n) for rate, n in [(2.0, 26), (0.3, 6)]]
LONG = [dict(batch_size=100, learning_rate=rate, n_epochs=n) for rate, n in [(1.0, 120), (0.2, 30)]]
POOLS = ["max_pool", "average_pool"]


def inner_distance(points, corners):
    """How far each point is inside a convex polygon with anticlockwise corners.

    Points outside get negative numbers.
    """
    along = np.roll(corners, -1, axis=0) - corners
    beside = points[:, None] - corners
    cross = along[:, 0] * beside[..., 1] - along[:, 1] * beside[..., 0]
    return (cross / np.hypot(*along.T)).min(axis=1)


def hairs_breadth(rng, n):
    """Points very near the pentagons' edges and corners, and whether each is inside.

    There are 2 n points for each edge and 2 n for each corner, at distances from HAIR.
    """
    pieces = []
    for corners in PENTAGONS:
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            places = a + rng.random((2 * n, 1)) * (b - a)
            across = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(*(b - a))
            angles = rng.uniform(0, 2 * np.pi, 2 * n)
            far = np.exp(rng.uniform(*np.log(HAIR), (2, 2 * n, 1)))
            sides = np.repeat([[1], [-1]], n, axis=0)
            pieces += [
                places + sides * far[0] * across,
                a + far[1] * np.stack([np.cos(angles), np.sin(angles)], axis=1),
            ]
    points = np.concatenate(pieces)
    distances = np.array([inner_distance(points, corners) for corners in PENTAGONS])
    decided = (abs(distances) > HAIR[0] / 2).all(axis=0)
    return points[decided], (distances > 0).any(axis=0)[decided]


@number("6.8")
@weight(2)
def test_pentagon_network_near_edges(check, rng):
    """pentagon_network is right very close to every edge and corner, inside and outside."""
    points, inside = hairs_breadth(rng, 200)
    got = network_by_hand(check, probes.pentagon_weights, points=points[rng.permutation(len(points))[:400]])
    judge_by_hand(check, got, points, inside, "points within 0.001 of an edge or a corner")


@number("6.9")
@weight(3)
@pytest.mark.timeout(40)
@pytest.mark.full(600)
@pytest.mark.trains
@pytest.mark.also("run_model")
def test_pentagon_mlp_learns(check, rng, thresholds):
    """PentagonMLP, trained by run_model, learns which points are inside two rotated pentagons."""
    needs = needs_training(rng)
    check.block_unless(needs)
    full = check.full
    n_train, stages = (50_000, LONG) if full else (6_000, SHORT)
    x, y = turned_pentagons(rng, n_train + 10_000)
    few = points_in_square(rng, 20).astype(np.float32)
    got = check.ask(probes.train_pentagons, hidden=WIDTHS, x=x[:n_train], y=y[:n_train], few=few, stages=stages)
    logits, x_test, y_test = trained_logits(check, got, few), x[n_train:], y[n_train:]
    percent = accuracy(logits(x_test), y_test)
    if full:
        check.show("PentagonMLP: accuracy on the last 10,000 points in %", percent, documents=69.92)
    least = thresholds("PentagonMLP's accuracy", "full" if full else "pentagons")
    check.at_least(percent, least, "PentagonMLP's accuracy on test points")


def trained_logits(check, got, few):
    """The function that the weights and the scaling of a trained PentagonMLP make.

    The submission's own logits must show that it computes this function.
    """
    weights, scaling = got["weights"], scaling_of(few, got["scaled"])
    sentence = f"After training, PentagonMLP's hidden layers do not have {WIDTHS[0]} and {WIDTHS[1]} units."
    check.require(has_units(weights, [2, *WIDTHS, 2]), sentence)
    sentence = "PentagonMLP's scaling is not one shift and one factor for each coordinate."
    check.require(scaling is not None, sentence)
    factor, shift = scaling

    def logits(points):
        return sigmoid_network(weights, points * factor + shift)

    difference = compare(logits(few), got["logits"], rtol=2e-3)
    check.require(difference is None, "PentagonMLP's logits are not those of linear layers with sigmoids between them.")
    return logits


@number("6.10")
@weight(1)
def test_conv_output_shape_of_any_arguments(agree, rng):
    """conv_output_shape takes dilation and kernels that just fit, and refuses wrong arguments."""
    usual = [conv_call(rng, dilated=place % 4 > 0) for place in range(24)]
    fitting = dict(input_shape=(2, 3, 9, 12), out_channels=7, kernel_size=(5, 4), dilation=(2, 3), padding=(0, 1))
    edge = [
        fitting,
        fitting | {"input_shape": (2, 3, 8, 12)},
        fitting | {"padding": (0, 0), "input_shape": (1, 1, 9, 9)},
        fitting | {"padding": (3, 4), "input_shape": (1, 1, 3, 2)},
        fitting | {"out_channels": 1},
    ]
    wrong = [
        {"input_shape": (3, 20, 20)},
        {"input_shape": (1, 2, 3, 20, 20)},
        {"input_shape": (0, 3, 20, 20)},
        {"input_shape": (2, 0, 20, 20)},
        {"input_shape": (2, 3, -20, 20)},
        {"out_channels": 0},
        {"out_channels": -4},
        {"kernel_size": 0},
        {"kernel_size": (3, -1)},
        {"kernel_size": (4, 25)},
        {"input_shape": (1, 1, 8, 20), "stride": 3, "padding": 0, "dilation": 2},  # one row too few for the kernel
        {"stride": (1, 0)},
        {"stride": -1},
        {"padding": (-1, 2)},
        {"dilation": 0},
        {"dilation": (1, -1)},
    ]
    calls = [*usual, *edge, *(fitting | {"input_shape": (2, 3, 20, 20)} | change for change in wrong)]
    agree(probes.conv_shapes, calls=[calls[place] for place in rng.permutation(len(calls))])


def pool_case(rng, place):
    """A random image, window and stride; often some rows or columns are left over."""
    shape = rng.integers(5, 13, 2)
    drawn = [rng.normal(-3, 2, shape), rng.integers(-200, 0, shape), rng.integers(100, 256, shape)]
    image = drawn[place % 3].astype(["float32", "int64", "uint8"][place % 3])
    return image, any_size(rng, 1, 5), any_size(rng, 1, 4)


@number("6.11")
@weight(1)
@pytest.mark.parametrize("name", POOLS)
def test_pooling_of_any_images(agree, rng, name):
    """{name} takes any windows and numbers, drops incomplete windows, refuses wrong arguments."""
    image, flat = rng.normal(size=(6, 7)), rng.normal(size=9)
    wrong = [(flat, 2, 2), (image[None], 2, 2), (image, 0, 1), (image, 2, 0), (image, (2, -1), 1), (image, 7, 1)]
    wrong += [(image, 2, -1), (image, 2, (1, -2)), (image[:2], 3, 2), (image[:, :3], 4, 3)]
    narrow = rng.normal(size=(9, 3))
    edge = [(image, (6, 8), 1), (image, (6, 7), 3), (narrow, (8, 2), 1), (narrow.T, (2, 8), 1), (narrow, 2, (10, 4))]
    cases = [*(pool_case(rng, place) for place in range(15)), *wrong, *edge, (image - 1e6, 2, 2)]
    images, sizes, strides = zip(*(cases[place] for place in rng.permutation(len(cases))), strict=True)
    agree(probes.pooled, name=name, images=images, sizes=sizes, strides=strides)
