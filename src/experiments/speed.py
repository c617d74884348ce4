"""How fast this machine trains: measured once, so that `--list` can tell how long runs take."""

import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

MEASURED_SPEED = 1.0  # steps per millisecond of the machine on which the catalogue's seconds were measured


def speed(cache: Path) -> float:
    """Steps per millisecond of a small network's training; kept in a file once it is measured."""
    try:
        return float(json.loads(cache.read_text(encoding="utf-8"))["speed"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    measured = max(measure_speed() for _ in range(3))
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps({"speed": measured}), encoding="utf-8")
    except OSError:
        pass  # a folder that can't be written costs half a second each time, and nothing else
    return measured


def measure_speed(steps: int = 150) -> float:
    """Steps per millisecond of a small network's training.  Sets torch to one thread."""
    return steps / train(steps) / 1000


def train(steps: int) -> float:
    """Train a small convolutional network for some steps.  Sets torch to one thread.

    Returns:
        The CPU seconds that it took; 0 if that is less than the system counts.
    """
    torch.set_num_threads(1)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1152, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    images, targets = torch.rand(10, 1, 28, 28), torch.arange(10)
    start = time.process_time()  # not the clock: a busy machine is not a slower one
    for _step in range(steps):
        optimizer.zero_grad()
        loss: Any = nn.functional.cross_entropy(model(images), targets)  # torch has no type hints for backward
        loss.backward()
        optimizer.step()
    return time.process_time() - start


def duration(seconds: float) -> str:
    """A time as people say it: 8 s, 3 min, 2 h."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
