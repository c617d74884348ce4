"""The reference does what the exercises ask for. (`grader audit` compares other styles with it.)"""

import copy
import importlib.util
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset
from grader.assignment import STAFF
from grader.judging.reference import solution_file

KERNELS = {"kernel_size": [(5, 5), (5, 5)], "stride": [1, 1]}
SYNTH_KERNELS = {"kernel_size": (5, 3, 3), "stride": (1, 1, 1)}
# name, the constructor's arguments, the shape of one input, classes, parameters
NETWORKS: list[tuple[str, dict[str, Any], tuple[int, ...], int, int]] = [
    ("DigitClassifier", {}, (28, 28), 10, 109_386),
    ("DogClassifierFC", {}, (64, 64, 3), 10, 1_581_898),
    ("DogClassifierConv", KERNELS, (64, 64, 3), 10, 68_138),
    ("SynthClassifier", SYNTH_KERNELS, (28, 28, 1), 2, 442),
    ("FashionCNN", {}, (1, 28, 28), 10, 6_346),
    ("RegularizedFashionCNN", {}, (1, 28, 28), 10, 6_402),
    ("LeNet5", {}, (1, 28, 28), 10, 61_706),
    ("InversionInvariantLeNet5", {}, (1, 28, 28), 10, 61_706),
    ("SmallVGG", {}, (1, 28, 28), 10, 839_802),
    ("CatDogVGG", {}, (3, 64, 64), 2, 5_884_162),
]


def load(file: Path) -> ModuleType:
    """A fresh copy of a module, which a test may change."""
    spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def models() -> ModuleType:
    return load(solution_file("models"))


@pytest.fixture
def run() -> ModuleType:
    return load(solution_file("run_model"))


@pytest.fixture(autouse=True)
def _torch() -> Iterator[None]:
    """Set a fixed seed and one thread.

    These tensors are small, and several threads cost seconds on a busy machine.
    """
    torch.manual_seed(0)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


# models


@pytest.mark.parametrize("name, arguments, shape, n_classes, n_parameters", NETWORKS, ids=lambda value: str(value)[:24])
def test_networks_have_the_tables_parameters_and_logits(models, name, arguments, shape, n_classes, n_parameters):
    network = getattr(models, name)(**arguments)
    assert sum(parameter.numel() for parameter in network.parameters()) == n_parameters
    assert network.training
    logits = network(torch.rand(2, *shape))
    assert logits.shape == (2, n_classes) and logits.dtype == torch.float32


def layers_in_call_order(network: nn.Module, x: torch.Tensor) -> list[nn.Module]:
    """The layers with parameters of their own, as a forward pass comes to them."""
    called: list[nn.Module] = []
    layers = [module for module in network.modules() if list(module.parameters(recurse=False))]
    hooks = [layer.register_forward_hook(lambda layer, *_: called.append(layer)) for layer in layers]
    network(x)
    for hook in hooks:
        hook.remove()
    return called


def randomize(network: nn.Module) -> None:
    """Give biases and batch norms random values too, because defaults could hide a mistake."""
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name.endswith(("bias", "running_mean")):
                value.uniform_(-0.5, 0.5)
            elif value.dim() == 1:
                value.uniform_(0.5, 1.5)


