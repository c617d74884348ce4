"""Probes of src/numpy_mlp.py. No framework can be imported while they ask.

A `net` is a network as plain data (network.py). x holds examples (N, sizes[0]), and y their labels
(N,).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.labels import DIFFERENCE_LABELS, INITIAL_LABELS, LABELS, UPDATE_LABELS
from grader.exercises.numpy_mlp.network import (
    Net,
    Surface,
    array_of,
    drawn_model,
    dtype_of,
    gradients_of,
    model_of,
    numpy_alone,
    random_sums,
    reasons_of_submission,
    state_of,
)
from grader.exercises.returned import exception_of, figures, number, numbers
from grader.sandbox.probe import Arrays, Submission, Unusable, probe

mlp_probe = probe("numpy_mlp", "NumpyMLP", labels=LABELS, numpy_alone=True)


@mlp_probe
def mlp_predictions(submission: Submission, net: Net, x: np.ndarray) -> dict[str, Any]:
    """Ask `forward` which class is the most probable.

    The observation:
        classes: the most probable class of each example, int8 (N,).
        numpy alone: whether the file's text keeps the rule; this names the mistake.
    """
    with numpy_alone():
        probabilities = array_of(model_of(submission, net).forward(x), "What forward returned")
        if probabilities.ndim != 2:
            raise Unusable(f"What forward returned should have two axes; it has {probabilities.ndim}.")
        return {
            "classes": probabilities.argmax(axis=1).astype(np.int8),
            "numpy alone": not reasons_of_submission(),
        }


@probe("numpy_mlp", "NumpyMLP", labels=INITIAL_LABELS, numpy_alone=True)
def mlp_initial(submission: Submission, sizes: list[int], init: str, wrong: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Make models: two with one seed, and a third with another seed.

    The observation:
        weights, biases: those of the first model; weights in float16.
        shapes, dtypes: of the first model's weights, then of its biases.
        again, other: the first row of each weight of the second and of the third model.
        start, seeds: the largest weight and the standard deviation of each layer, and whether the
            second and the third model's first weights are the first model's. These name mistakes.
        raised: the exception that constructing with each set of `wrong` arguments raises, or
            "nothing".
    """
    with numpy_alone():
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


@probe("numpy_mlp", "NumpyMLP", labels=INITIAL_LABELS, numpy_alone=True)
def mlp_defaults(submission: Submission, sizes: list[int]) -> dict[str, Any]:
    """Make models without the arguments that have a default.

    The observation:
        default sizes: the shapes of the weights if nothing is given.
        defaults: for each other argument, whether a model with these sizes gives the same without
            it as with its default.
    """
    with numpy_alone():
        constructor = submission.get("numpy_mlp", "NumpyMLP")
        given = {"sizes": tuple(sizes), "init": "glorot", "activation": "relu", "seed": 0}
        wanted = probabilities_of(constructor(**given))
        without = {left_out: {name: value for name, value in given.items() if name != left_out} for left_out in given}
        return {
            "default sizes": [list(np.shape(weight)) for weight in constructor().weights],
            "defaults": {
                left_out: bool(np.array_equal(probabilities_of(constructor(**others)), wanted))
                for left_out, others in without.items()
                if left_out != "sizes"
            },
        }


def probabilities_of(model: Any) -> np.ndarray:
    """What `forward` returns for a few inputs."""
    n_in = len(model.weights[0])
    return array_of(model.forward(np.linspace(-1, 1, 3 * n_in).reshape(3, n_in)), "What forward returned")


@mlp_probe
def mlp_forward(submission: Submission, net: Net, inputs: Arrays, wrong: Iterable[np.ndarray] = ()) -> dict[str, Any]:
    """Call `forward` for each input.

    The observation:
        probabilities: what it returned for each input, read at the end.
        dtypes: of these arrays.
        again: what it returned for the first input when that was asked again.
        inputs, weights, biases: as they are at the end.
        raised: the exception that it raises for each of the `wrong` inputs.
    """
    with numpy_alone():
        model = model_of(submission, net)
        kept = [model.forward(x) for x in inputs]
        again = model.forward(inputs[0])
        return {
            "probabilities": [array_of(value, "What forward returned") for value in kept],
            "dtypes": [dtype_of(value) for value in kept],
            "again": array_of(again, "What forward returned"),
            "inputs": inputs,
            "raised": [exception_of(model.forward, x) for x in wrong],
            **state_of(model),
        }


@mlp_probe
def mlp_loss(submission: Submission, net: Net, batches: list[Arrays], wrong: Iterable[Arrays] = ()) -> dict[str, Any]:
    """Call `loss` for each batch (x, y).

    The observation:
        loss: one number for each batch.
        batches, weights, biases: as they are at the end.
        raised: the exception that it raises for each of the `wrong` batches.
    """
    with numpy_alone():
        model = model_of(submission, net)
        return {
            "loss": [number(model.loss(x, y), "what loss returned", submission) for x, y in batches],
            "raised": [exception_of(model.loss, x, y) for x, y in wrong],
            "batches": batches,
            **state_of(model),
        }


