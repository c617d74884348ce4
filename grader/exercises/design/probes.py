"""Probes of src/design.py: which layers a network has, and what those layers compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.design.chain import count_parameters
from grader.exercises.design.rules import BUDGETS, broken_rules, remarks
from grader.exercises.layers import to_plain
from grader.exercises.returned import kind_of
from grader.sandbox.probe import Submission, Unusable, lazy, probe, staff_function

if TYPE_CHECKING:
    import torch
    from torch import nn

    from grader.exercises import instruments
    from grader.exercises.design import chain_builder, chain_recorder
else:
    torch = lazy("torch")
    nn = lazy("torch.nn")
    instruments = lazy("grader.exercises.instruments")
    chain_builder = lazy("grader.exercises.design.chain_builder")
    chain_recorder = lazy("grader.exercises.design.chain_recorder")


NETWORKS = ("narrow_mlp", "two_layer_mlp", "deep_mlp", "budget_cnn")


LABELS = {
    "chain": "layers",
    "parameters": "parameter count",
    "rules": "{function} breaks the rules of its budget",
    "forward": "{function}'s forward does more than to call its layers one after the other",
    "remarks": "{function} has layers that may stop it from learning well",
}


@probe("design", "{name}", names=NETWORKS, labels=LABELS)
def recorded_design(submission: Submission, name: str, inputs: list[np.ndarray], seed: int) -> dict[str, Any]:
    """What a network made by `name` consists of and computes; each input is images (N, 1, 28, 28).

    The observation:
        chain: the layers that the forward calls for the first input in training mode, as `to_plain`
            gives them.
        parameters: how many numbers the model's own parameters hold.
        logits: for each input an array (N, 10) in evaluation mode, with weights drawn from `seed`.
        logits without chance: for the first input the same if no dropout drops, and batch norms use
            their running statistics, whatever the mode.
        logits in training: for the first input in training mode, with torch's generator at `seed`,
            so that dropouts drop the same numbers each time.
        rules, forward, remarks: what is or may be wrong, in words that do not depend on sizes. They
            name mistakes; the checks judge by the other keys.
    """
    model = network_of(submission.get("design", name), name)
    images = instruments.tensor(inputs[0])
    instruments.output(model, inputs[0], name)  # also gives lazy layers their shapes
    recording = chain_recorder.record(model, images, training=True)
    evaluated = chain_recorder.record(model, images, training=False)
    instruments.write_states(recording.states, seed)
    model.eval()
    with chain_recorder.WithoutChance():
        calm = instruments.output(model, inputs[0], name)
    parameters = instruments.parameter_count(model)
    logits = instruments.arrays([instruments.output(model, array, name) for array in inputs])
    return {
        "chain": to_plain(recording.chain),
        "parameters": parameters,
        "logits": logits,
        "logits without chance": instruments.arrays([calm])[0],
        "logits in training": logits_in_training(model, inputs[0], name, seed),
        "rules": rule_names(recording, parameters, name),
        "forward": oddities(recording, model, evaluated),
        "remarks": remarks(recording.chain),
    }


def logits_in_training(model: nn.Module, x: np.ndarray, name: str, seed: int) -> np.ndarray:
    """A network's logits (N, 10) for images x in training mode; dropouts drop by `seed`."""
    torch.manual_seed(seed)
    return instruments.arrays([instruments.output(model.train(), x, name)])[0]


def rule_names(recording: chain_recorder.Recording, parameters: int, name: str) -> list[str]:
    if not recording.chain:
        return []
    return [rule.name for rule in broken_rules(recording.chain, parameters, BUDGETS[name])]


def network_of(function: Any, name: str) -> nn.Module:
    """The network that the function returns. Raises Unusable if it returns anything else."""
    model = function()
    if isinstance(model, type):
        raise Unusable(f"{name} should return a network; it returned the class {model.__name__}. Call the class.")
    if not isinstance(model, nn.Module):
        raise Unusable(f"{name} should return a network, a torch.nn.Module; it returned {kind_of(model)}.")
    return model


def oddities(recording: chain_recorder.Recording, model: nn.Module, evaluated: chain_recorder.Recording) -> list[str]:
    """What a forward does with its layers that a network of the same layers would not do."""
    used = [state["weight"].data_ptr() for state in recording.states if "weight" in state]
    own = {value.data_ptr() for value in model.parameters()}
    answers = {
        "it drops in evaluation mode": evaluated.drops,
        "it takes batch statistics in evaluation mode": evaluated.batch_statistics,
        "a layer is used more than once": len(set(used)) < len(used),
        "weights are not among the model's parameters": not own.issuperset(used),
        "layers are never used": count_parameters(recording.chain) < sum(value.numel() for value in model.parameters()),
    }
    return [oddity for oddity, holds in answers.items() if holds]


@staff_function
def rebuilt_design(name: str, chain: list[Any], inputs: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """The logits of a network built from a chain, with weights from `seed`.

    In evaluation mode for each input; last, for the first input in training mode.
    """
    rebuilt = chain_builder.build(chain)
    instruments.write_weights([layer for layer in rebuilt if len(layer.state_dict())], seed)
    rebuilt.eval()
    logits = instruments.arrays([instruments.output(rebuilt, array, name) for array in inputs])
    return [*logits, logits_in_training(rebuilt, inputs[0], name, seed)]
