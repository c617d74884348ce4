"""adversarial_example of the reference does what its docstring says."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from data.load_data import load_mnist_data
from grader.judging.reference import solution_file
from grader.staff.tests.exercises.test_solution import load

solution = load(solution_file("adversarial"))
adversarial_example = solution.adversarial_example


@pytest.fixture
def linear():
    """Two classes and three pixels: class 1 is said where x0 - 2 x1 > 0."""
    model = nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[0.0, 0.0, 0.0], [1.0, -2.0, 0.0]]))
        model.bias.zero_()
    return model


@pytest.fixture
def network():
    """For images (N, 1, 6, 6), with batch norm and dropout, its parts in different modes."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(64, 5)
    )
    model.train()
    model[3].eval()
    return model


def images(n=6):
    return torch.rand(n, 1, 6, 6, generator=torch.Generator().manual_seed(1))


def test_steps_by_hand(linear):
    """x0 rises and x1 falls by a tenth in each step; x2 stays, because nothing depends on it.

    -0.6 needs three steps to get above 0.
    """
    x = torch.tensor([[0.2, 0.4, 0.7]])
    for n_steps in (1, 2, 3, 9):
        moved = 0.1 * min(n_steps, 3)
        made = adversarial_example(linear, x, 1, step_size=0.1, max_distance=0.5, n_steps=n_steps)
        torch.testing.assert_close(made, torch.tensor([[0.2 + moved, 0.4 - moved, 0.7]]))


def test_limits_by_hand(linear):
    """x1 ends at 0 and x0 at max_distance, which is not a whole number of steps.

    The class stays 0.
    """
    x = torch.tensor([[0.01, 0.05, 0.7], [0.01, 0.9, 0.7]])
    made = adversarial_example(linear, x, [1, 1], step_size=0.1, max_distance=0.25, n_steps=50)
    torch.testing.assert_close(made, torch.tensor([[0.11, 0.0, 0.7], [0.26, 0.65, 0.7]]))


def test_one_step_is_goodfellows(network):
    network.eval()
    x, targets = images(), torch.tensor([0, 1, 2, 3, 4, 0])
    inputs = x.clone().requires_grad_()
    logits = network(inputs)
    F.cross_entropy(logits, targets).backward()
    expected = torch.where(
        (logits.argmax(1) == targets)[:, None, None, None], x, (x - 0.05 * inputs.grad.sign()).clamp(0, 1)
    )
    made = adversarial_example(network, x, targets, step_size=0.05, n_steps=1)
    torch.testing.assert_close(made, expected, rtol=0, atol=1e-7)
    assert not torch.equal(made, x)


def test_an_image_that_has_its_target_comes_back_bit_by_bit(network):
    network.eval()
    x = images()
    predicted = network(x).argmax(1)
    made = adversarial_example(network, x, predicted)
    assert torch.equal(made, x)
    assert made.data_ptr() != x.data_ptr()


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("recording", [False, True])
def test_everything_is_left_as_it_was(network, frozen, recording):
    for place, parameter in enumerate(network.parameters()):
        parameter.requires_grad_(not frozen)
        parameter.grad = torch.full_like(parameter, 2.0) if place % 2 else None
    state = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [part.training for part in network.modules()]
    x = images().requires_grad_()
    before = x.detach().clone()
    with torch.set_grad_enabled(recording):
        made = adversarial_example(network, x, 3)
        assert torch.is_grad_enabled() == recording
    assert (made.requires_grad, made.dtype, made.shape) == (False, x.dtype, x.shape)
    assert x.requires_grad
    assert x.grad is None
    assert torch.equal(x, before)
    assert [part.training for part in network.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    for place, parameter in enumerate(network.parameters()):
        assert parameter.requires_grad != frozen
        assert (parameter.grad == 2).all() if place % 2 else parameter.grad is None


def test_modes_come_back_when_the_model_fails(network):
    modes = [part.training for part in network.modules()]
    with pytest.raises(RuntimeError):
        adversarial_example(network, torch.rand(2, 3, 6, 6), 1)
    assert [part.training for part in network.modules()] == modes


def test_a_batch_is_as_its_images_one_by_one_and_a_class_may_come_in_any_way(network):
    x, targets = images().double(), [0, 1, 2, 3, 4, 0]
    network.double()
    together = adversarial_example(network, x, targets, n_steps=8)
    alone = [adversarial_example(network, x[i : i + 1], targets[i], n_steps=8) for i in range(6)]
    torch.testing.assert_close(together, torch.cat(alone))
    assert torch.equal(together, adversarial_example(network, x, torch.tensor(targets), n_steps=8))
    assert together.dtype == torch.float64


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"images": images() + 0.5}, "images has pixels from "),
        ({"images": images() - 0.5}, "images has pixels from "),
        ({"images": images() * math.nan}, "images has pixels from nan"),
        ({"target_class": [1, 2]}, "target_class has the shape"),
        ({"target_class": torch.zeros(6, 1, dtype=torch.int64)}, "target_class has the shape"),
        ({"target_class": -1}, "the model has 0 to 4"),
        ({"target_class": [0, 1, 2, 3, 4, 5]}, "the model has 0 to 4"),
        ({"max_distance": 0.0}, "max_distance is 0.0; it must be above 0."),
        ({"max_distance": math.nan}, "max_distance is nan; it must be above 0."),
        ({"step_size": -0.1}, "step_size is -0.1; it must be above 0."),
        ({"step_size": math.nan}, "step_size is nan; it must be above 0."),
        ({"n_steps": 0}, "n_steps is 0; it must be at least 1."),
    ],
)
def test_wrong_arguments(network, changed, words):
    modes = [part.training for part in network.modules()]
    with pytest.raises(ValueError, match=words):
        adversarial_example(**({"model": network, "images": images(), "target_class": 1} | changed))
    assert [part.training for part in network.modules()] == modes


@pytest.mark.parametrize("name", ["DigitClassifier", "LeNet5"])
def test_nearly_all_digits_reach_any_target_on_the_courses_networks(name):
    """With the default settings: the docstring promises 95 %."""
    torch.manual_seed(0)
    x, x_test, y, _ = load_mnist_data(examples_per_class=60, fraction=0.8, seed=0)
    x, x_test = torch.from_numpy(x[:, None]).float(), torch.from_numpy(x_test[:, None]).float()
    model = getattr(load(solution_file("models")), name)()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(4):
        for batch in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            F.cross_entropy(model(x[batch]), torch.as_tensor(y[batch.numpy()]).long()).backward()
            optimizer.step()
    x_test = x_test[:60]
    targets = (model(x_test).argmax(1) + torch.randint(1, 10, (60,))) % 10
    made = adversarial_example(model, x_test, targets)
    assert (made - x_test).abs().max() <= 0.3 + 1e-6
    assert (made.min() >= 0) & (made.max() <= 1)
    assert (model.eval()(made).argmax(1) == targets).float().mean() >= 0.95
