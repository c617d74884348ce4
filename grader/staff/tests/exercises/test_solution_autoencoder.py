"""The reference's autoencoder does what the exercise asks for.

The tests compare it with torch, with hand calculation and with the homework texts' figures.
"""

import importlib.util
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from grader.judging.reference import solution_file

SOLUTION = solution_file("autoencoder")


@pytest.fixture
def exercise() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_autoencoder", SOLUTION)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (10, 1, 28, 28)).astype(np.float32)


@pytest.fixture(autouse=True)
def _torch() -> Iterator[None]:
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_shapes_and_parameters(exercise, images):
    model, shapes = exercise.Autoencoder(), []
    for layer in [*model.encoder, *model.decoder]:
        layer.register_forward_hook(lambda layer, given, made: shapes.append(tuple(made.shape[1:])))
    made = model(torch.tensor(images))
    assert sum(parameter.numel() for parameter in model.parameters()) == 5_729
    maps = [(16, 10, 10), (16, 5, 5), (8, 3, 3), (8, 2, 2), (16, 5, 5), (8, 15, 15), (1, 28, 28)]
    assert list(dict.fromkeys(shapes)) == list(dict.fromkeys(maps))
    assert made.shape == images.shape and made.abs().max() <= 1


class OnePixelGain(nn.Module):
    """Multiplies images by a number: its gradient and Adam's steps follow by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(0.5))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.gain * images


def test_training_by_hand(exercise, images):
    model, square = OnePixelGain(), float((images.astype(np.float64) ** 2).mean())
    losses = exercise.train_autoencoder(model, images, n_epochs=3, batch_size=10, learning_rate=0.01)
    gain, first, second, expected = 0.5, 0.0, 0.0, []
    for step in (1, 2, 3):  # Adam: https://arxiv.org/abs/1412.6980, algorithm 1
        expected.append((gain - 1) ** 2 * square)
        gradient = 2 * (gain - 1) * square
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        gain -= 0.01 * (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)) ** 0.5 + 1e-8)
    assert losses == pytest.approx(expected, rel=1e-5)
    assert model.gain.item() == pytest.approx(gain, rel=1e-5)


def test_loss_is_against_clean_images_and_counts_uneven_batches(exercise, images):
    seen = []

    def halve(clean: np.ndarray) -> np.ndarray:
        seen.append(len(clean))
        return clean / 2

    before = images.copy()
    losses = exercise.train_autoencoder(OnePixelGain(), images, 2, 4, 1e-12, halve)
    assert seen == [4, 4, 2] * 2
    assert losses == pytest.approx([0.75**2 * float((images**2).mean())] * 2, rel=1e-5)
    assert np.array_equal(images, before)


def test_learns(exercise):
    rng = np.random.default_rng(1)
    bright = rng.uniform(-0.8, 0.8, (60, 1, 1, 1)) * np.ones((1, 1, 28, 28))
    losses = exercise.train_autoencoder(exercise.Autoencoder(), bright.astype(np.float32), 30, 20, 5e-3)
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize("wrong", [{"n_epochs": 0}, {"batch_size": 0}, {"learning_rate": 0.0}, {"images": None}])
def test_training_refuses(exercise, images, wrong):
    given = {"images": images, "n_epochs": 1} | wrong
    given["images"] = images[:0] if given["images"] is None else images
    with pytest.raises(ValueError, match=r"\.$"):
        exercise.train_autoencoder(OnePixelGain(), **given)


def test_noise_has_the_amount_asked_for(exercise):
    grey = np.full((100, 1, 28, 28), 0.25, np.float32)
    rng = np.random.default_rng(2)
    gaussian = exercise.corrupt(grey, "gaussian", 0.1, rng)
    assert gaussian.dtype == np.float32 and abs(float((gaussian - grey).std()) - 0.1) < 0.002
    salted = exercise.corrupt(grey, "salt_and_pepper", 0.4, rng)
    assert set(np.unique(salted)) == {-1.0, 0.25, 1.0}
    assert abs((salted == 1).mean() - 0.2) < 0.01 and abs((salted == -1).mean() - 0.2) < 0.01
    zeroed = exercise.corrupt(grey, "zero", 0.3, rng)
    assert set(np.unique(zeroed)) == {0.0, 0.25} and abs((zeroed == 0).mean() - 0.3) < 0.01
    assert (grey == 0.25).all()


def test_noise_in_a_row_and_in_range(exercise, images):
    made = exercise.corrupt(images, ("zero", "gaussian"), (1.0, 5.0), np.random.default_rng(3))
    assert made.min() == -1 and made.max() == 1 and abs((made == 1).mean() - 0.42) < 0.02  # P(5 z > 1)
    assert not exercise.corrupt(images, ["gaussian", "zero"], [5.0, 1.0], np.random.default_rng(3)).any()


def test_the_generator_decides(exercise, images):
    def once(seed: int) -> np.ndarray:
        return exercise.corrupt(images, "salt_and_pepper", 0.5, np.random.default_rng(seed))

    np.random.seed(0)
    untouched = np.random.RandomState(0).random_sample()
    assert np.array_equal(once(1), once(1)) and not np.array_equal(once(1), once(2))
    assert np.random.random() == untouched


@pytest.mark.parametrize(
    "kind, amount",
    [("pepper", 0.1), ("gaussian", -1), ("zero", 1.1), (["zero", "zero"], [0.1]), (["zero"], [0.1, 0.1]), ("zero", [])],
)
def test_corrupt_refuses(exercise, images, kind, amount):
    with pytest.raises(ValueError, match=r"\.$"):
        exercise.corrupt(images, kind, amount, np.random.default_rng(0))


def test_only_the_new_layer_learns(exercise, images):
    autoencoder = exercise.Autoencoder()
    autoencoder.encoder.append(nn.BatchNorm2d(8))
    classifier = exercise.EncoderClassifier(autoencoder, n_classes=3)
    before = {name: value.clone() for name, value in classifier.state_dict().items()}
    trained = [parameter for parameter in classifier.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1, weight_decay=0.1)
    assert classifier.train() is classifier and classifier.training and not classifier.encoder.training
    for _ in range(3):
        loss = nn.functional.cross_entropy(classifier(torch.tensor(images)), torch.arange(10) % 3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    changed = {name for name, value in classifier.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"output.weight", "output.bias"}
    assert not classifier.eval().training
