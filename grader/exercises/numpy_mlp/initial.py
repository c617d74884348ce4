"""What is seen of new models: their first weights and biases, and their defaults."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from grader.exercises.numpy_mlp.network import array_of, state_of
from grader.exercises.returned import exception_of


def initial_of(
    constructor: Callable[..., Any], sizes: list[int], init: str, wrong: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """The observation of the probe mlp_initial."""
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


def defaults_of(constructor: Callable[..., Any], sizes: list[int]) -> dict[str, Any]:
    """The observation of the probe mlp_defaults."""
    given = {"sizes": tuple(sizes), "init": "glorot", "activation": "relu", "seed": 0}
    asked = {left_out: {name: value for name, value in given.items() if name != left_out} for left_out in given}
    del asked["sizes"]
    models = [constructor(**arguments) for arguments in (given, *asked.values(), given | {"activation": "sigmoid"})]
    wanted, *others = [probabilities_of(model) for model in models]
    return {
        "default sizes": [list(np.shape(weight)) for weight in constructor().weights],
        "weights": [state_of(model)["weights"] for model in models],
        "probabilities": [wanted, *others],
        "defaults": {
            name: bool(np.array_equal(other, wanted))
            for name, other in zip([*asked, "another activation"], others, strict=True)
        },
    }


def probabilities_of(model: Any) -> np.ndarray:
    """What `forward` returns for a few inputs."""
    n_in = len(model.weights[0])
    return array_of(model.forward(np.linspace(-1, 1, 3 * n_in).reshape(3, n_in)), "What forward returned")
