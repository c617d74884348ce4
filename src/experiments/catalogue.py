"""All experiments: what each shows, which files and data it needs, and how long it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Budget = Literal["quick", "evening", "documents"]
BUDGETS: tuple[Budget, ...] = ("quick", "evening", "documents")


@dataclass(frozen=True)
class Experiment:
    """One experiment of the list.

    Attributes:
        name: what you type, such as "mnist-sizes".
        shows: what it shows, in a few words.
        exercises: the files of src/ that it runs, without ".py".
        data: the data sets that it loads.
        module: the module of this package that holds it.
        seconds: how long it took with each budget, measured with the reference on two cores whose
            speed was `speed.MEASURED_SPEED`.
        threads: how many threads torch uses; None for one on each core. Small networks train
            faster with one.
    """

    name: str
    shows: str
    exercises: tuple[str, ...]
    data: tuple[str, ...]
    module: str
    seconds: Mapping[Budget, float]
    threads: int | None = None

    @property
    def function(self) -> str:
        """The function in the module that runs the experiment: mnist_sizes for mnist-sizes."""
        return self.name.replace("-", "_")


def _seconds(quick: float, evening: float, documents: float) -> Mapping[Budget, float]:
    return {"quick": quick, "evening": evening, "documents": documents}


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="mnist-sizes",
        shows="training time and accuracy against the number of training examples",
        exercises=("run_model", "models"),
        data=("MNIST",),
        module="mnist_sizes",
        seconds=_seconds(5, 120, 120),
        threads=1,
    ),
)
NAMES: tuple[str, ...] = tuple(experiment.name for experiment in EXPERIMENTS)


def find(name: str) -> Experiment:
    """The experiment of this name. Raises KeyError if there is none."""
    return next(experiment for experiment in EXPERIMENTS if experiment.name == name)
