"""What a submission's functions returned, as plain data; Unusable, with a sentence, where it is something else."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from grader.sandbox.probe import Submission, Unusable


def number(value: Any, what: str, submission: Submission) -> float:
    """A value that `float` accepts, as a float; a note is left where it is not a Python or NumPy number already."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise Unusable(f"{capital(what)} should be a number; it is {kind_of(value)}.") from None
    note = f"{capital(what)} is {kind_of(value)}; it was taken as a number."
    if not isinstance(value, (int, float, np.number)) and note not in submission.notes:
        submission.notes.append(note)
    return result


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def pair(value: Any, what: str) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Unusable(f"{what} should return (loss, accuracy); it returned {kind_of(value)}.")
    return value[0], value[1]


def figures(values: list[Any], function: str, submission: Submission) -> dict[str, list[float]]:
    """The (loss, accuracy) that a function returned each time."""
    pairs = [pair(value, function) for value in values]
    return {
        "loss": numbers([loss for loss, _ in pairs], f"{function}'s loss", submission),
        "accuracy": numbers([accuracy for _, accuracy in pairs], f"{function}'s accuracy", submission),
    }


def history(value: Any, what: str, submission: Submission) -> dict[str, list[float]]:
    """A {"train": [...], "valid": [...]} of numbers."""
    if not isinstance(value, dict) or not {"train", "valid"} <= set(value):
        raise Unusable(f'{what} should be a dict with the keys "train" and "valid"; it is {kind_of(value)}.')
    return {key: numbers(value[key], f'{what}["{key}"]', submission) for key in ("train", "valid")}


def numbers(values: Any, what: str, submission: Submission) -> list[float]:
    """Numbers out of a list, or whatever else can be gone through."""
    if isinstance(values, (str, dict)) or not isinstance(values, Iterable):
        raise Unusable(f"{what} should be a list of numbers; it is {kind_of(values)}.")
    return [number(value, f"an entry of {what}", submission) for value in values]


def array(value: Any, what: str, submission: Submission) -> np.ndarray:
    """A NumPy array of numbers; a note is left where it is something else that NumPy takes for one."""
    try:
        result = np.asarray(value)
    except Exception:  # of a tensor that needs gradients, of rows that are not equally long
        raise Unusable(f"{capital(what)} should be a NumPy array; it is {kind_of(value)}.") from None
    if result.dtype.kind not in "fiub":
        raise Unusable(f"{capital(what)} should be a NumPy array of numbers; it is {kind_of(value)}.")
    note = f"{capital(what)} is {kind_of(value)}; it was taken as a NumPy array."
    if not isinstance(value, np.ndarray) and note not in submission.notes:
        submission.notes.append(note)
    return result.astype(np.float64) if result.dtype.itemsize > 8 else result


def layers_by_hand(value: Any, what: str, submission: Submission) -> list[np.ndarray]:
    """The arrays of a list of (weight, bias) pairs, weights and biases in turn."""
    if not isinstance(value, (tuple, list)):
        raise Unusable(f"{what} should return a list of (weight, bias) pairs; it returned {kind_of(value)}.")
    for place, layer in enumerate(value, 1):
        if not isinstance(layer, (tuple, list)) or len(layer) != 2:
            raise Unusable(
                f"{what} should return a list of (weight, bias) pairs; entry {place} of its {type(value).__name__} is {kind_of(layer)}."
            )
    return [
        array(part, f"the {name} of {what}'s layer {place}", submission)
        for place, layer in enumerate(value, 1)
        for name, part in zip(("weight", "bias"), layer, strict=True)
    ]


def array_of(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """A NumPy array of numbers of this shape."""
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype.kind not in "fiu":
        dtype = f", dtype {value.dtype}" if isinstance(value, np.ndarray) and value.shape == shape else ""
        raise Unusable(f"{what} should be a NumPy array of shape {shape}; it is {kind_of(value)}{dtype}.")
    return np.array(value)


def kind_of(value: Any) -> str:
    """What a value is, in words, without its content."""
    if value is None:
        return "None"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    shape = getattr(value, "shape", None)
    if shape == ():
        return f"a {type(value).__name__} of one number"
    if isinstance(shape, tuple):
        return f"a {type(value).__name__} of shape {tuple(shape)}"
    return f"a {type(value).__name__}"


def trained(value: Any, submission: Submission) -> tuple[Any, dict[str, list[float]], dict[str, list[float]]]:
    """What `run_model` returned in "train" mode: the model, losses and accuracies."""
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise Unusable(
            f'run_model in "train" mode should return (model, losses, accuracies); it returned {kind_of(value)}.'
        )
    return value[0], history(value[1], "losses", submission), history(value[2], "accuracies", submission)


def exception_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    try:
        function(*args, **kwargs)
    except NotImplementedError:
        raise  # a stub: to do, not wrong
    except Exception as error:
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return "nothing"
