"""What is seen of `evaluate`: its figures, how the net ran, and what it changed in the net."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grader.exercises.inputs import HandedOver
from grader.exercises.returned import exception_of, figures, numbers
from grader.sandbox.probe import Arrays, Submission, lazy

if TYPE_CHECKING:
    from grader.exercises import instruments
    from grader.exercises.run_model import instruments as own
else:
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.run_model.instruments")

Observation = dict[str, Any]


def observe_evaluation(
    submission: Submission,
    model: own.SmallNet,
    sets: list[Arrays],
    batch_size: int,
    modes: str = "train",
    given: list[int] | None = None,
) -> Observation:
    own.set_modes(model, modes)
    before, modes_before = own.snapshot(model), own.modes(model)
    function = submission.get("run_model", "evaluate")
    values = [function(model, loader) for loader in own.loaders(sets, batch_size, given)]
    own.note_autocast(model, submission, "evaluate")
    return {
        **figures(values, "evaluate", submission),
        "changed": own.changes(before, own.snapshot(model)),
        "modes changed": own.changes(modes_before, own.modes(model)),
        "training mode": sorted({one_pass.training for one_pass in model.recorder.passes}),
        "gradients recorded": sorted({one_pass.gradients for one_pass in model.recorder.passes}),
        "state afterwards": instruments.arrays(model.state_dict().values()),
    }


def observe_failure(
    submission: Submission, model: own.SmallNet, data: Arrays, batch_size: int, modes: str
) -> Observation:
    """What happens in a call in which the model fails."""
    own.set_modes(model, modes)
    before = own.modes(model)
    model.recorder.fails = True
    raised = exception_of(submission.get("run_model", "evaluate"), model, own.loader(data, batch_size))
    return {"raised": raised, "modes changed": own.changes(before, own.modes(model))}


def observe_calls(
    submission: Submission, model: own.SmallNet, data: Arrays, batch_size: int, handed_over: Iterable[HandedOver]
) -> Observation:
    function = submission.get("run_model", "evaluate")
    losses, afterwards, steps = [], [], []
    for state in handed_over:
        own.hand_over(model, **state)
        try:
            losses.append(function(model, own.loader(data, batch_size))[0])
        except Exception:
            if not state["fails"]:
                raise
        afterwards.append([module.training for module in model.modules()])
        steps.append(own.next_gradients(model, data))
    return {
        "losses by call": numbers(losses, "evaluate's loss", submission),
        "modes by call": afterwards,
        "gradients by call": steps,
    }
