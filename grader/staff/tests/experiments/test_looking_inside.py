"""What the experiments do to networks and data beside training them by the student's code."""

import numpy as np
import pytest
import torch
from torch import nn

from data.pentagons import label
from grader.staff.exercises.autoencoder.solution import Autoencoder, EncoderClassifier
from grader.staff.exercises.design.solution import budget_cnn
from grader.staff.exercises.perceptrons.solution import PentagonMLP, pentagon_network
from src.experiments import dropout_sweep, plane, recipe
from src.experiments.layers import outputs_of_first_convolution, outputs_of_linears, sigmoid, unscaled, with_front
from src.experiments.submission import ExperimentError
from src.experiments.subsets import load_subsets

POINTS = np.array([[0.0, 1000.0], [250.0, 10.0], [500.0, 999.0]])


class FakeRun:
    """The little of a run that these helpers use."""

    seed = 0
    device = torch.device("cpu")

    def __init__(self):
        self.data = []

    def load(self, loader, *arguments):
        return loader(*arguments, data_dir="offline")


def test_the_linear_layers_of_a_network_that_scales_get_raw_coordinates():
    model = PentagonMLP((10, 2))
    first = next(layer for layer in model.modules() if isinstance(layer, nn.Linear))
    wanted = POINTS @ first.weight.detach().numpy().T + first.bias.detach().numpy()
    given = outputs_of_linears(model, unscaled(model, POINTS))[0]
    np.testing.assert_allclose(given, wanted, rtol=1e-4, atol=0.01)


def test_the_outputs_of_linear_layers_come_in_order():
    model = PentagonMLP((10, 2))
    assert [output.shape for output in outputs_of_linears(model, POINTS)] == [(3, 10), (3, 2), (3, 2)]
    assert not any(layer._forward_hooks for layer in model.modules())


def test_the_sigmoid_of_large_sums_does_not_overflow():
    with np.errstate(all="raise"):
        np.testing.assert_allclose(sigmoid(np.array([-1000.0, 0.0, 1000.0])), [0, 0.5, 1])


def test_the_network_made_by_hand_draws_the_pentagons():
    points = plane.grid()
    assert np.array_equal(plane.thresholds(pentagon_network(), points)[:, 0], label(points))
    _, title, _ = plane.draw_network(pentagon_network())
    assert "100.0 %" in title


def test_the_larger_autoencoder_has_codes_of_the_same_shape():
    images = torch.zeros(2, 1, 28, 28)
    model = with_front(Autoencoder())
    assert model.encoder(images).shape == (2, 8, 2, 2)
    assert model(images).shape == images.shape
    assert outputs_of_first_convolution(model, images.numpy()).shape == (2, 16, 28, 28)
    assert EncoderClassifier(model)(images).shape == (2, 10)


def test_a_new_front_needs_a_convolution_of_grey_images():
    model = nn.Module()
    model.encoder = nn.Flatten()
    with pytest.raises(ExperimentError, match="Conv2d"):
        with_front(model)


def test_cures_are_taken_out_of_the_network():
    model = budget_cnn()
    dropout_sweep.take_out(model, dropout_sweep.DROPOUTS + dropout_sweep.BATCH_NORMS)
    kinds = {type(layer) for layer in model.modules()}
    assert nn.Identity in kinds
    assert not kinds & {nn.Dropout, nn.BatchNorm2d}
    with pytest.raises(ExperimentError, match=r"nn\.Dropout"):
        dropout_sweep.dropouts_of(model)


def test_the_recipe_ends_with_a_learning_rate_of_zero(monkeypatch):
    rates = []

    def train_by_epochs(run, model, train, optimizer, *, n_epochs, batch_size, watch):
        for _step in range(n_epochs * 3):  # 70 examples in batches of 32
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        return optimizer.param_groups[0]["lr"]

    monkeypatch.setattr(recipe, "train_by_epochs", train_by_epochs)
    train = np.zeros((70, 4)), np.zeros(70)
    last = recipe.train_by_recipe(FakeRun(), nn.Linear(4, 2), train, n_epochs=2)
    np.testing.assert_allclose([*rates, last], 0.001 * (1 - np.arange(7) / 6), atol=1e-9)


def test_no_image_is_in_two_parts_and_the_run_says_how_many_there_are():
    run = FakeRun()
    parts = load_subsets(run, "MNIST", 700, 200, 100)
    assert [len(targets) for _, targets in (parts.train, parts.valid, parts.test)] == [700, 200, 100]
    images = [image.tobytes() for part in (parts.train, parts.valid, parts.test) for image in part[0]]
    assert len(set(images)) == 1000
    assert "700 training images" in run.data[0] and "200 others" in run.data[0]


def test_too_large_parts_are_as_large_as_the_data_allow():
    parts = load_subsets(FakeRun(), "MNIST", 50_000, 10_000, 10_000)
    assert len(parts.valid[1]) == 1198 // 4
    assert len(parts.train[1]) + len(parts.valid[1]) == 1198
    assert len(parts.train_and_valid[0]) == 1198