def logits_for_the_same_weights(
    file: Path, name: str, arguments: dict[str, Any], x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The reference's logits and another solution's, with the reference's weights.

    The weights are copied in call order.
    """
    ours = getattr(load(solution_file("models")), name)(**arguments).eval()
    theirs = getattr(load(file), name)(**arguments).eval()
    randomize(ours)
    for layer, twin in zip(layers_in_call_order(ours, x), layers_in_call_order(theirs, x), strict=True):
        assert type(layer) is type(twin)
        twin.load_state_dict(layer.state_dict())
    return ours(x), theirs(x)


@pytest.mark.parametrize("name, arguments, shape", [network[:3] for network in NETWORKS[:-1]], ids=str)
def test_the_examples_networks_are_right_and_wrong_as_described(name, arguments, shape):
    file = STAFF / "examples/first_try/src/models.py"
    ours, theirs = logits_for_the_same_weights(file, name, arguments, torch.rand(3, *shape))
    wrong = name in ("DogClassifierFC", "DogClassifierConv", "RegularizedFashionCNN")
    assert torch.allclose(theirs, ours, rtol=1e-4, atol=1e-5) is not wrong


@pytest.mark.parametrize("size", [28, 32])
def test_lenet_zero_pads_28x28_alone(models, size):
    network = models.LeNet5().eval()
    x = torch.rand(1, 1, size, size)
    padded = nn.functional.pad(x, [(32 - size) // 2] * 4)
    torch.testing.assert_close(network(x), network(padded))


def test_an_image_and_its_negative_have_the_same_logits(models):
    network = models.InversionInvariantLeNet5().eval()
    x = torch.rand(4, 1, 28, 28)
    torch.testing.assert_close(network(x), network(1 - x), rtol=1e-4, atol=1e-5)


def test_dropout_is_off_in_evaluation_mode_only(models):
    network = models.RegularizedFashionCNN()
    x = torch.rand(8, 1, 28, 28)
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))


def test_a_new_small_vgg_has_xavier_uniform_weights_and_zero_biases(models):
    for layer in models.SmallVGG().modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            window = layer.weight[0, 0].numel()
            bound = (6 / (window * (layer.weight.shape[0] + layer.weight.shape[1]))) ** 0.5
            assert 0.9 * bound < layer.weight.abs().max() <= bound
            assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)
            assert not layer.bias.any()


def test_two_new_networks_differ(models):
    first, second = models.SmallVGG(), models.SmallVGG()
    assert not torch.equal(next(first.parameters()), next(second.parameters()))


@pytest.mark.parametrize("name, count", [("DogClassifierConv", 2), ("SynthClassifier", 3)])
@pytest.mark.parametrize("surplus", [-1, 1])
def test_as_many_kernels_and_strides_as_convolutions(models, name, count, surplus):
    right, wrong = [2] * count, [2] * (count + surplus)
    for arguments in ({"kernel_size": wrong, "stride": right}, {"kernel_size": right, "stride": wrong}):
        with pytest.raises(ValueError, match="entries"):
            getattr(models, name)(**arguments)


# run_model


class Net(nn.Module):
    """A small network with batch norm, which remembers its inputs' first feature and its modes."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.hidden, self.norm, self.out = nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)
        self.dropout = nn.Dropout(dropout)
        self.seen: list[float] = []
        self.modes: set[tuple[bool, bool]] = set()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.dtype == torch.float32
        self.seen += x[:, 0].tolist()
        self.modes.add((self.norm.training, torch.is_grad_enabled()))
        return self.out(self.dropout(torch.relu(self.norm(self.hidden(x / 16)))))


def examples(n: int, first: int = 0, x_dtype: str = "uint8", y_dtype: str = "int32") -> MyDataset:
    """Separable examples in three classes; the first feature counts them."""
    rng = np.random.default_rng(n)
    y = rng.integers(0, 3, n)
    x = np.stack([first + np.arange(n), 8 * y + rng.integers(0, 4, n), rng.integers(0, 16, n)], axis=1)
    return MyDataset(x.astype(x_dtype), y.astype(y_dtype))


def loader(dataset: MyDataset, batch_size: int) -> DataLoader:
    return DataLoader(dataset, batch_size=batch_size)


def test_train_epoch_returns_means_over_examples_and_steps_along_each_batch(run):
    net = Net().eval()
    twin = copy.deepcopy(net).train()
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)  # somebody else's, not to be followed
    losses, right = [], []
    for x, y in loader(examples(11), 4):
        logits = twin(x.float())
        losses += nn.functional.cross_entropy(logits, y.long(), reduction="none").tolist()
        right += (logits.argmax(1) == y).tolist()
        gradients = torch.autograd.grad(nn.functional.cross_entropy(logits, y.long()), list(twin.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(twin.parameters(), gradients, strict=True):
                parameter -= 0.5 * gradient
    loss, accuracy = run.train_epoch(net, loader(examples(11), 4), torch.optim.SGD(net.parameters(), lr=0.5))
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-4)
    assert float(accuracy) == pytest.approx(100 * np.mean(right), rel=1e-4)
    assert net.modes == {(True, True)} and len(net.seen) == 11
    for ours, theirs in zip(twin.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(theirs, ours, rtol=1e-3, atol=1e-5)


def snapshot(net: nn.Module) -> list[Any]:
    return [
        [module.training for module in net.modules()],
        [value.tolist() for value in net.state_dict().values()],
        [parameter.grad for parameter in net.parameters()],
    ]


@pytest.mark.parametrize("training", [True, False, None], ids=["training", "evaluation", "mixed"])
def test_evaluate_leaves_the_model_as_it_was(run, training):
    net = Net(dropout=0.5).train(training is not False)
    if training is None:
        net.norm.eval()
    before = snapshot(net)
    first = run.evaluate(net, loader(examples(11), 4))
    again = run.evaluate(net, loader(examples(11), 11))
    assert [float(x) for x in first] == pytest.approx([float(x) for x in again], rel=1e-4)
    assert snapshot(net) == before
    assert net.modes == {(False, False)}


def test_evaluate_restores_the_modes_when_the_model_fails(run):
    net = Net()
    net.norm.eval()
    before = snapshot(net)
    with pytest.raises(RuntimeError):
        run.evaluate(net, loader(MyDataset(np.ones((3, 7)), np.ones(3)), 2))
    assert snapshot(net) == before


def test_no_batches_are_an_error(run):
    net = Net()
    with pytest.raises(ValueError, match="example"):
        run.evaluate(net, loader(examples(0), 4))
    with pytest.raises(ValueError, match="example"):
        run.train_epoch(net, loader(examples(0), 4), torch.optim.SGD(net.parameters(), lr=0.1))


def test_test_mode_is_evaluate_on_the_test_set(run):
    net = Net()
    before = snapshot(net)
    test_set = examples(9)
    figures = run.run_model(net, running_mode="test", train_set=examples(0), test_set=test_set, batch_size=4)
    expected = run.evaluate(net, loader(test_set, 4))
    assert [float(x) for x in figures] == [float(x) for x in expected]
    assert snapshot(net) == before


def test_without_a_validation_set_all_epochs_run(run):
    _, losses, accuracies = run.run_model(Net(), train_set=examples(6), batch_size=2, learning_rate=1e-9, n_epochs=5)
    assert len(losses["train"]) == len(accuracies["train"]) == 5
    assert losses["valid"] == accuracies["valid"] == []


def test_only_the_training_set_is_shuffled(run):
    net = Net()
    run.run_model(net, "train", examples(12), examples(5, first=100), batch_size=4, n_epochs=3, patience=3)
    trained = [seen for seen in net.seen if seen < 100]
    epochs = [trained[start : start + 12] for start in (0, 12, 24)]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, range(12)]}) == 4
    assert [seen for seen in net.seen if seen >= 100] == [100, 101, 102, 103, 104] * 3


