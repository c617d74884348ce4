"""The submission's NumpyMLP in a worker: makes it, and reads what it holds and returns."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from grader.exercises.numpy_mlp.no_frameworks import no_frameworks
from grader.exercises.numpy_mlp.only_numpy import Reason, reasons_in_folder
from grader.exercises.returned import kind_of
from grader.sandbox.probe import Arrays, Submission, Unusable


class Net(TypedDict):
    """A network as plain data: float64 weights (in, out) and biases (out,), first layer first."""

    sizes: list[int]
    activation: str
    weights: Arrays
    biases: Arrays


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Ask the submission inside. No framework can be imported, and its text is read before it runs.

    Raises Unusable if the text may give access to other modules.
    """
    if reaching := [reason.sentence for reason in reasons_of_submission() if reason.reaches]:
        raise Unusable(f"src/numpy_mlp.py must be written with NumPy alone. {' '.join(reaching[:3])}")
    with no_frameworks():
        yield


def reasons_of_submission() -> list[Reason]:
    """Why the file that will be imported breaks the rule."""
    spec = importlib.util.find_spec("src.numpy_mlp")
    return reasons_in_folder(Path(spec.origin).parent) if spec and spec.origin else []


def model_of(submission: Submission, net: Net, seed: int = 1) -> Any:
    """The submission's NumpyMLP for a net, with copies of the net's weights and biases.

    Raises Unusable if the model has no lists for them.
    """
    constructor = submission.get("numpy_mlp", "NumpyMLP")
    model = constructor(sizes=tuple(net["sizes"]), activation=net["activation"], seed=seed)
    for name, arrays in (("weights", net["weights"]), ("biases", net["biases"])):
        held = getattr(model, name, None)
        if not isinstance(held, list) or len(held) != len(arrays):
            wanted = f"a list of {len(arrays)} arrays for {len(net['sizes'])} sizes"
            raise Unusable(f"The {name} of a NumpyMLP should be {wanted}; they are {kind_of(held)}.")
        held[:] = [array.copy() for array in arrays]
    return model


def array_of(value: Any, what: str) -> np.ndarray:
    """A float64 copy of an array of numbers, so that later changes don't reach it.

    Raises Unusable for anything else.
    """
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = None
    if array is None or value is None or isinstance(value, str):
        raise Unusable(f"{what} should be an array of numbers; it is {kind_of(value)}.")
    return array


def arrays_of(value: Any, what: str) -> Arrays:
    """Copies of the arrays in a list or tuple. Raises Unusable for anything else."""
    if not isinstance(value, (list, tuple)):
        raise Unusable(f"{what} should be a list of arrays; it is {kind_of(value)}.")
    return [array_of(entry, f"An entry of {what}") for entry in value]


def state_of(model: Any) -> dict[str, Arrays]:
    """Copies of a model's weights and biases."""
    return {name: arrays_of(getattr(model, name, None), f"model.{name}") for name in ("weights", "biases")}


def drawn_model(submission: Submission, sizes: list[int], seed: int) -> Any:
    """The submission's NumpyMLP of these sizes, with weights drawn from `seed`."""
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(-1, 1, shape) / np.sqrt(shape[0]) for shape in pairwise(sizes)]
    biases = [rng.uniform(-0.5, 0.5, n) for n in sizes[1:]]
    return model_of(submission, Net(sizes=sizes, activation="relu", weights=weights, biases=biases))


def random_sums(arrays: Arrays, seed: int) -> list[np.ndarray]:
    """Three sums of each array's entries, with signs drawn from `seed`."""
    rng = np.random.default_rng(seed)
    return [rng.choice([-1.0, 1.0], (3, array.size)) @ array.ravel() for array in arrays]


def dtype_of(value: Any) -> str:
    """The dtype of an array, or the kind of another value."""
    return str(getattr(value, "dtype", type(value).__name__))


def gradients_of(value: Any) -> tuple[Arrays, Arrays]:
    """Copies of the gradients that `backward` returned. Raises Unusable for anything else."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Unusable(f"backward should return (weight gradients, bias gradients); it returned {kind_of(value)}.")
    return arrays_of(value[0], "the weight gradients"), arrays_of(value[1], "the bias gradients")


def flat(gradients: Any) -> list[Any]:
    """The very arrays that `backward` returned, not copies."""
    gradients_of(gradients)
    return [array for arrays in gradients for array in arrays]
