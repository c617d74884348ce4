"""What train_epoch and evaluate do with a device that this machine need not have."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from grader.sandbox.probe import Arrays, Submission, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")

LABELS = {"device": "{function} does not move the inputs of each batch to the device that it is given"}
DEVICE = "meta"  # torch's device without numbers, which every machine has


@probe("run_model", "{name}", names=("train_epoch", "evaluate"), labels=LABELS)
def device_of_batches(submission: Submission, name: str, data: Arrays) -> dict[str, Any]:
    """The "device" of the inputs that a model gets if DEVICE is given.

    The model needs nothing more and raises an error.
    """
    found: list[str] = []

    def note(module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        found.append(str(inputs[0].device))
        raise ArithmeticError("This model only notes the device of its inputs.")

    model = torch.nn.Linear(data[0].shape[1], 3)
    model.register_forward_pre_hook(note)
    loader = torch.utils.data.DataLoader(instruments.dataset(*data), batch_size=2)
    more = [torch.optim.SGD(model.parameters(), lr=0.1)] if name == "train_epoch" else []
    with suppress(ArithmeticError):
        submission.get("run_model", name)(model, loader, *more, DEVICE)
    return {"device": found[:1]}
