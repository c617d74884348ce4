"""What numpy_mlp.py can be asked: always with frameworks out of its reach."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.only_numpy import out_of_reach, reasons
from grader.exercises.returned import exception_of, figures, kind_of, number, numbers
from grader.sandbox.probe import Arrays, Submission, Unusable, probe

Net = dict[str, Any]  # sizes, activation, weights, biases

mlp_probe = probe("numpy_mlp", "NumpyMLP")


@contextmanager
def numpy_alone(submission: Submission) -> Iterator[None]:
    """Where the submission can be asked: no framework can be imported, and its text was looked at before it could run."""
    if reaching := [reason.sentence for reason in reasons(text_of_submission()) if reason.reaches]:
        raise Unusable(f"src/numpy_mlp.py is to be written with NumPy alone.  {' '.join(reaching[:3])}")
    with out_of_reach():
        yield


def text_of_submission() -> str:
    """The text of the file that is about to be imported, "" where it is not there."""
    spec = importlib.util.find_spec("src.numpy_mlp")
    if spec is None or spec.origin is None:
        return ""
    return Path(spec.origin).read_bytes().decode("utf-8", errors="replace")


def model_of(submission: Submission, net: Net, seed: int = 1) -> Any:
    """The submission's NumpyMLP of these sizes and activation, holding copies of these weights and biases.

    Raises Unusable where it has no lists for them.
    """
    constructor = submission.get("numpy_mlp", "NumpyMLP")
    model = constructor(sizes=tuple(net["sizes"]), activation=net["activation"], seed=seed)
    for name in ("weights", "biases"):
        held = getattr(model, name, None)
        if not isinstance(held, list) or len(held) != len(net[name]):
            wanted = f"a list of {len(net[name])} arrays for sizes of {len(net['sizes'])}"
            raise Unusable(f"A NumpyMLP's {name} should be {wanted}; it is {kind_of(held)}.")
        held[:] = [array.copy() for array in net[name]]
    return model


def array_of(value: Any, what: str) -> np.ndarray:
    """An array of numbers in float64, as a copy: what comes later does not change it.  Raises Unusable for anything else."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = None
    if array is None or value is None or isinstance(value, str):
        raise Unusable(f"{what} should be an array of numbers; it is {kind_of(value)}.")
    return array


def arrays_of(value: Any, what: str) -> Arrays:
    """Arrays out of a list or tuple."""
    if not isinstance(value, (list, tuple)):
        raise Unusable(f"{what} should be a list of arrays; it is {kind_of(value)}.")
    return [array_of(entry, f"An entry of {what}") for entry in value]


def state_of(model: Any) -> dict[str, Arrays]:
    """A model's weights and biases, as copies."""
    return {name: arrays_of(getattr(model, name, None), f"model.{name}") for name in ("weights", "biases")}


