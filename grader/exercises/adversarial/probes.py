"""What adversarial.py can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np

from grader.exercises.returned import exception_of, kind_of
from grader.sandbox.probe import Arrays, Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.adversarial import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.adversarial.instruments")

MODES = {"modes": "{function} does not restore the training/evaluation mode of the model's parts"}
IMAGE_LABELS = {"images": "returned images"} | MODES  # see judging/sentences.py
TRACE_LABELS = {
    "images": "returned images",
    "sums": "returned images",
    "what it returns": "kind of the returned tensor",
    **MODES,
    "frozen": "{function} changes which parameters require gradients",
    "images given record gradients": "{function} changes whether the given images require gradients",
    "recording": "{function} changes whether torch records gradients",
    "parameters": "{function} changes the model's parameters",
    "buffers": "{function} changes the model's buffers, or how the model computes",
    "gradients": "{function} changes the gradients of the model's parameters, or how they are computed",
    "images given": "{function} changes the given images",
    "gradient of the images given": "{function} changes the gradient of the given images, or how it is computed",
    "logits afterwards": "{function} leaves a model that computes something else than before",
}
FAILURE = "This model fails, to see what adversarial_example leaves behind."
NOTHING = object()  # what a call returned that raised the model's error
FEW = 2000  # numbers of a tensor that is sent as it is


class ImageNetSpec(TypedDict):
    """A net for images of any shape, as plain data: layers with ReLU between.

    `weights` are float32: each layer's weight and bias in turn.  A weight (out, in) makes a linear
    layer on flattened inputs, a weight (out, in, height, width) a convolution with stride 3.
    Before each ReLU comes dropout, and before that batch norm if there is a `norm`.
    """

    weights: Arrays
    norm: NotRequired[Arrays]  # a batch norm's weight, bias, running mean and running variance
    dropout: NotRequired[float]  # its probability, default 0
    dtype: NotRequired[str]  # of all parameters, default "float32"


class State(TypedDict, total=False):
    """The state in which a call gets the net and the images."""

    modes: list[bool]  # of each submodule, the net itself first
    seed: int  # if given: gradients and frozen parameters, see `hand_over`
    recording: bool  # whether gradients are recorded, default True
    fails: bool  # whether the net raises ArithmeticError, default False


class AttackCall(TypedDict):
    """The arguments of a call of adversarial_example, except the model, and for traces a state."""

    images: np.ndarray  # (N, ...)
    target_class: Any  # an int, or a list or array of N
    max_distance: NotRequired[float]
    step_size: NotRequired[float]
    n_steps: NotRequired[int]
    state: NotRequired[State]


@probe("adversarial", "adversarial_example", labels=IMAGE_LABELS)
def adversarial_images(
    submission: Submission, net: ImageNetSpec, calls: Iterable[AttackCall], wrong: Iterable[AttackCall] = ()
) -> dict[str, list[Any]]:
    """`adversarial_example` on a net in each call.  The observation:

    images: what each call returned, arrays of the images' shape, after the given images changed
        their sign: they show whether both are the same tensor.
    raised: for each of the `wrong` calls the exception's name, or "nothing".
    modes: whether each part of the net is in training mode after these calls, as it was before.
    """
    model = own.image_net(**net)
    function = submission.get("adversarial", "adversarial_example")
    returned = []
    for call in calls:
        given = arguments(call, model)
        returned.append(changed_images(function(model, **given), given["images"]))
        with torch.no_grad():
            given["images"].neg_()
    raised = [exception_of(function, model, **arguments(call, model)) for call in wrong]
    modes = [part.training for part in model.modules()]
    return {"images": instruments.arrays(returned), "raised": raised, "modes": modes}


@probe("adversarial", "adversarial_example", labels=TRACE_LABELS)
def adversarial_traces(submission: Submission, net: ImageNetSpec, calls: Iterable[AttackCall]) -> dict[str, list[Any]]:
    """`adversarial_example` in each call with a state, and what it changes in model and images.

    A submission can say of a mode or a flag what it likes.  So the model runs once more in the
    state in which it was left, at once: its logits and the new gradients depend on all of that.
    The observation has an entry for each call under the keys of `outcome` and `left_behind`, and
    under "recording", whether gradients are recorded afterwards.
    """
    function = submission.get("adversarial", "adversarial_example")
    observation: dict[str, list[Any]] = {}
    for call in calls:
        model, state, returned = own.image_net(**net), call["state"], NOTHING
        given, failures = arguments(call, model), [FAILURE] if state.get("fails") else []
        own.show_modes(model)
        own.fail_with(model, failures)
        hand_over(model, given["images"], state)
        with torch.set_grad_enabled(state.get("recording", True)):
            try:
                returned = function(model, **given)
            except ArithmeticError as error:
                if FAILURE not in str(error):
                    raise
            failures.clear()
            logits = model(given["images"])
            recording = torch.is_grad_enabled()
        if logits.requires_grad:
            instruments.send_gradients(logits)
        entry = outcome(returned, given["images"]) | left_behind(model, given["images"])
        entry |= {"recording": recording, "logits afterwards": instruments.arrays([logits])[0]}
        for name, value in entry.items():
            observation.setdefault(name, []).append(value)
    return observation


def arguments(call: Mapping[str, Any], model: torch.nn.Module) -> dict[str, Any]:
    """A call's arguments: arrays become tensors, and images get the dtype of the parameters."""
    dtype = next(model.parameters()).dtype
    given = {
        key: instruments.tensor(value) if isinstance(value, np.ndarray) else value
        for key, value in call.items()
        if key != "state"
    }
    return given | {"images": given["images"].to(dtype, copy=True)}


