"""Runs the student's `adversarial_example`, and counts what it reaches."""

import numpy as np
import torch
from torch import nn

from data.split import Array
from src.experiments.networks import Handicapped
from src.experiments.run import Run
from src.experiments.training import logits_of

DISTANCE, STEP_SIZE = 0.3, 0.02  # the exercise's own
STEP_OF_TABLE, MOST_STEPS = 0.01, 60
N_CLASSES = 10


def attack(
    run: Run,
    model: nn.Module,
    images: Array,
    targets: Array,
    distance: float = DISTANCE,
    step_size: float | None = None,
    n_steps: int = 50,
) -> Array:
    """What the student's `adversarial_example` makes of images.

    Args:
        run: the run of the experiment.
        model: the network that is attacked.
        images: what to begin with, float32 in [0, 1], shape (N, 1, 28, 28).
        targets: the class for each, shape (N,).
        distance: the largest change of a pixel.
        step_size: None takes a tenth of the distance, but at most the exercise's 0.02.
        n_steps: the largest number of steps.
    """
    changed: torch.Tensor = run.student("adversarial").adversarial_example(
        model,
        torch.as_tensor(images, device=run.device),
        torch.as_tensor(targets, device=run.device),
        max_distance=distance,
        step_size=step_size or min(STEP_SIZE, distance / 10),
        n_steps=n_steps,
    )
    return changed.detach().cpu().numpy()


def attack_with_lead(run: Run, model: nn.Module, images: Array, targets: Array, lead: float) -> Array:
    """Images that are changed until the target's logit leads by `lead`, not only until it wins."""
    changed = images.copy()
    for label in np.unique(targets):
        chosen = targets == label
        changed[chosen] = attack(run, Handicapped(model, int(label), lead), images[chosen], targets[chosen])
    return changed


def answers(run: Run, model: nn.Module, images: Array) -> Array:
    """The classes that the model sees, shape (N,)."""
    found: Array = logits_of(run, model, images).argmax(axis=1)
    return found


def percent(found: Array) -> float:
    """The share of True, in percent."""
    return round(float(np.mean(found)) * 100, 1)


def mean_steps(run: Run, model: nn.Module, images: Array, labels: Array) -> Array:
    """Mean numbers of steps, digit x target, NaN on the diagonal and for digits that are not there.

    Calls with n_steps=1 follow each other, and an image that has its target stays as it is. So the
    number of calls in which it has changed is its number of steps.
    """
    sources = np.repeat(np.arange(len(labels)), N_CLASSES)
    targets = np.tile(np.arange(N_CLASSES), len(labels))
    current, steps = images[sources], np.zeros(len(targets))
    run.display.expect(MOST_STEPS)
    for _ in range(MOST_STEPS):
        steps += answers(run, model, current) != targets
        current = attack(run, model, current, targets, distance=1.0, step_size=STEP_OF_TABLE, n_steps=1)
        run.display.advance()
    means = np.full((N_CLASSES, N_CLASSES), np.nan)
    for digit, target in np.argwhere(~np.eye(N_CLASSES, dtype=bool)):
        counted = steps[(labels[sources] == digit) & (targets == target)]
        means[digit, target] = counted.mean() if len(counted) else np.nan
    return means
