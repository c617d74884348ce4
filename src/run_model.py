"""Exercise run_model: train a network, evaluate it, and stop early.

You write three functions: `run_model` uses the other two. These conventions hold for all of them:

- A data set is a `MyDataset(x, y)`: inputs x of shape (N, ...) and labels y of shape (N,). Labels
  count from 0. Both may have any float or integer dtype. Convert each batch to float32 inputs and
  int64 targets before you use it.
- A model takes a batch of inputs, shape (n, ...), and returns its logits, shape (n, classes). The
  predicted class of an example is the class with the largest logit.
- The loss of a batch is the cross-entropy of the logits and the targets
  (torch.nn.functional.cross_entropy).
- A loss that a function returns is the mean over all EXAMPLES. That is not the mean of the batches'
  means, because the last batch may be smaller than the others.
- An accuracy is the share of examples whose predicted class is their label, in PERCENT: from 0 to
  100.
"""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset

History = dict[str, list[float]]


def train_epoch(
    model: nn.Module,
    data_loader: DataLoader,
    optimizer: torch.optim.Optimizer,
    device: torch.device | str = "cpu",
) -> tuple[float, float]:
    """Train a model for one epoch: one pass over the data, one optimizer step for each batch.

    The model is in training mode during the pass, whatever mode it was in before. Each step follows
    the gradient of the mean loss of its own batch, and of nothing else. The loss and the accuracy
    come from the forward passes that the steps use: do not run the model twice.

    Args:
        model: the network to train, in place. It is already on `device`.
        data_loader: gives batches (inputs, targets) of shapes (n, ...) and (n,), of any float or
            integer dtype.
        optimizer: holds the model's parameters, which have no gradients yet.
        device: where to move each batch.

    Returns:
        (loss, accuracy) over all examples: numbers, not tensors, which keep all graphs in memory.

    Raises:
        ValueError: if the data loader gives no batch.
    """
    raise NotImplementedError("to do: train_epoch")


def evaluate(
    model: nn.Module,
    data_loader: DataLoader,
    device: torch.device | str = "cpu",
) -> tuple[float, float]:
    """Measure a model on some data, without changing it.

    The model runs in evaluation mode (so dropout is off, and batch norm uses its running
    statistics) and without recording gradients. Afterwards its parameters and buffers are as they
    were, and so is the mode of EVERY submodule: `training` may be True for some of them and False
    for others, and each gets its own value back. This also holds if the model raises an error on
    the way; the error then reaches the caller.

    Args:
        model: the network to measure. It is already on `device`.
        data_loader: gives batches (inputs, targets) of shapes (n, ...) and (n,), of any float or
            integer dtype.
        device: where to move each batch.

    Returns:
        (loss, accuracy): the mean cross-entropy over all examples, and the percentage of examples
        that are classified right.

    Raises:
        ValueError: if the data loader gives no batch.
    """
    raise NotImplementedError("to do: evaluate")


def run_model(
    model: nn.Module,
    running_mode: str = "train",
    train_set: MyDataset | None = None,
    valid_set: MyDataset | None = None,
    test_set: MyDataset | None = None,
    batch_size: int = 1,
    learning_rate: float = 0.01,
    n_epochs: int = 1,
    stop_thr: float = 1e-4,
    patience: int = 1,
    shuffle: bool = True,
) -> tuple[nn.Module, History, History] | tuple[float, float]:
    """Train a model, or test it. Everything runs on the CPU.

    With running_mode="train": train by plain stochastic gradient descent (no momentum, no weight
    decay) for at most `n_epochs` epochs. If there is a validation set, evaluate the model on it
    after every epoch, and decide whether to stop.

    With running_mode="test": evaluate the model on `test_set`, and train nothing.

    When to stop. An epoch fails if its validation loss is not lower than the previous epoch's by at
    least `stop_thr`: it succeeds if previous - current >= stop_thr. So an improvement of exactly
    `stop_thr` succeeds, and a loss that stays the same, grows or is NaN fails. The first epoch has
    no previous one and never fails. Training stops after the epoch that is the `patience`-th
    failure in a row; a success starts the count again. For example, with stop_thr=0.1 and
    patience=2:

        epoch              1     2     3     4     5      6
        validation loss    1.0   0.8   0.75  0.5   0.45   0.5
        improvement              0.2   0.05  0.25  0.05  -0.05
        failures in a row  0     0     1     0     1      2     (stop after epoch 6)

    Without a validation set all epochs run.

    Args:
        model: the network, trained in place.
        running_mode: "train" or "test".
        train_set: the examples to train on; "train" needs it.
        valid_set: the examples that decide when to stop; it may be None.
        test_set: the examples to test on; "test" needs it.
        batch_size: examples per batch in training, at least 1. The last batch of an epoch may be
            smaller.
        learning_rate: the step size of SGD, above 0.
        n_epochs: the largest number of epochs, at least 1.
        stop_thr: the smallest improvement that counts, at least 0.
        patience: how many failures in a row stop the training, at least 1.
        shuffle: whether every epoch goes through the training examples in a new random order. If it
            is False, they come in the data set's order. Validation and test examples always come in
            the data set's order.

    Returns:
        "train": (model, losses, accuracies). The model is the same object, with the weights of the
        last epoch (not of the best one). losses and accuracies are dicts {"train": [...], "valid":
        [...]} of lists of numbers, one for each epoch that ran: what `train_epoch` returned, and
        what `evaluate` returned for the validation set. Without a validation set the "valid" lists
        are empty.
        "test": (loss, accuracy) on the test set, as `evaluate` returns them.

    Raises:
        ValueError: in either mode, if an argument is out of its range above (so is a learning_rate
            or stop_thr that is NaN), or if a set that the mode uses is missing or has no examples.
    """
    raise NotImplementedError("to do: run_model")
