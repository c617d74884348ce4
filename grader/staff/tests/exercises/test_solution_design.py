"""The reference of design.py keeps the homework texts' budgets.

The tests also record, count and rebuild the chain of layers.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.exercises.calls import Pad, Reshape, Step
from grader.exercises.design.chain import (
    count_parameters,
    hidden_layers,
    hidden_units,
    others,
    require_buildable,
    shapes,
)
from grader.exercises.design.chain_builder import build
from grader.exercises.design.chain_recorder import Recording, WithoutChance, joined, record
from grader.exercises.design.rules import BUDGETS, broken_rules, remarks
from grader.exercises.layers import (
    BatchNorm2d,
    Chain,
    ChainError,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Other,
    ReLU,
    Softmax,
    read_chain,
    to_plain,
)
from grader.sandbox import wire
from grader.staff.exercises.design import solution as design

IMAGES = torch.rand(3, 1, 28, 28)
LINEAR = Linear(784, 10, True)
CONV = Conv2d(1, 4, (3, 3), (1, 1), (0, 0), "zeros", (1, 1), 1, True)
PLAIN_LINEAR = {"kind": "Linear", "in_features": 784, "out_features": 10, "bias": True}


class Of(nn.Module):
    """A network whose forward is a function."""

    def __init__(self, forward: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = forward

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.function(images)


def recorded(forward: Callable[[torch.Tensor], torch.Tensor], training: bool = True) -> Recording:
    return record(Of(forward), IMAGES, training)


def names(chain: Chain) -> list[str]:
    return [layer.name if isinstance(layer, Other) else type(layer).__name__ for layer in chain]


@pytest.mark.parametrize(
    ("name", "units", "layers", "parameters"),
    [
        ("narrow_mlp", 100, 1, 784 * 100 + 100 + 1010),
        ("two_layer_mlp", 200, 2, 784 * 150 + 150 + 7550 + 510),
        ("deep_mlp", 1000, 3, 784 * 600 + 600 + 180300 + 30100 + 1010),
        ("budget_cnn", 0, 0, 80 + 16 + 1168 + 32 + 7850),
    ],
)
def test_the_reference_keeps_its_budgets(name: str, units: int, layers: int, parameters: int) -> None:
    network = getattr(design, name)()
    chain = record(network, IMAGES, training=True).chain
    assert read_chain(wire.decode(wire.encode(to_plain(chain)))) == chain
    assert broken_rules(chain, parameters, BUDGETS[name]) == [] == remarks(chain)
    assert (hidden_units(chain), hidden_layers(chain)) == (units, layers)
    assert count_parameters(chain) == parameters == sum(p.numel() for p in network.parameters())
    assert network(IMAGES).shape == (3, 10)


@pytest.mark.parametrize("name", list(BUDGETS))
def test_a_rebuilt_network_computes_the_same(name: str) -> None:
    network = getattr(design, name)()
    rebuilt = build(to_plain(record(network, IMAGES, training=True).chain))
    for theirs, ours in zip(rebuilt.state_dict().values(), network.state_dict().values(), strict=True):
        theirs.copy_(ours)
    torch.testing.assert_close(rebuilt.eval()(IMAGES), network.eval()(IMAGES))


def test_a_new_network_every_time() -> None:
    for name in BUDGETS:
        first, second = (getattr(design, name)() for _ in range(2))
        assert not torch.equal(next(first.parameters()), next(second.parameters()))


def test_every_way_of_writing_gives_the_same_chain() -> None:
    weight, bias = torch.rand(10, 784), torch.rand(10)
    linear = nn.Linear(784, 10)
    ways: list[Callable[[torch.Tensor], torch.Tensor]] = [
        lambda x: F.linear(F.relu(x.flatten(1)), weight, bias),
        lambda x: linear(torch.relu(x.view(-1, 784))),
        lambda x: linear(x.squeeze(1).reshape(len(x), -1).relu()),
        lambda x: linear(nn.ReLU(inplace=True)(nn.Flatten()(x))),
        lambda x: linear(x.float().contiguous().flatten(1).clamp(min=0)),
        lambda x: linear(F.relu_(torch.flatten(x, 1).clone())),
        lambda x: linear(F.dropout(x.flatten(1), 0.5, training=False).clamp_min(0)),
    ]
    expected = [Flatten(), ReLU(), LINEAR]
    assert [recorded(way).chain for way in ways] == [expected] * len(ways)


def test_convolutions_keep_their_arguments() -> None:
    conv = nn.Conv2d(1, 4, (3, 5), stride=2, padding=(1, 2), padding_mode="reflect", bias=False)
    grouped = nn.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2)
    chain = recorded(lambda x: F.max_pool2d(grouped(conv(x)), 3, 2, 1, ceil_mode=True)).chain
    assert chain == [
        Conv2d(1, 4, (3, 5), (2, 2), (1, 2), "reflect", (1, 1), groups=1, bias=False),
        Conv2d(4, 6, (3, 3), (1, 1), "same", "zeros", (2, 2), groups=2, bias=True),
        MaxPool2d((3, 3), (2, 2), (1, 1), (1, 1), ceil_mode=True),
    ]
    network = build(to_plain(chain))
    x = IMAGES
    for layer, shape in zip(network, shapes(chain), strict=True):
        x = layer(x)
        assert x.shape[1:] == shape
    assert count_parameters(chain) == sum(p.numel() for p in network.parameters()) == 60 + 6 * 2 * 9 + 6


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"), [(28, 3, 2, 1), (28, 5, 3, 0), (28, 2, 2, 1), (28, 3, 5, 1)]
)
@pytest.mark.parametrize("ceil_mode", [True, False])
def test_shapes_after_pools_are_torchs(size: int, kernel: int, stride: int, padding: int, ceil_mode: bool) -> None:
    pool = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    assert shapes(record(pool, IMAGES, True).chain) == [tuple(pool(IMAGES).shape[1:])]


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (lambda x: x + F.relu(x), ["ReLU", "add"]),
        (lambda x: (x - 0.1307) / 0.3081, ["sub", "div"]),
        (lambda x: x.sigmoid(), ["sigmoid"]),
        (lambda x: F.avg_pool2d(x, 2), ["avg_pool2d"]),
        (lambda x: x.mean((2, 3)), ["mean"]),
        (lambda x: x.transpose(2, 3).flatten(1), ["transpose", "Flatten"]),
        (lambda x: x.detach().flatten(1), ["detach", "Flatten"]),
        (lambda x: x.flatten(1)[:, ::2], ["Flatten", "__getitem__"]),
        (lambda x: x.flatten(), ["a reshape to (2352,)"]),
        (lambda x: x.clamp(0, 1), ["clamp"]),
        (lambda x: x.double().flatten(1), ["double", "Flatten"]),
        (lambda x: torch.from_numpy(x.numpy()).flatten(1), ["something outside torch's functions"]),
        (lambda x: F.dropout2d(x, 0.2), ["dropout2d"]),
        (lambda x: F.log_softmax(x.flatten(1), dim=-1), ["Flatten", "log_softmax"]),
        (lambda x: F.softmax(x.flatten(1), dim=-1), ["Flatten", "Softmax"]),
    ],
)  # fmt: skip
def test_other_operations_are_named(forward: Callable[[torch.Tensor], torch.Tensor], expected: list[str]) -> None:
    assert names(recorded(forward).chain) == expected


def test_what_does_not_reach_the_logits_is_no_layer() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        assert x.min() >= 0 and x.shape[1] == 1
        torch.sigmoid(x)
        return F.linear(x.flatten(1), torch.ones(784, 10).t() * 2)

    assert names(recorded(forward).chain) == ["Flatten", "Linear"]


def test_dropping_in_evaluation_mode_is_seen() -> None:
    assert recorded(lambda x: F.dropout(x, 0.3), training=False).drops
    assert not record(nn.Dropout(0.3), IMAGES, training=False).drops
    assert record(nn.Dropout(0.3), IMAGES, training=True).chain == [Dropout(0.3)]


def test_without_chance_a_network_computes_its_layers_in_any_mode() -> None:
    dropping = nn.Sequential(nn.BatchNorm2d(1), nn.Dropout(0.3), Of(lambda x: F.dropout(x, 0.3)), nn.Flatten())
    expected = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten()).eval()(IMAGES)
    with WithoutChance():
        assert torch.equal(dropping.train()(IMAGES), expected)
    assert not torch.equal(dropping.eval()(IMAGES), expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([LINEAR, ReLU()], [LINEAR, ReLU()]),
        ([Reshape((3, 1, 28, 28), (3, 784)), LINEAR], [Flatten(), LINEAR]),
        ([Reshape((3, 1, 28, 28), (3, 28, 28)), Reshape((3, 28, 28), (3, 784))], [Flatten()]),
        ([Reshape((3, 784), (3, 784)), LINEAR], [LINEAR]),
        ([Reshape((3, 784), (3, 28, 28)), Reshape((3, 28, 28), (3, 784)), LINEAR], [LINEAR]),
        ([Reshape((3, 1, 28, 28), (2352,))], [Other("a reshape to (2352,)")]),
        ([Reshape((3, 784), (6, 392))], [Other("a reshape to (6, 392)")]),
        ([Pad((1, 2), "reflect"), CONV], [replace(CONV, padding=(1, 2), padding_mode="reflect")]),
        ([Pad((1, 1), "zeros"), Pad((2, 2), "zeros"), CONV], [Other("pad"), replace(CONV, padding=(2, 2))]),
        ([Pad((1, 1), "zeros"), replace(CONV, padding=(1, 1))], [Other("pad"), replace(CONV, padding=(1, 1))]),
        ([Pad((1, 1), "zeros"), replace(CONV, padding="same")], [Other("pad"), replace(CONV, padding="same")]),
        ([Pad((1, 1), "zeros"), ReLU(), CONV], [Other("pad"), ReLU(), CONV]),
        ([Pad((1, 1), "zeros"), Reshape((3, 9), (3, 9)), CONV], [Other("pad"), CONV]),
        ([Pad((1, 1), "zeros")], [Other("pad")]),
    ],
)
def test_steps_are_joined_to_layers(before: list[Step], after: Chain) -> None:
    assert joined(before) == after


@pytest.mark.parametrize(
    "value",
    [
        None, [], {}, [[]], ["Linear"], [{}], [{"kind": ["Linear"]}], [{"kind": "LSTM"}], [{"kind": "Pad"}],
        [PLAIN_LINEAR] * 101, [PLAIN_LINEAR | {"out_features": True}], [PLAIN_LINEAR | {"out_features": 2**40}],
        [PLAIN_LINEAR | {"out_features": 10.0}], [PLAIN_LINEAR | {"out_features": 0}], [PLAIN_LINEAR | {"bias": 1}],
        [PLAIN_LINEAR | {"more": 1}], [{"kind": "Linear", "in_features": 784}], [{"kind": "Softmax", "dim": 7}],
        [{"kind": "Dropout", "p": float("nan")}], [{"kind": "Dropout", "p": 1.5}],
        [{"kind": "Other", "name": "x" * 99}], [{"kind": "Other", "name": "\x1b[31m"}], [{"kind": "Other", "name": ["x"]}],
    ],
)  # fmt: skip
def test_what_is_not_a_chain_is_refused(value: Any) -> None:
    with pytest.raises(ChainError):
        read_chain(value)


LAYERS: dict[str, list[Any]] = {
    "in_channels": [0, 1.0], "out_channels": [True, 10**6 + 1], "groups": [0, "1"], "bias": [None],
    "kernel_size": [3, [3], [3, 3, 3], [3, 0]], "stride": [[0, 1]], "dilation": [[1, True]],
    "padding": ["valid", [0, -1], 0, [[0, 0], [0, 0]]], "padding_mode": ["mirror", ["zeros"], None],
    "ceil_mode": [0], "num_features": [0], "eps": [0.0, 1, float("nan")], "momentum": [1.5, None],
    "affine": [1], "track_running_stats": ["yes"],
}  # fmt: skip


@pytest.mark.parametrize(
    "layer", [CONV, MaxPool2d((2, 2), (2, 2), (0, 0), (1, 1), False), BatchNorm2d(4, 1e-5, 0.1, True, True)]
)
def test_every_field_of_a_layer_is_checked(layer: Any) -> None:
    (plain,) = to_plain([layer])
    plain = wire.decode(wire.encode(plain))
    assert read_chain([plain]) == [layer]
    for key in plain.keys() - {"kind"}:
        for wrong in LAYERS[key]:
            with pytest.raises(ChainError):
                read_chain([plain | {key: wrong}])


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ([LINEAR], "does not fit"),
        ([Other("sigmoid")], "not among the allowed"),
        ([Flatten(), Linear(784, 10**6, True)], "parameters"),
        ([Linear(28, 9000, True), Linear(9000, 10, True)] * 3, "does not fit"),
        ([Linear(28, 40000, True)], "may give at most 1,000,000 numbers"),
        ([CONV, CONV], r"Conv2d\(1, 4\) does not fit its input of 4x26x26 numbers\."),
        ([Flatten(), CONV], "does not fit"),
        ([Flatten(), MaxPool2d((2, 2), (2, 2), (0, 0), (1, 1), False)], "MaxPool2d does not fit"),
        ([BatchNorm2d(2, 1e-5, 0.1, True, True)], "BatchNorm2d does not fit"),
        ([replace(CONV, kernel_size=(29, 1))], "Nothing is left of the image"),
    ],
)
def test_what_cannot_be_built_is_refused(chain: Chain, words: str) -> None:
    with pytest.raises(ChainError, match=words):
        require_buildable(chain)


def test_two_linear_layers_without_an_activation_are_one() -> None:
    hidden = Linear(784, 784, True)
    assert hidden_layers([hidden, hidden, ReLU(), LINEAR]) == 1
    assert hidden_layers([hidden, ReLU(), hidden, Dropout(0.5), ReLU(), LINEAR]) == 2
    assert hidden_layers([hidden, Softmax(1), LINEAR, ReLU()]) == 1
    assert hidden_layers([LINEAR]) == hidden_layers([]) == 0


def test_rules_are_said_in_words() -> None:
    chain: Chain = [Flatten(), Linear(784, 101, True), Other("tanh"), Linear(101, 9, True)]
    broken = {rule.name: rule.sentence for rule in broken_rules(chain, 10**7, BUDGETS["narrow_mlp"])}
    assert list(broken) == ["not allowed: tanh", "hidden units", "activations between linear layers", "classes"]
    assert broken["hidden units"] == "It has 101 hidden units; at most 100 are allowed."
    assert "It has 0 hidden layers; it needs at least 1." in broken["activations between linear layers"]
    assert others(chain) == ["tanh"]


def test_one_hidden_layer_is_not_in_the_plural() -> None:
    (broken,) = broken_rules([Flatten(), Linear(784, 10, True), ReLU(), Linear(10, 10, True)], 0, BUDGETS["deep_mlp"])
    assert broken.name == "hidden layers" and broken.sentence.startswith("It has 1 hidden layer; it needs at least 3.")


def test_rules_of_the_convolutional_budget() -> None:
    chain: Chain = [CONV, Dropout(0), Flatten(), Linear(2704, 10, True)]
    names = [rule.name for rule in broken_rules(chain, 10**6, BUDGETS["budget_cnn"])]
    assert names == ["no Dropout", "no BatchNorm2d", "unused parameters"]
    chain = [CONV, Dropout(0.1), BatchNorm2d(4, 1e-5, 0.1, True, True), Flatten(), Linear(2704, 1000, True), ReLU()]
    names = [rule.name for rule in broken_rules(chain, 0, BUDGETS["budget_cnn"])]
    assert names == ["parameters", "ends in ReLU"]


@pytest.mark.parametrize(
    ("chain", "remark"),
    [
        ([LINEAR], "no hidden layer"),
        ([LINEAR, LINEAR], "layers with weights follow each other without a ReLU between"),
        ([LINEAR, ReLU(), Softmax(1), LINEAR], "a softmax stands between layers"),
        ([LINEAR, ReLU(), Dropout(0.7), LINEAR], "a dropout takes away more than 60%"),
        ([Dropout(0.1), LINEAR, ReLU(), LINEAR], "a dropout takes away pixels of the images"),
        ([Linear(784, 9, True), ReLU(), LINEAR], "a layer has fewer numbers than there are classes"),
        ([LINEAR, ReLU(), Linear(9, 10, True)], "a layer has fewer numbers than there are classes"),
        ([LINEAR, ReLU()] * 8, "more than six hidden layers"),
    ],
)
def test_remarks(chain: Chain, remark: str) -> None:
    assert remarks(chain) == [remark]