def hand_over(model: torch.nn.Module, images: torch.Tensor, state: State) -> None:
    """Put each submodule in its own mode, and everything else as the state says.

    With a seed, the images and every second parameter have gradients drawn from it, every third
    parameter is frozen, and the images require gradients.
    """
    for part, mode in zip(model.modules(), state["modes"], strict=True):
        part.training = mode
    seed = state.get("seed")
    rng = np.random.default_rng(seed)
    for place, parameter in enumerate(model.parameters()):
        drawn = instruments.tensor(rng.random(tuple(parameter.shape))).to(parameter.dtype)
        parameter.grad = drawn if seed is not None and place % 2 else None
        parameter.requires_grad_(seed is None or place % 3 != 0)
    if seed is not None:
        images.requires_grad_()
        images.grad = instruments.tensor(rng.random(tuple(images.shape))).to(images.dtype)


def outcome(returned: Any, images: torch.Tensor) -> dict[str, Any]:
    """What a call returned; if the model's error reached the caller (NOTHING), empty arrays.

    images: an array.
    sums: see `few_numbers`.
    what it returns: the kind of tensor, or that the model's error was raised, in words.
    """
    if returned is NOTHING:
        return {"images": np.zeros(0), "sums": np.zeros(0), "what it returns": "the model's error reached the caller"}
    changed = changed_images(returned, images)
    same = "of the images' own dtype" if changed.dtype == images.dtype else f"of dtype {changed.dtype}"
    kind = "recording gradients" if changed.requires_grad else "detached"
    return {
        "images": instruments.arrays([changed])[0],
        "sums": few_numbers(changed),
        "what it returns": f"{same}, {kind}",
    }


def left_behind(model: torch.nn.Module, images: torch.Tensor) -> dict[str, Any]:
    """What the state of model and images is, as numbers: tensors by `few_numbers`."""
    parameters = list(model.parameters())
    return {  # the first difference is said first, and the others may follow from it
        "modes": [part.training for part in model.modules()],
        "frozen": [not parameter.requires_grad for parameter in parameters],
        "images given record gradients": images.requires_grad,
        "parameters": [few_numbers(parameter) for parameter in parameters],
        "buffers": [few_numbers(buffer) for buffer in model.buffers()],
        "gradients": [few_numbers(parameter.grad) for parameter in parameters],
        "images given": few_numbers(images),
        "gradient of the images given": few_numbers(images.grad),
    }


def few_numbers(tensor: torch.Tensor | None) -> Any:
    """A tensor's numbers; if they are many, the sums of its eight parts, which show any change.

    An empty list for None.
    """
    if tensor is None:
        return []
    shown = tensor.flatten()
    if len(shown) > FEW:
        shown = torch.stack([part.sum() for part in shown.chunk(8)])
    return instruments.arrays([shown])[0]


def changed_images(value: Any, images: torch.Tensor) -> torch.Tensor:
    """What `adversarial_example` returned.

    Raises Unusable unless it is a floating-point tensor of the images' shape.
    """
    expected = f"a floating-point tensor of the images' shape {tuple(images.shape)}"
    if not isinstance(value, torch.Tensor) or value.shape != images.shape:
        raise Unusable(f"adversarial_example should return {expected}; it returned {kind_of(value)}.")
    if not value.is_floating_point():
        raise Unusable(f"adversarial_example should return {expected}; it returned one of dtype {value.dtype}.")
    return value
