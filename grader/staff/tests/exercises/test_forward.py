"""What is seen of a network's forward pass: the same steps for every way to write them."""

from importlib import util

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.assignment import STAFF_EXERCISES
from grader.exercises.forward import forward_passes
from grader.exercises.instruments import network
from grader.exercises.models.questions import SHAPES, USUAL_ARGUMENTS
from grader.judging.forward import AGAIN, NOT_OWN, shown
from grader.staff.exercises.models import solution

STYLES = sorted((STAFF_EXERCISES / "models" / "styles").glob("*.py"))


def passes(module, name):
    inputs = [np.random.default_rng(n).random((n, *SHAPES[name]), dtype=np.float32) for n in (3, 1)]
    return forward_passes(network(getattr(module, name), USUAL_ARGUMENTS.get(name)), inputs)


def steps(forward, shape=(3, 1, 8, 8), **layers):
    """What is seen of a network with these layers, and with this function as its forward."""
    net = type("Net", (nn.Module,), {"forward": forward})()
    for name, layer in layers.items():
        setattr(net, name, layer)
    return forward_passes(net, [np.random.default_rng(0).random(shape, dtype=np.float32) - 0.5])[0]


@pytest.mark.slow
@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.stem)
def test_every_style_shows_the_steps_of_the_reference(file):
    spec = util.spec_from_file_location("style", file)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = {name: shown(passes(solution, name), passes(module, name)).sentence for name in SHAPES}
    if file.stem == "explicit_padding":  # it pads in the middle of its arithmetic
        del told["InversionInvariantLeNet5"]
    assert told == dict.fromkeys(told, "")


@pytest.mark.parametrize(
    "relu",
    [
        nn.ReLU(),
        F.relu,
        torch.relu,
        lambda x: x.clamp(min=0),
        lambda x: x * (x > 0),
        lambda x: torch.maximum(x, torch.zeros_like(x)),
        lambda x: torch.where(x > 0, x, 0.0),
        lambda x: (x + x.abs()) / 2,
        lambda x: F.threshold(x, 0, 0),
    ],
)
def test_a_relu_is_one_however_it_is_written(relu):
    def forward(self, x):
        return relu(x).flatten(1)

    assert steps(forward)["steps"] == ["ReLU", "flatten"]


@pytest.mark.parametrize(
    ("reorder", "step"),
    [
        (lambda x: x.permute(0, 2, 3, 1), "permute(0, 2, 3, 1)"),
        (lambda x: x.transpose(1, 2).transpose(2, 3), "permute(0, 2, 3, 1)"),
        (lambda x: torch.stack([x[:, channel] for channel in range(5)], dim=3), "permute(0, 2, 3, 1)"),
        (lambda x: x.reshape(-1, 8, 8, 5), "reshape to (N, 8, 8, 5)"),
        (lambda x: x.view(-1), "flatten the whole batch into one row"),
        (lambda x: x.reshape(len(x), -1), "flatten"),
    ],
)
def test_axes_and_shapes_are_named(reorder, step):
    assert steps(lambda self, x: reorder(x), shape=(3, 5, 8, 8))["steps"] == [step]


def test_a_layer_that_is_not_the_networks_own_or_is_used_again_is_marked():
    hidden = [nn.Linear(64, 64)]
    assert steps(lambda self, x: hidden[0](x.flatten(1)))["steps"] == ["flatten", "Linear(64, 64)" + NOT_OWN]
    twice = steps(lambda self, x: self.a(self.a(x.flatten(1))), a=nn.Linear(64, 64))
    assert twice["steps"] == ["flatten", "Linear(64, 64)", "Linear(64, 64)" + AGAIN]


def test_a_pass_that_raises_ends_with_the_step_that_did():
    seen = steps(lambda self, x: self.a(torch.relu(x)), a=nn.Linear(64, 10))
    assert seen["raised"]
    assert seen["steps"] == ["ReLU", "Linear(64, 10)"]
    assert seen["receives"][-1] == [3, 1, 8, 8]
    assert steps(lambda self, x: x.view(-1, 7))["steps"] == ["view(-1, 7)"]
    flattens = steps(lambda self, x: x.permute(0, 2, 3, 1).view(x.shape[0], -1), shape=(3, 5, 8, 8))
    assert flattens["steps"] == ["permute(0, 2, 3, 1)", "flatten"]
    assert flattens["raised"]


def test_what_leaves_torch_shows_nothing():
    seen = steps(lambda self, x: torch.from_numpy(x.numpy()).flatten(1))
    assert seen["steps"] == []
