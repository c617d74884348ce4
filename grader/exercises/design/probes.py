"""What design.py can be asked: what a network is made of, and what a network of the same layers computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.design.chain import BUDGETS, broken_rules, count_parameters, remarks
from grader.exercises.returned import kind_of
from grader.sandbox.probe import Submission, Unusable, probe

if TYPE_CHECKING:
    from torch import nn

    from grader.exercises.design.chain_recorder import Recording


@probe("design", "{name}")
def recorded_design(submission: Submission, name: str, inputs: list[np.ndarray], seed: int) -> dict[str, Any]:
    """The chain of layers that a network's forward performs on the first input in training mode, and what it registers and computes.

    `parameters` is the model's own count; `logits` are those for each input in evaluation mode, with weights drawn from `seed`.  `rules`, `forward` and
    `remarks` name what is wrong, or may be, in words that do not depend on sizes: they name mistakes, and earn nothing.
    """
    from grader.exercises import instruments
    from grader.exercises.design.chain_recorder import record

    model = made(submission.get("design", name), name)
    images = instruments.tensor(inputs[0])
    instruments.output(model, inputs[0], name)  # gives lazy layers their shapes, too
    recording, evaluated = record(model, images, training=True), record(model, images, training=False)
    instruments.write_states(recording.states, seed)
    model.eval()
    parameters = instruments.parameter_count(model)
    return {
        "chain": recording.chain,
        "parameters": parameters,
        "logits": instruments.arrays([instruments.output(model, array, name) for array in inputs]),
        "rules": list(broken_rules(recording.chain, parameters, BUDGETS[name])) if recording.chain else [],
        "forward": oddities(recording, model, evaluated),
        "remarks": remarks(recording.chain),
    }


def made(function: Any, name: str) -> nn.Module:
    """The network that the function makes.  Unusable where it is none."""
    from torch import nn

    model = function()
    if isinstance(model, type):
        raise Unusable(
            f"{name} should return a network; it returned the class {model.__name__}: call it, with brackets."
        )
    if not isinstance(model, nn.Module):
        raise Unusable(f"{name} should return a network, a torch.nn.Module; it returned {kind_of(model)}.")
    return model


def oddities(recording: Recording, model: nn.Module, evaluated: Recording) -> list[str]:
    """What a forward does with its layers that a network of the same layers would not."""
    used = [state["weight"].data_ptr() for state in recording.states if "weight" in state]
    own = {value.data_ptr() for value in model.parameters()}
    found = {
        "it drops in evaluation mode": evaluated.drops,
        "it takes batch statistics in evaluation mode": evaluated.batch_statistics,
        "a layer is used more than once": len(set(used)) < len(used),
        "weights are not among the model's parameters": not own.issuperset(used),
        "layers are never used": count_parameters(recording.chain) < sum(value.numel() for value in model.parameters()),
    }
    return [oddity for oddity, holds in found.items() if holds]


@probe("design", "{name}")
def rebuilt_design(
    submission: Submission, name: str, chain: list[Any], inputs: list[np.ndarray], seed: int
) -> list[np.ndarray]:
    """The logits of a network built from a chain, with weights drawn from `seed`, in evaluation mode.  Asks nothing of the submission."""
    from grader.exercises import instruments
    from grader.exercises.design.chain_builder import build

    network = build(chain)
    instruments.write_weights([layer for layer in network if len(layer.state_dict())], seed)
    network.eval()
    return instruments.arrays([instruments.output(network, array, name) for array in inputs])
