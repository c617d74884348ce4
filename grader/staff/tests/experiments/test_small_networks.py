"""What the experiments with small networks, LeNet's settings and t-SNE compute themselves."""

import numpy as np
import pytest
import torch
from torch import nn

from src.experiments import lenet_recipes, tsne, zero_init
from src.experiments.networks import Rounded, SeesBoth, Smoothed


def test_the_nearest_neighbour_of_a_point_is_another_point():
    points = np.array([[0.0, 0], [0, 1], [5, 0], [5, 1]])
    assert tsne.same_class(points, np.array([0, 0, 1, 1])) == 100
    assert tsne.same_class(points, np.array([0, 1, 2, 2])) == 50


def test_units_that_differ_by_rounding_only_count_once():
    weight = np.array([[1.0, 2], [1.00001, 2], [1, 3]])
    assert zero_init.n_different(weight, np.array([0.0, -0.0, 0])) == 2


@pytest.mark.parametrize(
    ("penalty", "gradient"),
    [("none", 0.0), ("L1", 0.001), ("L2", 2 * 0.001 * 0.5)],
)
def test_a_penalty_moves_weights_and_leaves_biases_alone(penalty, gradient):
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, 0.5)
    nn.init.constant_(model.bias, 0.5)
    optimizer = lenet_recipes.make_optimizer(model, lenet_recipes.Recipe(0.1, penalty=penalty))
    model.weight.grad = torch.zeros_like(model.weight)
    model.bias.grad = torch.zeros_like(model.bias)
    optimizer.step()
    # Nesterov's first step takes the gradient 1 + momentum times
    assert model.weight.item() == pytest.approx(0.5 - 0.1 * 1.9 * gradient, abs=1e-7)
    assert model.bias.item() == 0.5


def rates_of(recipe, n_epochs):
    """The learning rate of each epoch, as a multiple of the first one."""
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
    schedule = lenet_recipes.make_schedule(optimizer, recipe, n_epochs)
    rates = []
    for _ in range(n_epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def test_a_schedule_drops_the_rate_where_the_documents_do():
    rates = rates_of(lenet_recipes.RECIPES["cifar10"][2], 150)
    assert rates == [1.0] * 120 + [0.5] * 20 + [0.1] * 10


def test_few_epochs_still_end_with_the_smallest_rate():
    assert rates_of(lenet_recipes.RECIPES["fashion"][0], 4) == [1.0, 1.0, 1.0, 0.5]


def test_networks_around_a_network_see_other_images():
    images = torch.rand(2, 1, 28, 28)
    flat = nn.Flatten()
    assert torch.allclose(SeesBoth(flat)(images), torch.full((2, 784), 0.5))
    assert set(Rounded(flat)(images).unique().tolist()) == {0.0, 1.0}
    assert Smoothed(flat)(torch.ones(1, 1, 28, 28))[0, 400] == 1


def test_the_gradient_passes_through_rounding():
    images = torch.full((1, 1, 2, 2), 0.3, requires_grad=True)
    Rounded(nn.Flatten())(images).sum().backward()
    assert images.grad.eq(1).all()
