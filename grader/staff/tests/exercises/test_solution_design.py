"""The reference of design.py against the documents' budgets, and the chain of layers: recorded, counted, built again."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.exercises.design.chain import (
    BUDGETS,
    ChainError,
    broken_rules,
    count_parameters,
    hidden_layers,
    hidden_units,
    others,
    read_chain,
    remarks,
    require_buildable,
    shapes,
)
from grader.exercises.design.chain_builder import build
from grader.exercises.design.chain_recorder import Recording, record
from grader.staff.exercises.design import solution as design

IMAGES = torch.rand(3, 1, 28, 28)
LINEAR = {"kind": "Linear", "in": 784, "out": 10, "bias": True}


class Of(nn.Module):
    """A network whose forward is a function."""

    def __init__(self, forward: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = forward

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.function(images)


def recorded(forward: Callable[[torch.Tensor], torch.Tensor], training: bool = True) -> Recording:
    return record(Of(forward), IMAGES, training)


def kinds(chain: list[dict[str, Any]]) -> list[str]:
    return [step.get("name", step["kind"]) for step in chain]


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
    chain = read_chain(record(network, IMAGES, training=True).chain)
    assert broken_rules(chain, parameters, BUDGETS[name]) == {} and remarks(chain) == []
    assert (hidden_units(chain), hidden_layers(chain)) == (units, layers)
    assert count_parameters(chain) == parameters == sum(p.numel() for p in network.parameters())
    assert network(IMAGES).shape == (3, 10)


@pytest.mark.parametrize("name", list(BUDGETS))
def test_a_rebuilt_network_computes_the_same(name: str) -> None:
    network = getattr(design, name)()
    rebuilt = build(record(network, IMAGES, training=True).chain)
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
    expected = [{"kind": "Flatten"}, {"kind": "ReLU"}, LINEAR]
    assert [recorded(way).chain for way in ways] == [expected] * len(ways)


def test_convolutions_keep_their_arguments() -> None:
    conv = nn.Conv2d(1, 4, (3, 5), stride=2, padding=(1, 2), padding_mode="reflect", bias=False)
    grouped = nn.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2)
    chain = recorded(lambda x: F.max_pool2d(grouped(conv(x)), 3, 2, 1, ceil_mode=True)).chain
    assert chain[0] == {
        "kind": "Conv2d", "in": 1, "out": 4, "kernel": [3, 5], "stride": [2, 2], "padding": [1, 2],
        "padding_mode": "reflect", "dilation": [1, 1], "groups": 1, "bias": False,
    }  # fmt: skip
    assert (chain[1]["padding"], chain[1]["groups"], chain[1]["in"]) == ("same", 2, 4)
    network = build(chain)
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
    ("forward", "names"),
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
def test_other_operations_are_named(forward: Callable[[torch.Tensor], torch.Tensor], names: list[str]) -> None:
    assert kinds(recorded(forward).chain) == names


def test_what_does_not_reach_the_logits_is_no_layer() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        assert x.min() >= 0 and x.shape[1] == 1
        torch.sigmoid(x)
        return F.linear(x.flatten(1), torch.ones(784, 10).t() * 2)

    assert kinds(recorded(forward).chain) == ["Flatten", "Linear"]


def test_dropping_in_evaluation_mode_is_seen() -> None:
    assert recorded(lambda x: F.dropout(x, 0.3), training=False).drops
    assert not record(nn.Dropout(0.3), IMAGES, training=False).drops
    assert record(nn.Dropout(0.3), IMAGES, training=True).chain == [{"kind": "Dropout", "p": 0.3}]


@pytest.mark.parametrize(
    "value",
    [
        None, [], {}, [[]], ["Linear"], [{}], [{"kind": ["Linear"]}], [{"kind": "LSTM"}], [LINEAR] * 101, [LINEAR | {"out": True}], [LINEAR | {"out": 2**40}],
        [LINEAR | {"out": 10.0}], [LINEAR | {"more": 1}], [{"kind": "Dropout", "p": float("nan")}], [{"kind": "Dropout", "p": 1.5}], [{"kind": "other", "name": "x" * 99}],
        [{"kind": "other", "name": "\x1b[31m"}], [{"kind": "Softmax", "dim": 7}],
    ],
)  # fmt: skip
def test_what_is_no_chain_is_refused(value: Any) -> None:
    with pytest.raises(ChainError):
        read_chain(value)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([LINEAR], "does not fit"),
        ([{"kind": "other", "name": "sigmoid"}], "not among the allowed"),
        ([{"kind": "Flatten"}, LINEAR | {"out": 10**6}], "parameters"),
        ([LINEAR | {"in": 28, "out": 9000}, LINEAR | {"in": 9000}] * 3, "does not fit"),
        ([LINEAR | {"in": 28, "out": 40000}], "put out more than"),
    ],
)
def test_what_cannot_be_built_is_refused(steps: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ChainError, match=words):
        require_buildable(read_chain(steps))


def test_two_linear_layers_without_an_activation_are_one() -> None:
    relu, hidden = {"kind": "ReLU"}, LINEAR | {"out": 784}
    assert hidden_layers([hidden, hidden, relu, LINEAR]) == 1
    assert hidden_layers([hidden, relu, hidden, {"kind": "Dropout", "p": 0.5}, relu, LINEAR]) == 2
    assert hidden_layers([hidden, relu, LINEAR, relu]) == 1
    assert hidden_layers([LINEAR]) == hidden_layers([]) == 0


def test_rules_are_said_in_words() -> None:
    chain = [
        {"kind": "Flatten"},
        LINEAR | {"out": 101},
        {"kind": "other", "name": "tanh"},
        LINEAR | {"in": 101, "out": 9},
    ]
    broken = broken_rules(chain, 10**7, BUDGETS["narrow_mlp"])
    assert list(broken) == ["not allowed: tanh", "hidden units", "activations between linear layers", "classes"]
    assert broken["hidden units"] == "It has 101 hidden units; at most 100 are allowed."
    assert "parameters" in " ".join(broken_rules(chain, 10**6, BUDGETS["budget_cnn"]))
    assert others(chain) == ["tanh"]