@mlp_probe
def mlp_backward(
    submission: Submission, net: Net, batches: list[Arrays], first: bool = True, wrong: Iterable[Arrays] = ()
) -> dict[str, Any]:
    """Call `backward` for each batch (x, y).

    The observation:
        weight gradients, bias gradients: a list of arrays for each batch.
        dtypes: of these arrays, each once.
        before: if `first` is False, the gradients of an earlier call, read at the end.
        raised: the exception that it raises for each of the `wrong` batches.
        batches, weights, biases: as they are at the end.
    """
    with numpy_alone():
        model = model_of(submission, net)
        before = []
        if not first:
            model.forward(batches[-1][0])
            before = flat(model.backward(*batches[-1]))
        returned = [model.backward(x, y) for x, y in batches]
        gradients = [gradients_of(value) for value in returned]
        return {
            "dtypes": sorted({dtype_of(array) for value in returned for arrays in value for array in arrays}),
            "weight gradients": [weights for weights, _ in gradients],
            "bias gradients": [biases for _, biases in gradients],
            "before": [array_of(value, "What was returned before") for value in before],
            "raised": [exception_of(model.backward, x, y) for x, y in wrong],
            "batches": batches,
            **state_of(model),
        }


@mlp_probe
def mlp_wide_gradients(submission: Submission, sizes: list[int], seed: int, x: np.ndarray, y: np.ndarray) -> Arrays:
    """Gradients of a wide network with drawn weights, float32: of its weights, then its biases."""
    with numpy_alone():
        gradients = gradients_of(drawn_model(submission, sizes, seed).backward(x, y))
        return [array.astype(np.float32) for arrays in gradients for array in arrays]


@mlp_probe
def mlp_wide_sums(
    submission: Submission, sizes: list[int], seed: int, x: np.ndarray, y: np.ndarray, signs: int
) -> dict[str, Any]:
    """The observation has "sums", random_sums of the arrays of `mlp_wide_gradients`.

    They stand for these arrays, which are too large to be recorded.
    """
    return {"sums": random_sums(mlp_wide_gradients.run(submission, sizes, seed, x, y), signs)}


def flat(gradients: Any) -> list[Any]:
    """The very arrays that `backward` returned, not copies."""
    gradients_of(gradients)
    return [array for arrays in gradients for array in arrays]


@probe("numpy_mlp", "NumpyMLP", labels=UPDATE_LABELS, numpy_alone=True)
def mlp_update(
    submission: Submission, net: Net, gradients: list[tuple[Arrays, Arrays]], learning_rate: float
) -> dict[str, Any]:
    """Call `update` with each of these gradients.

    The observation:
        weights, biases: those after all steps.
        gradients: as they are at the end.
    """
    with numpy_alone():
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
    unfit: Iterable[Arrays] = (),
    **training: Any,
) -> dict[str, Any]:
    """Call `fit` of `repeats` models, which have the same weights and different seeds.

    The observation:
        losses: what `fit` returned, for each model.
        states: the weights and biases of each model afterwards.
        data: x and y after each call; empty if there is only one.
        raised: the exception that `fit` raises for each of the `wrong` batch sizes, and then for
            each of the `unfit` examples (x, y).
    """
    with numpy_alone():
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
            "raised": [
                *(exception_of(model.fit, x, y, **given) for given in arguments),
                *(exception_of(model.fit, *data, **training) for data in unfit),
            ],
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
    """Train a new model, with one call of `fit` for each of the trainings.

    Returns its weights and biases. Images x of dtype uint8 become float32 in [0, 1].
    """
    with numpy_alone():
        x = (x.reshape(len(x), -1) / np.float32(255)) if x.dtype == np.uint8 else x.reshape(len(x), -1)
        model = submission.get("numpy_mlp", "NumpyMLP")(sizes=tuple(sizes), init=init, seed=seed)
        for training in trainings:
            model.fit(x, y, **training)
        return state_of(model)


@mlp_probe
def mlp_evaluate(submission: Submission, net: Net, sets: list[Arrays]) -> dict[str, Any]:
    """Call `evaluate` for each set (x, y).

    The observation:
        loss, accuracy: one number for each set.
        sets, weights, biases: as they are at the end.
    """
    with numpy_alone():
        model = model_of(submission, net)
        returned = [model.evaluate(x, y) for x, y in sets]
        return {**figures(returned, "evaluate", submission), "sets": sets, **state_of(model)}


@probe("numpy_mlp", "NumpyMLP", timed=True, numpy_alone=True)
def mlp_steps(
    submission: Submission, net: Net, x: np.ndarray, y: np.ndarray, steps: int, learning_rate: float
) -> dict[str, Arrays]:
    """The weights and biases after so many steps on the same batch."""
    with numpy_alone():
        model = model_of(submission, net)
        for _ in range(steps):
            model.forward(x)
            model.update(model.backward(x, y), learning_rate)
        return state_of(model)


@probe("numpy_mlp", "finite_difference", labels=DIFFERENCE_LABELS, numpy_alone=True)
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
    """Call `finite_difference` with a Surface that has the net's weights.

    Its loss fails at call `fails_at`, counted from 1; 0 means never. The observation:
        differences: what it returned; empty if it raised the loss's error.
        raised: the name of that error, or "nothing".
        weights, biases: as they are afterwards.
        as it was: for each weight, whether it is unchanged; this names mistakes.
    """
    with numpy_alone():
        surface, pairs = Surface(net, fails_at), [(i, j) for i, j in indices]
        function, raised, differences = submission.get("numpy_mlp", "finite_difference"), "nothing", np.zeros(0)
        try:
            differences = array_of(function(surface, x, y, layer, pairs, epsilon), "What finite_difference returned")
        except ArithmeticError as error:
            raised = type(error).__name__
        as_it_was = [np.array_equal(*pair) for pair in zip(surface.weights, net["weights"], strict=True)]
        return {"differences": differences, "raised": raised, "as it was": as_it_was, **state_of(surface)}
