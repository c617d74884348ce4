"""What a probe is, and the registry of all probes.

Nothing here may import torch: the trusted side names probes too.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

Arrays = list[np.ndarray]


class LazyModule:
    """Stands for a module and imports it when one of its names is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


def lazy(name: str) -> Any:
    """A module that is imported when one of its names is first used.

    The trusted side imports modules of probes but must never import torch.  So these modules write:

        if TYPE_CHECKING:
            import torch
        else:
            torch = lazy("torch")
    """
    return LazyModule(name)


def lazy_modules(module: ModuleType) -> list[str]:
    """The kit's own modules that a module imports only when they are used."""
    names = [value._name for value in vars(module).values() if isinstance(value, LazyModule)]
    return [name for name in names if name.startswith("grader.")]


class Unusable(Exception):
    """The submission returned something unusable.

    The text says what it should return and what it returned.
    """


class Submission(Protocol):
    """A submission's files, as a probe sees them."""

    notes: list[str]

    def load(self, exercise: str) -> ModuleType:
        """The module of one exercise's file."""

    def get(self, exercise: str, name: str) -> Any:
        """A function or class of one exercise's file."""


@dataclass(frozen=True)
class Probe:
    """A function to run beside a submission, and its target in an exercise's file.

    Attributes:
        name: of the probe, unique.
        run: the function.
        exercise: the target's file; "" for a staff function, which asks nothing of a submission.
        function: the target.  A name in braces, as in "{name}", is the value of that argument.
        also: other exercises whose files the probe uses.
        names: the values of a name in braces, if no other probe of the exercise lists them.
        labels: what keys of the observation are called in sentences, if not by themselves.
        timed: whether a check measures how long the answer takes; then no answer is remembered.
        forward: a probe that is asked with the same arguments if an answer is wrong: what a network
            does step by step.  It is only shown.
        numpy_alone: whether the exercise's file may import NumPy alone; then its workers can't have
            more.
    """

    name: str
    run: Callable[..., Any]
    exercise: str = ""
    function: str = ""
    also: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    timed: bool = False
    forward: "Probe | None" = None
    numpy_alone: bool = False

    @property
    def is_staff_function(self) -> bool:
        return not self.exercise

    def observe(self, submission: Submission, arguments: dict[str, Any]) -> Any:
        """What the probe's function returns."""
        return self.run(**arguments) if self.is_staff_function else self.run(submission, **arguments)

    @property
    def module(self) -> str:
        """The module that defines the probe; to import it registers the probe."""
        return self.run.__module__

    @property
    def source(self) -> str:
        """The text of the file that defines the probe, if workers can't import that file.

        A worker can't read the staff's folder, so the text of a staff probe travels with the
        question.
        """
        handed_out = self.module.startswith("grader.") and not self.module.startswith("grader.staff.")
        return "" if handed_out else source_text(Path(self.run.__code__.co_filename))

    def target(self, arguments: dict[str, Any]) -> str:
        """The function or class of the submission that the probe asks with these arguments."""
        return self.function.format(**arguments)

    def question(self, arguments: dict[str, Any]) -> str:
        """The probe and its target: what is asked, whatever the inputs."""
        return f"{self.name} of {self.target(arguments)}"

    def label(self, key: str) -> str:
        """What a key of the observation is called in a sentence, as in "The LABEL is wrong"."""
        return self.labels.get(key, key)

    def files(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """The exercises whose files the probe uses with these arguments."""
        return () if self.is_staff_function else (self.exercise.format(**arguments), *self.also)


@cache
def source_text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


PROBES: dict[str, Probe] = {}


def probe(
    exercise: str,
    function: str,
    also: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    labels: Mapping[str, str] | None = None,
    timed: bool = False,
    forward: Probe | None = None,
    numpy_alone: bool = False,
) -> Callable[[Callable[..., Any]], Probe]:
    """Register a function as a probe of one function or class of an exercise.

    Its first parameter is the submission.  Raises ValueError if another file has a probe of this
    name.
    """
    return lambda run: register(
        Probe(run.__name__, run, exercise, function, also, names, labels or {}, timed, forward, numpy_alone)
    )


def staff_function(run: Callable[..., Any]) -> Probe:
    """Register a function that runs in a worker without any submission, such as loading data.

    Only the staff's sandbox answers it.  Raises ValueError if another file has a probe of this
    name.
    """
    return register(Probe(run.__name__, run))


def register(entry: Probe) -> Probe:
    earlier = PROBES.setdefault(entry.name, entry)
    if earlier.run.__code__.co_filename != entry.run.__code__.co_filename:
        raise ValueError(f"Two probes are called {entry.name}: one in {earlier.module}, one in {entry.module}.")
    PROBES[entry.name] = entry
    return entry


def targets_of(exercise: str) -> list[str]:
    """The functions and classes that the known probes ask of an exercise's file."""
    return sorted(counted_targets(exercise))


def most_asked(exercise: str) -> str:
    """The function or class of an exercise that most of the known probes ask, "" if none does."""
    counts = counted_targets(exercise)
    return max(sorted(counts), key=lambda name: counts[name], default="")


def counted_targets(exercise: str) -> Counter[str]:
    """How many of the known probes ask each function and class of an exercise's file."""
    entries = [entry for entry in PROBES.values() if entry.exercise == exercise]
    return Counter(name for entry in entries for name in (entry.function, *entry.names) if "{" not in name)
