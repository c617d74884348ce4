"""What workers can be asked about no exercise in particular: imports, their reach, and the data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.probe import Submission, probe, staff_function


@probe("{exercise}", "{exercise}")
def importable(submission: Submission, exercise: str) -> bool:
    """Import one exercise's file, and nothing else."""
    submission.load(exercise)
    return True


@staff_function
def boundary(closed: list[str], kept: list[str]) -> dict[str, list[str]]:
    """What a worker can reach, as lists of paths.  It tries: not every wall answers questions.

    "open" are the `closed` paths that it can read.  "writable" are the `kept` paths, and those of
    Python's environment, that it can write to.  "unreadable" are files of Python's and torch's that
    it can't read.
    """
    import torch

    needed = [sys.executable, os.__file__, np.__file__, torch.__file__]
    kept = [*kept, sys.prefix, str(Path(torch.__file__).parents[1]), *needed]
    return {
        "open": [path for path in closed if can_open(path, os.O_RDONLY)],
        "writable": [path for path in kept if can_write(path)],
        "unreadable": [path for path in needed if not can_open(path, os.O_RDONLY)],
    }


def can_open(path: str, flags: int) -> bool:
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def can_write(path: str) -> bool:
    """Whether a file can be written to, or a new one made in a folder."""
    if not Path(path).is_dir():
        return can_open(path, os.O_WRONLY)
    made = Path(path, "grader-tries-to-write")
    if not can_open(str(made), os.O_WRONLY | os.O_CREAT | os.O_EXCL):
        return False
    made.unlink()
    return True


@staff_function
def digits(examples_per_class: int, fraction: float, seed: int, data_dir: str | None) -> dict[str, Any]:
    """Handwritten digits as {"train": [images, labels], "test": [images, labels]}.

    MNIST from `data_dir`, or the offline digits if it is None.  Images are float32 (N, 28, 28) in
    [0, 1], labels int64 (N,).
    """
    from data import load_data

    x_train, x_test, y_train, y_test = load_data.load_mnist_data(
        examples_per_class=examples_per_class, fraction=fraction, data_dir=data_dir, seed=seed
    )
    return {"train": [x_train, y_train], "test": [x_test, y_test]}


@staff_function
def whole_mnist(data_dir: str) -> dict[str, Any]:
    """All of MNIST in `data_dir`, as {"train": [images, labels], "test": [images, labels]}.

    Images are uint8, (60000, 28, 28) and (10000, 28, 28).
    """
    from data.mnist_files import read_split
    from data.split import PARTS

    return {part: list(read_split("MNIST", Path(data_dir), part)) for part in PARTS}