def test_without_shuffle_the_examples_come_in_order(run):
    net = Net()
    run.run_model(net, "train", examples(8), batch_size=3, n_epochs=2, shuffle=False)
    assert net.seen == [*range(8), *range(8)]


NAN = float("nan")
WRONG: list[dict[str, Any]] = [
    {"running_mode": "validate"},
    {"running_mode": None},
    {"train_set": None},
    {"train_set": examples(0)},
    {"valid_set": examples(0)},
    {"running_mode": "test"},
    {"running_mode": "test", "test_set": examples(0)},
    *({name: value} for name in ("n_epochs", "batch_size", "patience") for value in (0, -1)),
    *({"learning_rate": value} for value in (0, 0.0, -0.1, NAN)),
    *({"stop_thr": value} for value in (-1e-9, NAN)),
    {"running_mode": "test", "test_set": examples(3), "learning_rate": 0},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: "-".join(wrong))
def test_wrong_arguments_are_value_errors_that_name_the_argument(run, wrong):
    net = Net()
    before = snapshot(net)
    name = "test_set" if wrong == {"running_mode": "test"} else list(wrong)[-1]
    with pytest.raises(ValueError, match=rf"{name}\b.*\.$"):
        run.run_model(net, **{"train_set": examples(5), **wrong})
    assert snapshot(net) == before and net.seen == []


