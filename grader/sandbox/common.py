"""Probes of no exercise in particular: whether a file can be imported, what a worker can reach, and the data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.probe import Submission, probe


@probe("{exercise}", "{exercise}")
def importable(submission: Submission, exercise: str) -> bool:
    """Import one exercise's file, and nothing else."""
    submission.load(exercise)
    return True


@probe("submission", "nothing")
def boundary(submission: Submission, closed: list[str], kept: list[str]) -> dict[str, list[str]]:
    """Which of the closed paths a worker can read or enter, which files of Python's and torch's it can't read, what of the kept it can write.

    Asks nothing of the submission.
    """
    import torch

    needed = [sys.executable, os.__file__, np.__file__, torch.__file__]
    kept = [*kept, sys.prefix, str(Path(torch.__file__).parents[1]), *needed]
    return {
        "open": [path for path in closed if os.access(path, os.R_OK) or os.access(path, os.X_OK)],
        "writable": [path for path in kept if os.access(path, os.W_OK)],
        "unreadable": [path for path in needed if not os.access(path, os.R_OK)],
    }


# Loaded by the kit's own code: asked through the staff's server, never beside a submission's code
@probe("data", "load_data")
def digits(
    submission: Submission, examples_per_class: int, fraction: float, seed: int, data_dir: str | None
) -> dict[str, Any]:
    """Images (N, 28, 28) and labels of handwritten digits: MNIST from `data_dir`, or the offline digits where it is None."""
    from data import load_data

    x_train, x_test, y_train, y_test = load_data.load_mnist_data(
        examples_per_class=examples_per_class, fraction=fraction, data_dir=data_dir, seed=seed
    )
    return {"train": [x_train, y_train], "test": [x_test, y_test]}


@probe("data", "load_data")
def whole_mnist(submission: Submission, data_dir: str) -> dict[str, Any]:
    """All of MNIST as it lies in `data_dir`: images, uint8 (60000, 28, 28) and (10000, 28, 28), and their labels."""
    from data.mnist_files import read_split
    from data.split import PARTS

    return {part: list(read_split("MNIST", Path(data_dir), part)) for part in PARTS}
