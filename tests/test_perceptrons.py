"""Visible checks of src/perceptrons.py (6)."""

import numpy as np
import pytest
from gradescope_utils.autograder_utils.decorators import number, weight

from data.pentagons import label
from grader.exercises.perceptrons import probes
from grader.exercises.perceptrons.questions import (
    any_size,
    conv_call,
    drawn_weights,
    is_centred,
    judge_by_hand,
    judge_gate,
    network_by_hand,
    points_about_edges,
    points_in_square,
    scaling_of,
)

USUAL = (10, 2)


@number("6.1")
@weight(3)
def test_pentagon_network(check, rng):
    """pentagon_network has 10, 2 and 1 threshold units, and classifies 60,000 points right."""
    points = points_in_square(rng, 60_000)
    few = np.concatenate([points[:30], points_about_edges(rng, 3, distance=40)])
    got = network_by_hand(check, probes.pentagon_weights, points=few)
    right = judge_by_hand(check, got, points, label(points), "points")
    if check.full:
        check.show("pentagon_network: points classified right", right, documents=60_000)


@number("6.2")
@weight(1)
@pytest.mark.parametrize("hidden", [USUAL, (5, 4, 3)], ids=["usual", "other"])
def test_pentagon_mlp(check, rng, hidden):
    """PentagonMLP with hidden widths {hidden} scales points and computes its layers' logits."""
    batches = [points_in_square(rng, n).astype(np.float32) for n in (8, 1, 3)]
    weights = drawn_weights(rng, [2, *hidden, 2])
    arguments = dict(batches=[*batches, batches[0]], weights=weights, hidden=None if hidden == USUAL else hidden)
    others = [rng.integers(3, 20, n).tolist() for n in (1, 2, 4)] + [[1, 1], [], [4, 0], [-2, 3]]
    arguments["others"] = [] if hidden == USUAL else [others[place] for place in rng.permutation(7)]
    got = check.agree(probes.pentagon_mlp, only=("layers", "logits", "by hidden"), **arguments)
    points = np.concatenate(arguments["batches"])
    scaling = scaling_of(points, np.concatenate(got["scaled"]))
    sentence = "PentagonMLP does not scale every point by the same shift and factor for each coordinate."
    check.require(scaling is not None, sentence, only=("scaled",))
    sentence = "PentagonMLP's scaling should turn 0 into -a and 1000 into a, with a number a from 1 to 2."
    factor, shift = scaling
    ends = (np.round(np.stack([shift, 1000 * factor + shift]), 3) + 0.0).tolist()  # no -0.0
    details = f"The point (0, 0) becomes {ends[0]} and (1000, 1000) becomes {ends[1]}."
    check.require(is_centred(factor, shift), sentence, details, only=("scaled",))


@number("6.3")
@weight(1)
def test_or_network(check):
    """or_network computes OR with the fewest units."""
    judge_gate(check, network_by_hand(check, probes.gate_weights, name="or_network"), [2, 1], [False, True, True, True])


@number("6.4")
@weight(2)
def test_xor_network(check):
    """xor_network computes XOR with the fewest units."""
    judge_gate(
        check, network_by_hand(check, probes.gate_weights, name="xor_network"), [2, 2, 1], [False, True, True, False]
    )


@number("6.5")
@weight(1)
def test_conv_output_shape(agree, rng):
    """conv_output_shape gives the shapes that convolutions give, with strides and padding."""
    channels = int(rng.integers(2, 9))
    known = [
        dict(input_shape=(16, 3, 32, 32), out_channels=channels, kernel_size=(8, 4), stride=(2, 2), padding=(4, 8)),
        dict(input_shape=(1, 3, 32, 32), out_channels=8, kernel_size=5),
    ]
    agree(probes.conv_shapes, calls=[*known, *(conv_call(rng) for _ in range(5))])


@number("6.6")
@weight(1)
def test_conv_parameters(agree, rng):
    """conv_parameters counts weights and biases, and refuses sizes below 1."""
    drawn = [
        dict(
            in_channels=int(rng.integers(2, 9)),
            out_channels=int(rng.integers(10, 20)),
            kernel_size=any_size(rng, 2, 7),
            **({} if place % 3 == 0 else {"bias": place % 3 == 1}),
        )
        for place in range(6)
    ]
    pair = dict(in_channels=3, out_channels=4, kernel_size=(2, 5))
    below_1 = [{"in_channels": 0}, {"in_channels": -2}, {"out_channels": 0}, {"out_channels": -3}]
    below_1 += [{"kernel_size": (3, 0)}, {"kernel_size": -5}]
    wrong = [call | change for call, change in zip(drawn, below_1, strict=True)]
    ones = [dict(in_channels=1, out_channels=3, kernel_size=1), dict(in_channels=2, out_channels=1, kernel_size=1)]
    calls = [dict(in_channels=3, out_channels=8, kernel_size=5), pair, *ones, *drawn, *wrong]
    agree(probes.conv_counts, calls=[calls[place] for place in rng.permutation(len(calls))])


def corner_images():
    """A 3x3 block of ones in each corner of a 4x4 image."""
    image = np.zeros((4, 4))
    image[:3, :3] = 1
    return [image, image[:, ::-1], image[::-1, ::-1], image[::-1]]


@number("6.7")
@weight(1)
@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
def test_pooling(agree, rng, name):
    """{name} gives the right value for each window, whether or not windows overlap."""
    drawn = [rng.integers(1, 50, shape).astype(float) / 4 for shape in [(6, 8), (7, 4), (5, 5)]]
    images = [image + rng.integers(0, 3) for image in corner_images()] + drawn + [rng.integers(1, 50, (5, 6))]
    windows = dict(sizes=[2] * 5 + [(3, 2), 3, 2], strides=[2] * 4 + [(2, 3), (2, 1), 1, 2])
    agree(probes.pooled, name=name, images=images, **windows)
