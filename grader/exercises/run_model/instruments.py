"""Models and loaders that the probes of run_model give a submission.  It imports torch.

SmallNet remembers what passes through it.  ScriptedModel has validation losses that follow a
script.
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from grader.exercises.graphs import Graphs as Graphs
from grader.exercises.inputs import SCRIPTED_START, SmallNetSpec
from grader.exercises.instruments import Log, Pass, arrays, dataset, negate, tensor
from grader.exercises.returned import leave_note
from grader.sandbox.probe import Arrays, Submission

# What a student reads of the parts of a SmallNet that have modes of their own
PARTS = {
    "": "the model",
    "hidden": "its first linear layer",
    "middle.0": "its batch norm",
    "middle.2": "its dropout layer",
    "out": "its last linear layer",
}


def loader(data: Arrays, batch_size: int, n: int | None = None) -> DataLoader[Any]:
    """A loader over x and y in order, or over their first n examples."""
    return DataLoader(dataset(*(array[:n] for array in data)), batch_size=batch_size)


def loaders(sets: list[Arrays], batch_size: int, given: list[int] | None) -> list[DataLoader[Any]]:
    """A loader over each set.  If `given` says how many examples, its sampler takes only these."""
    if given is None:
        return [loader(data, batch_size) for data in sets]
    return [
        DataLoader(dataset(*data), batch_size=batch_size, sampler=range(n)) for data, n in zip(sets, given, strict=True)
    ]


# A small net that remembers what passes through it


class CallRecorder(nn.Module):
    """Removes each example's id (its first feature) and remembers the pass.

    If torch records gradients, it adds `gradient_offset` to the features: then the loss itself
    shows it.  A submission could patch torch.is_grad_enabled, so the recorder asks a product with
    `gradient_sentinel` instead.  If `fails` is set, it raises ArithmeticError.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[Pass] = Log()
        self.fails, self.gradient_offset = False, 0.0
        self.gradient_sentinel = [torch.ones((), requires_grad=True)]  # a list hides it from parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.fails:
            raise ArithmeticError("This model fails, to see what evaluate leaves behind.")
        ids = x[:, 0].detach().cpu().flatten().numpy().copy()
        self.passes.append(Pass(self.training, torch.is_grad_enabled(), ids, torch.is_autocast_enabled("cpu")))
        recording = (self.gradient_sentinel[0] * 1).requires_grad
        features = x[:, 1:]
        return features + self.gradient_offset if self.gradient_offset and recording else features


