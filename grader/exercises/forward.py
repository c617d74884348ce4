"""What a network's forward does to its inputs, in words: shown if a network is wrong, never judged.

Only workers import this module.  judging/forward.py compares two networks' passes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.exercises.calls import Arguments, Operation, read_call
from grader.exercises.instruments import layers_in_call_order, tensor, write_weights
from grader.exercises.layers import Other
from grader.exercises.recorder import OUTSIDE, ForwardRecorder
from grader.exercises.step_words import failed_call_in_words
from grader.exercises.steps import Seen, in_words, seen_in, steps_of
from grader.judging.forward import AGAIN, MOST_CHARACTERS, MOST_PASSES, MOST_STEPS, NOT_OWN


def forward_passes(model: nn.Module, inputs: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """What a network does to each input, in training mode and then in evaluation mode.

    A pass has these keys:
        training: the mode.
        shape: the input's.
        steps: what is done to the input, in order, in words.
        receives: the shape of each step's input.
        raised: whether the pass raised an exception, in its last step if that is a call of torch's.
    """
    given = [tensor(x) for x in inputs[: MOST_PASSES // 2]]
    prepare(model, given[0])
    return [forward_pass(model, x, training) for training in (True, False) for x in given]


def prepare(model: nn.Module, x: torch.Tensor) -> None:
    """Give lazy layers their shapes, and every layer random weights, if the forward works."""
    try:
        write_weights(layers_in_call_order(model, x), seed=0)
    except Exception:
        return  # the recording shows how far it gets


def forward_pass(model: nn.Module, x: torch.Tensor, training: bool) -> dict[str, Any]:
    """One pass, as described in forward_passes.  Without steps if they can't be followed."""
    recorder, result, raised = ForwardRecorder(x), None, False
    shape = list(x.shape)
    try:
        model.train(training)
        with torch.no_grad(), recorder:
            result = model(x)
    except Exception:
        raised = True
    path = recorder.path_to(result) if isinstance(result, torch.Tensor) else recorder.operations
    known = all(operation.step != Other(OUTSIDE) for operation in path)
    steps = steps_of(path) if known else []
    if known and raised and recorder.failed is not None:
        steps.append(failed_step(*recorder.failed))
    texts = with_remarks(steps, model, shape[0])
    return {
        "training": training,
        "shape": shape,
        "steps": [text[:MOST_CHARACTERS] for text in texts[:MOST_STEPS]],
        "receives": [list(step.shape) for step in steps[:MOST_STEPS]],
        "raised": raised,
    }


def failed_step(function: Any, given: Arguments, inputs: list[torch.Tensor]) -> Seen:
    """The step that a call which raised would have been."""
    try:
        operation = read_call(function, given, inputs, inputs)
        text = failed_call_in_words(operation)
    except Exception:  # its arguments may be anything
        operation, text = Operation(Other(""), inputs, inputs, given=given), "a call with wrong arguments"
    return Seen(Other(text), given.shape) if text else seen_in(operation)


def with_remarks(steps: Iterable[Seen], model: nn.Module, n_examples: int) -> list[str]:
    """The steps in words, with a remark on layers that are not the network's, or used before."""
    own = {parameter.data_ptr() for parameter in nn.Module.parameters(model)}
    texts: list[str] = []
    used: set[int] = set()
    for seen in steps:
        remark = ""
        if seen.weight is not None:
            place = seen.weight.data_ptr()
            remark = AGAIN if place in used else "" if place in own else NOT_OWN
            used.add(place)
        texts.append(in_words(seen.step, n_examples) + remark)
    return texts
