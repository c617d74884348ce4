"""Reads what a submission's functions returned into plain data.

Each function raises Unusable, with a sentence for students, if a value is something else.
Sentences name the value as the caller does, in `what`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from grader.sandbox.probe import Submission, Unusable

History = dict[str, list[float]]  # the keys "train" and "valid", with a number for each epoch


def number(value: Any, what: str, submission: Submission) -> float:
    """A value that `float` accepts, with a note unless it is a Python or NumPy number."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise Unusable(f"{capital(what)} should be a number; it is {kind_of(value)}.") from None
    if not isinstance(value, (int, float, np.number)):
        leave_note(submission, f"{capital(what)} is {kind_of(value)}; it was taken as a number.")
    return result


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def leave_note(submission: Submission, note: str) -> None:
    """Leave a note for the student, unless the same one is there."""
    if note not in submission.notes:
        submission.notes.append(note)


def numbers(values: Any, what: str, submission: Submission) -> list[float]:
    """The numbers in a list, or in anything else that can be iterated over."""
    if isinstance(values, (str, dict)) or not isinstance(values, Iterable):
        raise Unusable(f"{what} should be a list of numbers; it is {kind_of(values)}.")
    return [number(value, f"an entry of {what}", submission) for value in values]


def pair(value: Any, what: str) -> tuple[Any, Any]:
    """The loss and the accuracy that a function returned."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Unusable(f"{what} should return (loss, accuracy); it returned {kind_of(value)}.")
    return value[0], value[1]


def figures(values: list[Any], function: str, submission: Submission) -> dict[str, list[float]]:
    """The keys "loss" and "accuracy", from the pairs that a function returned in several calls."""
    pairs = [pair(value, function) for value in values]
    return {
        "loss": numbers([loss for loss, _ in pairs], f"{function}'s loss", submission),
        "accuracy": numbers([accuracy for _, accuracy in pairs], f"{function}'s accuracy", submission),
    }


def history(value: Any, what: str, submission: Submission) -> History:
    """The losses or accuracies that run_model returned."""
    if not isinstance(value, dict) or not {"train", "valid"} <= set(value):
        raise Unusable(f'{what} should be a dict with the keys "train" and "valid"; it is {kind_of(value)}.')
    return {key: numbers(value[key], f'{what}["{key}"]', submission) for key in ("train", "valid")}


def trained(value: Any, submission: Submission) -> tuple[Any, History, History]:
    """What run_model returned in "train" mode: the model, the losses and the accuracies."""
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise Unusable(
            f'run_model in "train" mode should return (model, losses, accuracies); it returned {kind_of(value)}.'
        )
    return value[0], history(value[1], "losses", submission), history(value[2], "accuracies", submission)


def to_array(value: Any, what: str, submission: Submission) -> np.ndarray:
    """An array of numbers or booleans, with a note unless the value is a NumPy array.

    NumPy must be able to read it: lists of equal length are accepted, tensors that require
    gradients are not.  Numbers of more than 8 bytes become float64.
    """
    try:
        result = np.asarray(value)
    except Exception:  # for example, rows of different lengths
        raise Unusable(f"{capital(what)} should be a NumPy array; it is {kind_of(value)}.") from None
    if result.dtype.kind not in "fiub":
        raise Unusable(f"{capital(what)} should be a NumPy array of numbers; it is {kind_of(value)}.")
    if not isinstance(value, np.ndarray):
        leave_note(submission, f"{capital(what)} is {kind_of(value)}; it was taken as a NumPy array.")
    return result.astype(np.float64) if result.dtype.itemsize > 8 else result


def require_array(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """A copy of a NumPy array of numbers; nothing else is accepted, and no other shape."""
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype.kind not in "fiu":
        dtype = f", dtype {value.dtype}" if isinstance(value, np.ndarray) and value.shape == shape else ""
        raise Unusable(f"{what} should be a NumPy array of shape {shape}; it is {kind_of(value)}{dtype}.")
    return np.array(value)


def layers_by_hand(value: Any, what: str, submission: Submission) -> list[np.ndarray]:
    """The arrays in a list of (weight, bias) pairs: weights and biases in turn."""
    if not isinstance(value, (tuple, list)):
        raise Unusable(f"{what} should return a list of (weight, bias) pairs; it returned {kind_of(value)}.")
    for place, layer in enumerate(value, 1):
        if not isinstance(layer, (tuple, list)) or len(layer) != 2:
            raise Unusable(
                f"{what} should return a list of (weight, bias) pairs; "
                f"entry {place} of its {type(value).__name__} is {kind_of(layer)}."
            )
    return [
        to_array(part, f"the {name} of {what}'s layer {place}", submission)
        for place, layer in enumerate(value, 1)
        for name, part in zip(("weight", "bias"), layer, strict=True)
    ]


def kind_of(value: Any) -> str:
    """What a value is, in words and without its content."""
    if value is None:
        return "None"
    kind, shape = with_article(type(value).__name__), getattr(value, "shape", None)
    if isinstance(value, (tuple, list, dict)):
        content = "key" if isinstance(value, dict) else "value"
        return f"{kind} of {len(value)} {content}{'' if len(value) == 1 else 's'}"
    if shape == ():
        return f"{kind} of one number"
    return f"{kind} of shape {tuple(shape)}" if isinstance(shape, tuple) else kind


def with_article(name: str) -> str:
    """A type's name as it is read aloud: "a list", "an int", "an ndarray"."""
    return f"an {name}" if name == "ndarray" or name[:1] in "aeioAEIO" else f"a {name}"


def exception_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The name of the exception that a call raises, or "nothing".

    Subclasses of ValueError count as "ValueError".  NotImplementedError is not caught: it shows
    that the function is still to do.
    """
    try:
        function(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception as error:
        return name_of_exception(error)
    return "nothing"


def name_of_exception(error: Exception) -> str:
    return "ValueError" if isinstance(error, ValueError) else type(error).__name__
