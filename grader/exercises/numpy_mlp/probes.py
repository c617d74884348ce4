"""Probes of src/numpy_mlp.py. No framework can be imported while they ask.

A `net` is a network as plain data (network.py). x holds examples (N, sizes[0]), and y their labels
(N,).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.differences import differences_of
from grader.exercises.numpy_mlp.fits import fits_of
from grader.exercises.numpy_mlp.initial import defaults_of, initial_of
from grader.exercises.numpy_mlp.labels import DIFFERENCE_LABELS, INITIAL_LABELS, LABELS, UPDATE_LABELS
from grader.exercises.numpy_mlp.network import (
    Net,
    array_of,
    drawn_model,
    dtype_of,
    flat,
    gradients_of,
    model_of,
    numpy_alone,
    random_sums,
    reasons_of_submission,
    state_of,
)
from grader.exercises.returned import exception_of, figures, number
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
        raised: the exception for each set of `wrong` arguments, or "nothing".
    """
    with numpy_alone():
        return initial_of(submission.get("numpy_mlp", "NumpyMLP"), sizes, init, wrong)


@probe("numpy_mlp", "NumpyMLP", labels=INITIAL_LABELS, numpy_alone=True)
def mlp_defaults(submission: Submission, sizes: list[int]) -> dict[str, Any]:
    """Make models without the arguments that have a default.

    The observation:
        default sizes: the shapes of the weights if nothing is given.
        weights, probabilities: a model's weights, and what its `forward` returns for a few inputs,
            for a model with all arguments, then without init, without activation and without seed,
            then with all arguments and sigmoids.
        defaults: for each model but the first, whether its probabilities are the first one's. This
            names mistakes.
    """
    with numpy_alone():
        return defaults_of(submission.get("numpy_mlp", "NumpyMLP"), sizes)


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
    seeds: Sequence[int] = (0,),
    wrong: Iterable[int] = (),
    unfit: Iterable[Arrays] = (),
    **training: Any,
) -> dict[str, Any]:
    """Call `fit` of a model for each of the seeds; all begin with the same weights.

    The observation:
        losses: what `fit` returned, for each model.
        states: the weights and biases of each model afterwards.
        data: x and y after each call; empty if there is only one.
        raised: the exceptions for the `wrong` batch sizes, then for the `unfit` examples (x, y).
    """
    with numpy_alone():
        models = [model_of(submission, net, seed) for seed in seeds]
        return fits_of(models, x, y, training, submission) | {
            "raised": [
                *(exception_of(models[-1].fit, x, y, **{**training, "batch_size": size}) for size in wrong),
                *(exception_of(models[-1].fit, *data, **training) for data in unfit),
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
    """A new model's weights and biases after a call of `fit` for each of the trainings.

    Images x of dtype uint8 become float32 in [0, 1].
    """
    with numpy_alone():
        x = x.reshape(len(x), -1) / np.float32(255 if x.dtype == np.uint8 else 1)
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
        function = submission.get("numpy_mlp", "finite_difference")
        return differences_of(function, net, x, y, layer, indices, epsilon, fails_at)
