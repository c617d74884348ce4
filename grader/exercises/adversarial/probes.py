"""What adversarial.py can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exercises.returned import exception_of, kind_of
from grader.sandbox.probe import Submission, Unusable, lazy, probe

if TYPE_CHECKING:
    import torch

    from grader.exercises import instruments
    from grader.exercises.adversarial import instruments as own
else:
    torch = lazy("torch")
    instruments = lazy("grader.exercises.instruments")
    own = lazy("grader.exercises.adversarial.instruments")

Calls = Iterable[dict[str, Any]]  # adversarial_example's arguments except the model: images, target_class, settings


@probe("adversarial", "adversarial_example")
def adversarial_images(
    submission: Submission, net: dict[str, Any], calls: Calls, wrong: Calls = ()
) -> dict[str, list[Any]]:
    """The images that `adversarial_example` makes for a net (own.image_net) in each call; what each of the `wrong` calls raises."""
    model = own.image_net(**net)
    function = submission.get("adversarial", "adversarial_example")
    made = []
    for call in calls:
        given = arguments(call, model)
        made.append(changed_images(function(model, **given), given["images"]))
    raised = [exception_of(function, model, **arguments(call, model)) for call in wrong]
    return {"images": instruments.arrays(made), "raised": raised}


@probe("adversarial", "adversarial_example")
def adversarial_traces(submission: Submission, net: dict[str, Any], calls: Calls) -> dict[str, list[Any]]:
    """What `adversarial_example` makes in each call, and how it leaves the model and the images given.

    Beside its arguments each call holds in what state they are handed over: see `hand_over`.  What came of them is told by sums.
    """
    model = own.image_net(**net)
    function = submission.get("adversarial", "adversarial_example")
    seen: dict[str, list[Any]] = {}
    for call in calls:
        call = dict(call)
        state = call.pop("state")
        given = arguments(call, model)
        hand_over(model, given["images"], state)
        breaks = model.register_forward_pre_hook(fail) if state.get("fails") else None
        with torch.set_grad_enabled(state.get("recording", True)):
            found = outcome(function, model, given)
            recording = torch.is_grad_enabled()
        if breaks is not None:
            breaks.remove()
        for name, value in {**found, **left_behind(model, given["images"]), "recording": recording}.items():
            seen.setdefault(name, []).append(value)
    return seen


def arguments(call: dict[str, Any], model: torch.nn.Module) -> dict[str, Any]:
    """The arguments of a call: arrays become tensors, the images of the dtype of the model's parameters."""
    dtype = next(model.parameters()).dtype
    given = {key: instruments.tensor(value) if isinstance(value, np.ndarray) else value for key, value in call.items()}
    return given | {"images": given["images"].to(dtype)}


def hand_over(model: torch.nn.Module, images: torch.Tensor, state: dict[str, Any]) -> None:
    """Put each submodule in its own of the state's modes, and into every second parameter, and the images, what its seed draws.

    With a seed these have gradients already, every third parameter is frozen, and the images record gradients.
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


def fail(*_: Any) -> None:
    raise RuntimeError("This model fails, to see what adversarial_example leaves behind.")


def outcome(function: Any, model: torch.nn.Module, given: dict[str, Any]) -> dict[str, Any]:
    """What came of a call: the images and what kind of tensor they are, or what the model that fails made it raise."""
    try:
        made = changed_images(function(model, **given), given["images"])
    except RuntimeError as error:
        if "to see what adversarial_example leaves" not in str(error):
            raise
        return {"images": np.zeros(0), "sums": np.zeros(0), "what it returns": "the model's error reached the caller"}
    same = "of the images' own dtype" if made.dtype == given["images"].dtype else f"of dtype {made.dtype}"
    kind = "recording gradients" if made.requires_grad else "detached"
    return {"images": instruments.arrays([made])[0], "sums": sums(made), "what it returns": f"{same}, {kind}"}


def left_behind(model: torch.nn.Module, images: torch.Tensor) -> dict[str, Any]:
    """All that must be as it was handed over, as numbers."""
    parameters = list(model.parameters())
    return {
        "parameters": [sums(parameter) for parameter in parameters],
        "buffers": [sums(buffer) for buffer in model.buffers()],
        "gradients": [sums(parameter.grad) for parameter in parameters],
        "frozen": [not parameter.requires_grad for parameter in parameters],
        "modes": [part.training for part in model.modules()],
        "images given": sums(images),
        "gradient of the images given": sums(images.grad),
        "images given record gradients": images.requires_grad,
    }


def sums(tensor: torch.Tensor | None) -> Any:
    """The sums of the eighths of a tensor, which any change shows in; an empty list for no tensor."""
    if tensor is None:
        return []
    return instruments.arrays([torch.stack([part.sum() for part in tensor.flatten().chunk(8)])])[0]


def changed_images(value: Any, images: torch.Tensor) -> torch.Tensor:
    """What `adversarial_example` returned.  Raises Unusable unless it is a floating-point tensor of the images' shape."""
    expected = f"a floating-point tensor of the images' shape {tuple(images.shape)}"
    if not isinstance(value, torch.Tensor) or value.shape != images.shape:
        raise Unusable(f"adversarial_example should return {expected}; it returned {kind_of(value)}.")
    if not value.is_floating_point():
        raise Unusable(f"adversarial_example should return {expected}; it returned one of dtype {value.dtype}.")
    return value
