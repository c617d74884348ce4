"""The reference of perceptrons, compared with torch, other geometry, and the homework's figures."""

import itertools
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from data.load_data import load_pentagon_data
from data.pentagons import PENTAGONS, is_inside, label
from grader.exercises.perceptrons.questions import turned_pentagons
from grader.judging.measure import relu_network, sigmoid_network, threshold_network
from grader.judging.reference import solution_file
from grader.staff.exercises.perceptrons.test_hidden import hairs_breadth, inner_distance
from grader.staff.tests.exercises.test_solution import load

GATE_INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.fixture
def perceptrons() -> ModuleType:
    return load(solution_file("perceptrons"))


def flat(network):
    return [part for layer in network for part in layer]


# The points


def test_pentagon_data_are_the_documents() -> None:
    x, x_test, y, y_test = load_pentagon_data()
    assert x.shape == (50_000, 2) and x_test.shape == (10_000, 2) and x.dtype == np.float64
    assert y.shape == (50_000,) and y_test.shape == (10_000,) and set(y) == {0, 1} and y.dtype == np.int64
    assert 0 <= x.min() < 1 and 999 < x.max() <= 1000
    assert 0.295 < np.concatenate([y, y_test]).mean() < 0.305  # their areas are 100,000 and 200,000 of 1,000,000