def gradients_of(value: Any) -> tuple[Arrays, Arrays]:
    """What `backward` returned."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Unusable(f"backward should return (weight gradients, bias gradients); it returned {kind_of(value)}.")
    return arrays_of(value[0], "the weight gradients"), arrays_of(value[1], "the bias gradients")


@mlp_probe
def mlp_predictions(submission: Submission, net: Net, x: np.ndarray) -> dict[str, Any]:
    """Which class is the most probable for each example; and, to name the mistake, whether the text keeps to NumPy."""
    with numpy_alone(submission):
        probabilities = array_of(model_of(submission, net).forward(x), "What forward returned")
        if probabilities.ndim != 2:
            raise Unusable(f"What forward returned should have two axes; it has {probabilities.ndim}.")
        return {
            "classes": probabilities.argmax(axis=1).astype(np.int8),
            "numpy alone": not reasons(text_of_submission()),
        }


@mlp_probe
def mlp_initial(submission: Submission, sizes: list[int], init: str, wrong: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """New models' weights and biases: of two with one seed, of one with another the first rows.

    To name mistakes, in "start" what the layers look like and in "seeds" which of the models are alike.  And what constructing with each set of
    `wrong` arguments raises.
    """
    with numpy_alone(submission):
        constructor = submission.get("numpy_mlp", "NumpyMLP")
        models = [constructor(sizes=tuple(sizes), init=init, seed=seed) for seed in (3, 3, 4)]
        weights, again, other = ([array.astype(np.float16) for array in state_of(m)["weights"]] for m in models)
        held = [*models[0].weights, *models[0].biases]
        return {
            "shapes": [list(np.shape(array)) for array in held],
            "start": [[np.abs(array).max(), array.astype(float).std()] for array in weights],
            "seeds": [np.array_equal(weights[0], others[0]) for others in (again, other)],
            "weights": weights,
            "biases": state_of(models[0])["biases"],
            "again": [array[:1] for array in again],
            "other": [array[:1] for array in other],
            "dtypes": [str(getattr(array, "dtype", type(array).__name__)) for array in held],
            "raised": [exception_of(constructor, **arguments) for arguments in wrong],
        }


@mlp_probe
def mlp_forward(submission: Submission, net: Net, inputs: Arrays, wrong: Iterable[np.ndarray] = ()) -> dict[str, Any]:
    """The probabilities for each input, and again for the first; inputs and weights after it all; what wrong inputs raise."""
    with numpy_alone(submission):
        model = model_of(submission, net)
        kept = [model.forward(x) for x in inputs]
        again = model.forward(inputs[0])
        return {
            "probabilities": [array_of(value, "What forward returned") for value in kept],
            "again": array_of(again, "What forward returned"),
            "inputs": inputs,
            "raised": [exception_of(model.forward, x) for x in wrong],
            **state_of(model),
        }


@mlp_probe
def mlp_loss(submission: Submission, net: Net, batches: list[Arrays], wrong: Iterable[Arrays] = ()) -> dict[str, Any]:
    """The loss of each batch (x, y); batches and weights after it all; what wrong batches raise."""
    with numpy_alone(submission):
        model = model_of(submission, net)
        return {
            "loss": [number(model.loss(x, y), "what loss returned", submission) for x, y in batches],
            "raised": [exception_of(model.loss, x, y) for x, y in wrong],
            "batches": batches,
            **state_of(model),
        }


@mlp_probe
def mlp_backward(submission: Submission, net: Net, batches: list[Arrays], first: bool = True) -> dict[str, Any]:
    """The gradients of each batch (x, y); batches and weights after it all.

    With `first` False other calls come before: their answers are `before`, as they are when all is over.
    """
    with numpy_alone(submission):
        model = model_of(submission, net)
        before = []
        if not first:
            model.forward(batches[-1][0])
            before = flat(model.backward(*batches[-1]))
        gradients = [gradients_of(model.backward(x, y)) for x, y in batches]
        return {
            "weight gradients": [weights for weights, _ in gradients],
            "bias gradients": [biases for _, biases in gradients],
            "before": [array_of(value, "What was returned before") for value in before],
            "batches": batches,
            **state_of(model),
        }


def flat(gradients: Any) -> list[Any]:
    """The arrays that `backward` returned, themselves."""
    gradients_of(gradients)
    return [array for arrays in gradients for array in arrays]


@mlp_probe
def mlp_update(
    submission: Submission, net: Net, gradients: list[tuple[Arrays, Arrays]], learning_rate: float
) -> dict[str, Any]:
    """Weights and biases after a step along each of these gradients, and the gradients then."""
    with numpy_alone(submission):
        model = model_of(submission, net)
        for weights, biases in gradients:
            model.update((weights, biases), learning_rate)
        return {**state_of(model), "gradients": [list(map(list, pair)) for pair in gradients]}


@mlp_probe
def mlp_fit(
    submission: Submission,
    net: Net,
    x: np.ndarray,
    y: np.ndarray,
    repeats: int = 1,
    wrong: Iterable[int] = (),
    **training: Any,
) -> dict[str, Any]:
    """What `fit` returns, and weights and biases after, for `repeats` models of the same weights; x and y after each.

    Each model has another seed.  And what each `wrong` batch size raises.
    """
    with numpy_alone(submission):
        losses, states, data = [], [], []
        for seed in range(repeats):
            model = model_of(submission, net, seed)
            losses.append(numbers(model.fit(x, y, **training), "What fit returned", submission))
            states.append(state_of(model))
            data.append([x.copy(), y.copy()])
        arguments = [{**training, "batch_size": size} for size in wrong]
        return {
            "losses": losses,
            "states": states,
            "data": data if repeats > 1 else [],
            "raised": [exception_of(model.fit, x, y, **given) for given in arguments],
        }


@mlp_probe
def mlp_trained(
    submission: Submission,
    sizes: list[int],
    init: str,
    seed: int,
    x: np.ndarray,
    y: np.ndarray,
    trainings: Iterable[dict[str, Any]],
) -> dict[str, Arrays]:
    """Weights and biases of a new model after one `fit` for each of the trainings; images x of uint8 are taken as float32 in [0, 1]."""
    with numpy_alone(submission):
        x = (x.reshape(len(x), -1) / np.float32(255)) if x.dtype == np.uint8 else x.reshape(len(x), -1)
        model = submission.get("numpy_mlp", "NumpyMLP")(sizes=tuple(sizes), init=init, seed=seed)
        for training in trainings:
            model.fit(x, y, **training)
        return state_of(model)


@mlp_probe
def mlp_evaluate(submission: Submission, net: Net, sets: list[Arrays]) -> dict[str, Any]:
    """What `evaluate` returns for each set (x, y); sets and weights after it all."""
    with numpy_alone(submission):
        model = model_of(submission, net)
        returned = [model.evaluate(x, y) for x, y in sets]
        return {**figures(returned, "evaluate", submission), "sets": sets, **state_of(model)}


@mlp_probe
def mlp_steps(
    submission: Submission, net: Net, x: np.ndarray, y: np.ndarray, steps: int, learning_rate: float, asked_at: int
) -> dict[str, Arrays]:
    """Weights and biases after so many steps on the same batch.  `asked_at` tells apart what is asked twice: it is timed."""
    with numpy_alone(submission):
        model = model_of(submission, net)
        for _ in range(steps):
            model.forward(x)
            model.update(model.backward(x, y), learning_rate)
        return state_of(model)


class Surface:
    """What `finite_difference` is asked about: a model with a loss of its own, cubic in its weights, that may fail at one call."""

    def __init__(self, net: Net, fails_at: int) -> None:
        self.weights = [array.copy() for array in net["weights"]]
        self.biases = [array.copy() for array in net["biases"]]
        self.calls, self.fails_at = 0, fails_at

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        self.calls += 1
        if self.calls == self.fails_at:
            raise ArithmeticError("this loss can't be computed")
        scales = np.resize(np.concatenate([x.ravel(), 1.0 + y]), max(array.size for array in self.weights))
        return float(sum((scales[: array.size] * (array.ravel() ** 3 + array.ravel())).sum() for array in self.weights))


@probe("numpy_mlp", "finite_difference")
def mlp_finite_difference(
    submission: Submission,
    net: Net,
    x: np.ndarray,
    y: np.ndarray,
    layer: int,
    indices: list[list[int]],
    epsilon: float,
    fails_at: int = 0,
) -> dict[str, Any]:
    """What `finite_difference` finds of a surface that has the net's weights, and the weights after; where a loss fails, what it raises.

    To name mistakes, whether the weights are as they were.
    """
    with numpy_alone(submission):
        surface, pairs = Surface(net, fails_at), [(i, j) for i, j in indices]
        function, raised, found = submission.get("numpy_mlp", "finite_difference"), "nothing", np.zeros(0)
        try:
            found = array_of(function(surface, x, y, layer, pairs, epsilon), "What finite_difference returned")
        except ArithmeticError as error:
            raised = type(error).__name__
        as_it_was = [np.array_equal(*pair) for pair in zip(surface.weights, net["weights"], strict=True)]
        return {"differences": found, "raised": raised, "as it was": as_it_was, **state_of(surface)}
