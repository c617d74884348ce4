"""What every tool's checks ask of a submission's train_epoch and evaluate, and of the reference's.

This file is copied into each tool's folder, beside run_model.py and reference.py, and imports
nothing of the kit.  The questions are those of the kit's checks 1.1 to 1.4, 1.6 and 2.1 to 2.4.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from data.my_dataset import MyDataset

Answer = dict[str, Any]
SEED, N_FEATURES, N_CLASSES = 7, 6, 3


def examples(n: int, batch_size: int) -> DataLoader:
    rng = np.random.default_rng(SEED)
    x, y = rng.normal(size=(n, N_FEATURES)).astype(np.float32), rng.integers(N_CLASSES, size=n)
    return DataLoader(MyDataset(x, y), batch_size=batch_size)


def network(batch_norm: bool = False) -> nn.Module:
    torch.manual_seed(SEED)
    norm = [nn.BatchNorm1d(8)] if batch_norm else []
    return nn.Sequential(nn.Linear(N_FEATURES, 8), *norm, nn.ReLU(), nn.Linear(8, N_CLASSES))


def weights_of(model: nn.Module) -> np.ndarray:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).numpy()


def trained(train_epoch: Callable[..., Any], n: int, batch_size: int, learning_rate: float) -> Answer:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    loss, accuracy = train_epoch(model, examples(n, batch_size), optimizer)
    return {"loss": loss, "accuracy": accuracy, "weights": weights_of(model)}


def evaluated(evaluate: Callable[..., Any], n: int) -> Answer:
    loss, accuracy = evaluate(network(), examples(n, 5))
    return {"loss": loss, "accuracy": accuracy}


def training_mode(train_epoch: Callable[..., Any]) -> Answer:
    model = network(batch_norm=True).eval()
    loss, _ = train_epoch(model, examples(20, 5), torch.optim.SGD(model.parameters(), lr=0.0))
    return {"loss": loss, "means": model[1].running_mean.numpy(), "training": float(model.training)}


def evaluation_mode(evaluate: Callable[..., Any]) -> Answer:
    loss, _ = evaluate(network(batch_norm=True), examples(20, 5))
    return {"loss": loss}


def leaves_the_model(evaluate: Callable[..., Any]) -> Answer:
    model = network(batch_norm=True)
    evaluate(model, examples(20, 5))
    gradients = [parameter.grad is None for parameter in model.parameters()]
    return {"training": float(model.training), "weights": weights_of(model), "no gradients": float(all(gradients))}


QUESTIONS: dict[str, Callable[[Any, Any], Answer]] = {
    "train_epoch_even": lambda train_epoch, evaluate: trained(train_epoch, 20, 5, 0.0),
    "train_epoch_uneven": lambda train_epoch, evaluate: trained(train_epoch, 23, 5, 0.0),
    "train_epoch_weights": lambda train_epoch, evaluate: trained(train_epoch, 22, 5, 0.2),
    "train_epoch_before_step": lambda train_epoch, evaluate: trained(train_epoch, 16, 16, 1.0),
    "train_epoch_training_mode": lambda train_epoch, evaluate: training_mode(train_epoch),
    "evaluate_even": lambda train_epoch, evaluate: evaluated(evaluate, 20),
    "evaluate_uneven": lambda train_epoch, evaluate: evaluated(evaluate, 23),
    "evaluate_evaluation_mode": lambda train_epoch, evaluate: evaluation_mode(evaluate),
    "evaluate_leaves_the_model": lambda train_epoch, evaluate: leaves_the_model(evaluate),
}


def check(question: str, train_epoch: Callable[..., Any], evaluate: Callable[..., Any]) -> None:
    """Raise AssertionError unless submission and reference answer the question alike."""
    import reference

    torch.set_num_threads(1)
    got = QUESTIONS[question](train_epoch, evaluate)
    expected = QUESTIONS[question](reference.train_epoch, reference.evaluate)
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, rtol=1e-4, atol=1e-6, err_msg=name)
