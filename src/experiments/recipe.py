"""The recipe by which the grader trains the networks of design.py, by the student's code."""

import math

import torch
from torch import nn

from src.experiments.run import Run
from src.experiments.training import Examples, History, train_by_epochs

LEARNING_RATE = 0.001
BATCH_SIZE = 32


def train_by_recipe(
    run: Run,
    model: nn.Module,
    train: Examples,
    *,
    n_epochs: int,
    watch: Examples | None = None,
    weight_decay: float = 0.0,
) -> tuple[History, History]:
    """Train by Adam in batches of 32, with a learning rate that falls from 0.001 to 0.

    Args:
        run: the run of the experiment.
        model: the network, trained in place.
        train: the training features and targets.
        n_epochs: how many epochs. The learning rate falls linearly over all their steps.
        watch: examples to measure the network on after each epoch.
        weight_decay: the strength of an L2 penalty, which the grader's own recipe does not have.

    Returns:
        The losses and the accuracies, as `train_by_epochs` returns them.
    """
    model.to(run.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=weight_decay)
    n_steps = n_epochs * math.ceil(len(train[1]) / BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, n_steps)
    # after each step, not after each epoch: with one epoch the rate would not fall at all
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    return train_by_epochs(run, model, train, optimizer, n_epochs=n_epochs, batch_size=BATCH_SIZE, watch=watch)
