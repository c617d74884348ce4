"""Thresholds of checks that measure a quantity.

`grader calibrate` measures them; nobody guesses them. They are in one file beside the checks.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Threshold:
    """The value that a quantity must reach, or stay below.

    It also says where the threshold is written: the file, the quantity and the data.
    """

    value: float
    path: Path
    name: str
    data: str


@dataclass(frozen=True)
class Measured:
    """A value that was held against a threshold, the least or the most that it may be."""

    threshold: Threshold
    value: float
    is_least: bool


class Thresholds:
    """The thresholds in a JSON file, ``{name: {data: {"threshold": ..., ...}}}``.

    grader/staff/proving/calibrate.py explains the other figures.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = json.loads(path.read_text(encoding="utf-8"))

    def __call__(self, name: str, data: str) -> Threshold:
        """The threshold of a quantity on some data: "mnist", "digits", ..."""
        return Threshold(float(self.entries[name][data]["threshold"]), self.path, name, data)
