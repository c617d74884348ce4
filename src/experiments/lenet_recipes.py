"""The settings that lenet-settings compares, and how they become an optimizer and a schedule."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

STRENGTH = 0.001  # of both penalties
MOMENTUM = 0.9
RANDOM_DEVIATION = 0.05


@dataclass(frozen=True)
class Recipe:
    """One setting.

    Attributes:
        learning_rate: at the start.
        penalty: what is added to the loss: 0.001 times the sum of all weights' squares (L2) or
            magnitudes (L1). Biases are free.
        initialisation: He's normal distribution, or a normal one with the deviation 0.05 for all
            layers ("random"). Biases start at zero.
        n_epochs: in the course documents' runs; small budgets take a share of them.
        drops: (share of the epochs, factor): from there on, the rate is factor x learning_rate.
    """

    learning_rate: float
    penalty: Literal["L2", "L1", "none"] = "L2"
    initialisation: Literal["He", "random"] = "He"
    n_epochs: int = 80
    drops: tuple[tuple[float, float], ...] = ()

    @property
    def schedule(self) -> str:
        """The schedule in words, such as "x 0.5 after 91 % of the epochs"."""
        drops = [f"x {factor} after {share:.0%}".replace("%", " %") for share, factor in self.drops]
        return f"{', '.join(drops)} of the epochs" if drops else "constant"

    @property
    def label(self) -> str:
        """The whole setting in a few words."""
        penalty = "no penalty" if self.penalty == "none" else self.penalty
        schedule = ", schedule" if self.drops else ""
        return f"{self.initialisation}, {penalty}, {self.learning_rate}{schedule}"


RECIPES: dict[str, tuple[Recipe, ...]] = {
    "mnist": (
        Recipe(0.01),
        Recipe(0.01, penalty="L1"),
        Recipe(0.01, penalty="none"),
        Recipe(0.01, initialisation="random"),
        Recipe(0.005),
    ),
    "fashion": (
        Recipe(0.01, n_epochs=110, drops=((100 / 110, 0.5),)),
        Recipe(0.01),
        Recipe(0.01, penalty="none"),
        Recipe(0.01, initialisation="random"),
        Recipe(0.05),
    ),
    "cifar10": (
        Recipe(0.001, penalty="L1", n_epochs=150),
        Recipe(0.001, n_epochs=150, drops=((140 / 150, 0.5),)),
        Recipe(0.001, n_epochs=150, drops=((120 / 150, 0.5), (140 / 150, 0.1))),
        Recipe(0.001, n_epochs=150),
        Recipe(0.001, penalty="none", n_epochs=150),
    ),
}


def initialise(model: nn.Module, recipe: Recipe) -> None:
    """Draw new weights, and set the biases to zero."""
    for parameter in model.parameters():
        if parameter.ndim == 1:
            nn.init.constant_(parameter, 0)
        elif recipe.initialisation == "He":
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.normal_(parameter, std=RANDOM_DEVIATION)


def make_optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """SGD with Nesterov's momentum. The penalty's gradient is added to that of the loss."""
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    # the gradient of STRENGTH * w^2 is 2 * STRENGTH * w; weight_decay is the factor before w
    decay = 2 * STRENGTH if recipe.penalty == "L2" else 0.0
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": decay}, {"params": biases}]
    optimizer = torch.optim.SGD(groups, recipe.learning_rate, momentum=MOMENTUM, nesterov=True)
    if recipe.penalty == "L1":
        optimizer.register_step_pre_hook(lambda *_: add_signs(weights))
    return optimizer


def add_signs(weights: list[nn.Parameter]) -> None:
    """Add the gradient of STRENGTH * |w| to each weight's gradient."""
    for weight in weights:
        if weight.grad is not None:
            weight.grad.add_(weight.detach().sign(), alpha=STRENGTH)


def make_schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, n_epochs: int) -> Any:
    """A scheduler, to be stepped after each epoch.."""

    def factor(epoch: int) -> float:
        passed = [drop for share, drop in recipe.drops if epoch >= min(n_epochs - 1, round(share * n_epochs))]
        return passed[-1] if passed else 1.0

    return LambdaLR(optimizer, factor)