class SmallNet(nn.Module):
    """A recorder, linear, optional batch norm, ReLU, dropout, linear: see SmallNetSpec.

    Those in the middle are modules inside a module.
    """

    def __init__(
        self, weights: Arrays, batch_norm: bool = False, dropout: float = 0.0, convolutional: bool = False
    ) -> None:
        super().__init__()
        self.recorder = CallRecorder()
        width, features = weights[0].shape
        self.hidden = nn.Conv2d(features, width, 1) if convolutional else nn.Linear(features, width)
        norm = nn.BatchNorm1d(width) if batch_norm else nn.Identity()
        self.middle = nn.Sequential(norm, nn.ReLU(), nn.Dropout(dropout))
        self.out = nn.Linear(width, len(weights[-1]))
        given = [*self.hidden.parameters(), *self.out.parameters()]
        with torch.no_grad():
            for parameter, array in zip(given, weights, strict=True):
                parameter.copy_(tensor(array).reshape(parameter.shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.hidden(self.recorder(x)).flatten(1)
        logits: torch.Tensor = self.out(self.middle(hidden))
        return logits


def note_autocast(model: SmallNet, submission: Submission, function: str) -> None:
    """Leave a note if a function ran the model in less than float32."""
    if any(one_pass.autocast for one_pass in model.recorder.passes):
        note = (
            f"{function} computed in bfloat16, with 3 digits, because of torch.autocast. Remove it: compute in float32."
        )
        leave_note(submission, note)


def small_net(spec: SmallNetSpec) -> SmallNet:
    return SmallNet(**spec)


def hand_over(model: SmallNet, modes: list[bool], gradient_offset: float, fails: bool) -> None:
    """Put each submodule, the model first, in its own mode; for the rest see CallRecorder."""
    for part, mode in zip(model.modules(), modes, strict=True):
        part.training = mode
    model.recorder.gradient_offset, model.recorder.fails = gradient_offset, fails


def set_modes(model: SmallNet, modes: str) -> None:
    """Put a model in "train" or "eval" mode.

    In "mixed" mode all of it trains, except its batch norm and dropout.
    """
    model.train(modes != "eval")
    if modes == "mixed":
        model.middle[0].eval()
        model.middle[2].eval()


# What a submission changed in a model


def snapshot(model: nn.Module) -> dict[str, Any]:
    """All that an evaluation must not change except modes, by name.

    These are values, gradients, and whether gradients are recorded.
    """
    state: dict[str, Any] = {f"the values of {name}": value.clone() for name, value in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        state[f"the gradient of {name}"] = None if parameter.grad is None else parameter.grad.clone()
        state[f"requires_grad of {name}"] = parameter.requires_grad
    return state | {"whether torch records gradients": torch.is_grad_enabled()}


def modes(model: nn.Module) -> dict[str, Any]:
    """The mode of a SmallNet and of each of its layers, in words."""
    parts = [(PARTS.get(name), part) for name, part in model.named_modules() if not isinstance(part, nn.Identity)]
    return {f"the mode of {words}": part.training for words, part in parts if words}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what differs between two snapshots."""
    return [what for what in before if not same(before[what], after.get(what))]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return torch.equal(a, b)
    return type(a) is type(b) and a == b


def next_gradients(model: SmallNet, data: Arrays) -> Arrays:
    """The gradients of a model's parameters, as it is now: with its modes and what it freezes.

    Only a model that was left as it should be has these numbers.  There are none if torch can't
    compute them.
    """
    model.recorder.fails = False
    x, y = data
    torch.manual_seed(0)
    try:
        logits = model(tensor(x).float())
        loss = nn.functional.cross_entropy(logits, tensor(y).long())
        return arrays(torch.autograd.grad(loss, list(model.parameters())))
    except RuntimeError:
        return []


def weights_after_change(given: nn.Module, returned: Any) -> Arrays:
    """The returned model's parameters after those of the given model changed their sign.

    They show whether both are the same model.
    """
    negate(given.modules())
    return arrays(returned.parameters()) if isinstance(returned, nn.Module) else []


# A model whose validation losses follow a script


class ScriptedModel(nn.Module):
    """Two logits whose cross-entropy, for label 1, is a given number: exactly, in float32.

    For logits (0, -L) the loss is log(1 + e^-L) + L, which rounds to L from about L = 17 on.
    Inputs marked 0 are training examples: L is SCRIPTED_START plus the one parameter, so that every
    SGD step lowers it by the learning rate.  Inputs marked 1 are validation examples: L is the
    curve's loss for the epoch, and an epoch begins when the parameter has moved.
    """

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.moved = nn.Parameter(torch.zeros(()))
        self.losses, self.steps_seen = losses, Log([0.0])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        loss = self.scripted() if x[0, 0] == 1 else SCRIPTED_START
        height = self.moved * (1 - x[:, 0]) + loss
        return torch.stack([torch.zeros_like(height), -height], dim=1)

    def scripted(self) -> float:
        """The loss of the current epoch; the last one for all later epochs."""
        moved = self.moved.item()
        if moved != self.steps_seen[-1]:
            self.steps_seen.append(moved)
        epoch = max(0, len(self.steps_seen) - 2)
        return self.losses[min(epoch, len(self.losses) - 1)]

    def steps(self, learning_rate: float) -> float:
        """How many plain SGD steps of this learning rate the parameter has moved."""
        return -self.moved.item() / learning_rate


def scripted_sets(n_batches: int) -> tuple[Dataset[Any], Dataset[Any]]:
    """A training and a validation set for a ScriptedModel: `n_batches` batches of four each."""
    marks = np.zeros((4 * n_batches, 2), np.float32)
    labels = np.ones(4 * n_batches, np.int64)
    return dataset(marks, labels), dataset(marks + 1, labels)