def test_pentagon_data_follow_the_seed() -> None:
    one, again, other = (load_pentagon_data(60, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert [len(part) for part in one] == [50, 10, 50, 10]
    assert [len(part) for part in load_pentagon_data(1)] == [0, 1, 0, 1]
    with pytest.raises(ValueError, match="n_points is 0"):
        load_pentagon_data(0)


def test_labels_agree_with_cross_products() -> None:
    points = np.random.default_rng(0).uniform(0, 1000, (20_000, 2))
    for corners in PENTAGONS:
        assert np.array_equal(is_inside(points, corners), inner_distance(points, corners) > 0)


def test_labels_of_points_known_by_sight() -> None:
    points = [(500, 700), (500, 400), (500, 601), (500, 599), (350, 620), (190, 300), (210, 300), (999, 1), (120, 400)]
    assert label(np.array(points, float)).tolist() == [1, 1, 1, 1, 0, 0, 1, 0, 1]


# Networks by hand


def test_pentagon_network_shapes(perceptrons: ModuleType) -> None:
    shapes = [part.shape for part in flat(perceptrons.pentagon_network())]
    assert shapes == [(10, 2), (10,), (2, 10), (2,), (1, 2), (1,)]


def test_pentagon_network_classifies_all_points(perceptrons: ModuleType) -> None:
    x, x_test, y, y_test = load_pentagon_data()
    outputs = threshold_network(flat(perceptrons.pentagon_network()), np.concatenate([x, x_test]))
    assert (outputs[:, 0] == np.concatenate([y, y_test])).sum() == 60_000


def test_pentagon_network_near_edges(perceptrons: ModuleType) -> None:
    points, inside = hairs_breadth(np.random.default_rng(0), 500)
    assert len(points) > 15_000 and 0.3 < inside.mean() < 0.6
    assert np.array_equal(inside, label(points))
    assert np.array_equal(threshold_network(flat(perceptrons.pentagon_network()), points)[:, 0], inside)


def test_points_on_edges_are_outside(perceptrons: ModuleType) -> None:
    ends = [(a, b) for corners in PENTAGONS for a, b in zip(corners, np.roll(corners, 1, axis=0), strict=True)]
    on_edges = np.array([[a, (a + b) / 2] for a, b in ends]).reshape(-1, 2)
    assert not threshold_network(flat(perceptrons.pentagon_network()), on_edges).any()


def test_or_and_xor(perceptrons: ModuleType) -> None:
    either, xor = flat(perceptrons.or_network()), flat(perceptrons.xor_network())
    assert relu_network(either, GATE_INPUTS)[:, 0].tolist() == [0, 1, 1, 2]
    assert relu_network(xor, GATE_INPUTS)[:, 0].tolist() == [0, 1, 1, 0]
    assert [part.shape for part in either] == [(1, 2), (1,)]
    assert [part.shape for part in xor] == [(2, 2), (2,), (1, 2), (1,)]


def test_measures_say_nan_for_what_is_no_network() -> None:
    for weights in (
        None,
        [],
        [np.zeros((2, 3)), np.zeros(2)],
        [np.zeros(2)],
        "weights",
        [np.zeros((1, 2)), np.zeros(())],
    ):
        assert np.isnan(threshold_network(weights, GATE_INPUTS)).all()
        assert np.isnan(sigmoid_network(weights, GATE_INPUTS)).all()


# PentagonMLP


@pytest.mark.parametrize("hidden", [(10, 2), (3,), [5, 4, 3]])
def test_pentagon_mlp_layers(perceptrons: ModuleType, hidden) -> None:
    model = perceptrons.PentagonMLP(hidden)
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert [layer.out_features for layer in linear] == [*hidden, 2]
    points = torch.rand(7, 2) * 1000
    weights = [part.detach().numpy() for part in model.parameters()]
    expected = sigmoid_network(weights, (points.numpy() - 500) / 288.7)
    assert np.allclose(model(points).detach().numpy(), expected, atol=1e-5)


def test_pentagon_mlp_refuses_widths(perceptrons: ModuleType) -> None:
    for hidden in [(), [], (0,), (4, -1)]:
        with pytest.raises(ValueError, match="hidden is"):
            perceptrons.PentagonMLP(hidden)


def test_turned_pentagons_are_others_every_time() -> None:
    """The exercise's own pentagons are no answer, and either class may be the inner one."""
    agreeing, inner = [], []
    for seed in range(40):
        x, y = turned_pentagons(np.random.default_rng(seed), 2000)
        agreeing.append(np.mean(y == label(x)))
        inner.append(round(float(y.mean())))
    assert max(agreeing) <= 0.75
    assert 10 < sum(inner) < 30


# Shapes, counts, pooling


def test_documents_convolutions(perceptrons: ModuleType) -> None:
    shape = perceptrons.conv_output_shape((16, 3, 32, 32), 5, (8, 4), stride=(2, 2), padding=(4, 8))
    assert shape == (16, 5, 17, 23)
    assert perceptrons.conv_output_shape((1, 3, 32, 32), 8, 5) == (1, 8, 28, 28)
    assert perceptrons.conv_parameters(3, 8, 5) == 608
    assert perceptrons.conv_output_shape((8, 1, 10, 12), 4, kernel_size=3, stride=(1, 2)) == (8, 4, 8, 5)


def test_conv_shapes_agree_with_torch(perceptrons: ModuleType) -> None:
    kernels, strides, paddings, dilations = [1, 3, (2, 5)], [1, 2, (3, 1)], [0, 2, (1, 3)], [1, 2, (1, 3)]
    for kernel, stride, padding, dilation in itertools.product(kernels, strides, paddings, dilations):
        for height, width in [(5, 9), (12, 7)]:
            layer = nn.Conv2d(2, 3, kernel, stride, padding, dilation, device="meta")
            given = ((4, 2, height, width), 3, kernel, stride, padding, dilation)
            try:
                expected = tuple(layer(torch.empty(given[0], device="meta")).shape)
            except RuntimeError:
                with pytest.raises(ValueError, match="does not fit"):
                    perceptrons.conv_output_shape(*given)
            else:
                assert perceptrons.conv_output_shape(*given) == expected, given


def test_conv_parameters_agree_with_torch(perceptrons: ModuleType) -> None:
    for kernel, bias, n_in, n_out in itertools.product([1, 3, (2, 5)], [True, False], [1, 3], [1, 4]):
        layer = nn.Conv2d(n_in, n_out, kernel, bias=bias)
        assert perceptrons.conv_parameters(n_in, n_out, kernel, bias=bias) == sum(p.numel() for p in layer.parameters())


WRONG_CONVS = [
    dict(input_shape=(3, 9, 9)),
    dict(input_shape=(1, 3, 9, 9, 9)),
    dict(input_shape=(0, 3, 9, 9)),
    dict(out_channels=0),
    dict(kernel_size=0),
    dict(kernel_size=(3, -1)),
    dict(stride=(1, 0)),
    dict(padding=-1),
    dict(dilation=0),
    dict(kernel_size=10),
    dict(kernel_size=4, dilation=3),
]


@pytest.mark.parametrize("change", WRONG_CONVS)
def test_conv_output_shape_refuses(perceptrons: ModuleType, change) -> None:
    with pytest.raises(ValueError, match=r"^[A-Za-z_ ]+.*\.$"):
        perceptrons.conv_output_shape(**dict(input_shape=(1, 3, 9, 9), out_channels=2, kernel_size=3) | change)


@pytest.mark.parametrize("given", [(0, 1, 3), (1, 0, 3), (1, 1, 0), (1, 1, (3, 0))])
def test_conv_parameters_refuses(perceptrons: ModuleType, given) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        perceptrons.conv_parameters(*given)


def test_documents_pooling(perceptrons: ModuleType) -> None:
    image = np.zeros((4, 4))
    image[:3, :3] = 1
    images = [image, image[:, ::-1], image[::-1, ::-1], image[::-1]]
    averages = [[[1, 0.5], [0.5, 0.25]], [[0.5, 1], [0.25, 0.5]], [[0.25, 0.5], [0.5, 1]], [[0.5, 0.25], [1, 0.5]]]
    for one, expected in zip(images, averages, strict=True):
        assert perceptrons.average_pool(one, 2, 2).tolist() == expected
        assert perceptrons.max_pool(one, 2, 2).tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8"])
def test_pooling_agrees_with_torch(perceptrons: ModuleType, dtype) -> None:
    rng = np.random.default_rng(0)
    for size, stride in itertools.product([1, 2, (3, 2), (2, 5)], [1, 3, (2, 1), (1, 4)]):
        for shape in [(5, 8), (9, 6)]:
            image = rng.integers(0 if dtype == "uint8" else -250, 250, shape).astype(dtype)
            given = torch.tensor(image, dtype=torch.float64)[None, None]
            assert np.allclose(perceptrons.max_pool(image, size, stride), F.max_pool2d(given, size, stride)[0, 0])
            assert np.allclose(perceptrons.average_pool(image, size, stride), F.avg_pool2d(given, size, stride)[0, 0])
            assert perceptrons.max_pool(image, size, stride).dtype == image.dtype
            assert perceptrons.average_pool(image, size, stride).dtype.kind == "f"


@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
def test_pooling_refuses(perceptrons: ModuleType, name) -> None:
    image = np.zeros((4, 6))
    wrong = [(image[0], 2, 2), (image[None], 2, 2), (image, 0, 1), (image, (2, 0), 1), (image, 2, -1), (image, 5, 1)]
    for given in [*wrong, (image, (1, 7), 1)]:
        with pytest.raises(ValueError, match=r"^(image|size|stride|A window) .*\.$"):
            getattr(perceptrons, name)(*given)