# When run_model stops


def n_epochs_run(run: ModuleType, curve: list[float], stop_thr: float, patience: int) -> int:
    """How many epochs run_model trains when its validation losses follow the curve."""
    losses = iter(curve)
    run.train_epoch = lambda *_: (1.0, 50.0)
    run.evaluate = lambda *_: (next(losses), 50.0)
    settings = dict(n_epochs=len(curve), stop_thr=stop_thr, patience=patience)
    _, history, accuracies = run.run_model(Net(), "train", examples(4), examples(4), **settings)
    n_epochs = len(history["train"])
    assert history["valid"] == pytest.approx(curve[:n_epochs], nan_ok=True)
    assert len(accuracies["train"]) == len(accuracies["valid"]) == len(history["valid"]) == n_epochs
    return n_epochs


INF = float("inf")


@pytest.mark.parametrize(
    "curve, stop_thr, patience, expected",
    [
        ([1.0, 0.8, 0.75, 0.5, 0.45, 0.5, 0.1], 0.1, 2, 6),  # the docstring's example
        ([8, 7, 6, 5, 4], 1, 1, 5),  # exactly stop_thr is enough
        ([8, 7, 6.5, 5, 4], 1, 1, 3),
        ([8, 9, 1, 0.5], 0.25, 1, 2),  # getting worse by much is failing
        ([8, 8, 8, 8], 0, 1, 4),  # no change is an improvement of 0
        ([8, 9, 7, 8, 6, 7], 1, 2, 6),  # improvements start the count again
        ([8, 7, 7.5, 6.9, 5], 1, 2, 4),  # compared with the epoch before, not with the best
        ([8, 9, 8, 9, 8], 1, 2, 5),
        ([NAN, NAN, 1, 0.5], 0.25, 1, 2),  # the first epoch never counts
        ([NAN, 1, 0.5], 0.25, 1, 2),
        ([8, NAN, 7, 6], 0.25, 2, 3),  # both comparisons with a NaN fail
        ([8, NAN, 7, 6], 0.25, 3, 4),
        ([INF, INF, 5], 0.25, 1, 2),
        ([INF, 5, 4], 0.25, 1, 3),
        ([3], 0.25, 1, 1),
        ([3, 3, 3], 0.25, 3, 3),
        ([3, 3, 3], 0.25, 9, 3),
    ],
)
def test_when_training_stops(run, curve, stop_thr, patience, expected):
    assert n_epochs_run(run, curve, stop_thr, patience) == expected


def simulated(curve: list[float], stop_thr: float, patience: int) -> int:
    """The rule in the exercise's words.

    Training stops after the first epoch that ends a row of `patience` failures, or after the last
    one.
    """
    failed = [None, *(not before - after >= stop_thr for before, after in itertools.pairwise(curve))]
    for epoch in range(1, len(curve) + 1):
        row = failed[max(0, epoch - patience) : epoch]
        if len(row) == patience and all(row):
            return epoch
    return len(curve)


def random_curves() -> Iterator[tuple[list[float], float, int]]:
    rng = np.random.default_rng(0)
    for _ in range(60):
        steps = rng.integers(-2, 5, 8) / 8
        yield (8 - np.cumsum(steps)).tolist(), rng.integers(0, 3) / 8, int(rng.integers(1, 4))


def test_when_training_stops_on_random_curves(run):
    for curve, stop_thr, patience in random_curves():
        assert n_epochs_run(run, curve, stop_thr, patience) == simulated(curve, stop_thr, patience)
