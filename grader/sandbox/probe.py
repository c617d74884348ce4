"""What a probe is, and the registry of them all.  Nothing here may import torch: the trusted side names probes too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

Arrays = list[np.ndarray]


class Unusable(Exception):
    """What the submission returned can't be used; the text says what was expected and what came."""


class Submission(Protocol):
    """A submission's files, as a probe sees them."""

    notes: list[str]

    def load(self, exercise: str) -> ModuleType:
        """The module of one exercise's file."""

    def get(self, exercise: str, name: str) -> Any:
        """A function or class of one exercise's file."""


@dataclass(frozen=True)
class Probe:
    """A function to run beside a submission, and the place in the submission that it asks (`exercise` and `function`).

    A name in braces, as in "{name}", is the value of that argument.  `also` names other exercises whose files it uses.
    """

    name: str
    run: Callable[..., Any]
    exercise: str
    function: str
    also: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """The module that defines it, which registers it when it is imported."""
        return self.run.__module__

    def target(self, arguments: dict[str, Any]) -> str:
        """The function or class of the submission that these arguments make the probe ask."""
        return self.function.format(**arguments)

    def label(self, key: str) -> str:
        """What a key of the observation is called in a sentence, as in "The LABEL is wrong"."""
        return self.labels.get(key, key)

    @property
    def source(self) -> str:
        """The text of the file that defines it, if workers can't import that file: the staff's probes travel with the question."""
        handed_out = self.module.startswith("grader.") and not self.module.startswith("grader.staff.")
        return "" if handed_out else source_text(Path(self.run.__code__.co_filename))

    def files(self, arguments: dict[str, Any]) -> tuple[str, ...]:
        """The exercises whose files these arguments make the probe use."""
        return (self.exercise.format(**arguments), *self.also)


@cache
def source_text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


PROBES: dict[str, Probe] = {}


def probe(
    exercise: str, function: str, also: tuple[str, ...] = (), labels: Mapping[str, str] | None = None
) -> Callable[[Callable[..., Any]], Probe]:
    """Register a function as a probe of one function or class of an exercise.

    `labels` say what keys of its observation are called in sentences, if not by themselves.
    Raises ValueError if another probe has its name.
    """

    def register(run: Callable[..., Any]) -> Probe:
        entry = Probe(run.__name__, run, exercise, function, also, labels or {})
        earlier = PROBES.setdefault(entry.name, entry)
        if earlier.run.__code__.co_filename != run.__code__.co_filename:
            raise ValueError(f"Two probes are called {entry.name}, one of {earlier.exercise} and one of {exercise}.")
        PROBES[entry.name] = entry
        return entry

    return register
