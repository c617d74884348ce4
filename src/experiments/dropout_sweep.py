"""dropout-sweep: the student's budget_cnn with other dropout probabilities, and other cures.

First one epoch at each p from 0 to 1, then ten epochs at some of them. Then batch norm, dropout and
an L2 penalty are compared on few images, on which networks overfit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from src.experiments import drawing
from src.experiments.recipe import train_by_recipe
from src.experiments.run import Run
from src.experiments.submission import ExperimentError
from src.experiments.subsets import Subsets, load_subsets
from src.experiments.training import Examples, measure

PROBABILITIES = tuple(step / 10 for step in range(11))
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
L2 = 1e-3
# which layers are taken out of the network, and the strength of the penalty
CURES: Mapping[str, tuple[tuple[type[nn.Module], ...], float]] = {
    "neither": (DROPOUTS + BATCH_NORMS, 0.0),
    "dropout": (BATCH_NORMS, 0.0),
    "batch norm": (DROPOUTS, 0.0),
    "both": ((), 0.0),
    f"neither, L2 penalty ({L2})": (DROPOUTS + BATCH_NORMS, L2),
}
GUESSING = 10.0  # percent


def dropout_sweep(run: Run) -> None:
    n_train = run.choose(quick=800, evening=16_000, documents=50_000)
    n_valid = run.choose(quick=200, evening=4_000, documents=10_000)
    digits = load_subsets(run, "MNIST", n_train, n_valid, n_test=10_000)
    parts = {p: run.part(f"p = {p}, one epoch", train_at, run, p, digits, 1) for p in PROBABILITIES}
    first = {p: part["validation"] for p, part in parts.items()}
    best = max(first, key=lambda p: first[p])
    run.table(
        "sweep",
        f"budget_cnn after one epoch on {len(digits.train[1])} images",
        ["p", "validation accuracy (%)", "training loss"],
        [[p, round(part["validation"], 2), round(part["training_loss"], 4)] for p, part in parts.items()],
    )
    run.numbers |= {
        "best_p": best,
        "accuracy_p0": round(first[0.0], 2),
        "accuracy_p1": round(first[1.0], 2),
        "accuracy_best": round(first[best], 2),
    }
    longer = train_longer(run, best, digits)
    draw_sweep(run, first, best, longer)
    compare_cures(run, digits)


def train_longer(run: Run, best: float, digits: Subsets) -> dict[float, float]:
    """Ten epochs at the best p of the first epoch and at another; the accuracies by p."""
    n_epochs = run.choose(quick=2, evening=10, documents=10)
    own = own_probability(run)
    chosen = sorted({best, 0.0 if best == own else own})
    parts = {p: run.part(f"p = {p}, {n_epochs} epochs", train_at, run, p, digits, n_epochs) for p in chosen}
    run.table(
        "longer",
        f"The best p after one epoch ({best:g}), and {'none' if best == own else 'your own p'}, trained for longer",
        ["p", "epochs", "validation accuracy (%)", "test accuracy (%)"],
        [[p, n_epochs, round(part["validation"], 2), round(part["test"], 2)] for p, part in parts.items()],
    )
    winner = max(parts, key=lambda p: parts[p]["validation"])
    run.numbers["test_accuracy_10_epochs"] = round(parts[winner]["test"], 2)
    return {p: part["validation"] for p, part in parts.items()}


def draw_sweep(run: Run, first: dict[float, float], best: float, longer: dict[float, float]) -> None:
    n_epochs = run.choose(quick=2, evening=10, documents=10)
    figure, axes = drawing.panels(columns=2)
    for plot, most in zip(axes[0], (1.0, 0.9), strict=True):
        shown = {p: accuracy for p, accuracy in first.items() if p <= most}
        plot.plot(list(shown), list(shown.values()), marker="o", markersize=4, label="after one epoch")
        stars = {p: accuracy for p, accuracy in longer.items() if p <= most}
        plot.scatter(
            list(stars),
            list(stars.values()),
            marker="*",
            s=90,
            color=drawing.COLOURS[1],
            zorder=3,
            label=f"after {n_epochs} epochs",
        )
        plot.set(xlabel="dropout probability p", ylabel="validation accuracy (%)")
    axes[0, 0].axhline(GUESSING, color="0.5", linestyle=":", label="guessing")
    axes[0, 0].set_ylim(0, 103)
    axes[0, 0].legend(loc="lower left")
    axes[0, 1].set_title("the same without p = 1", fontsize=9)
    run.figure(
        "sweep",
        figure,
        title=f"After one epoch p = {best:g} is best ({first[best]:.1f} %); p = 1 gives {first[1.0]:.1f} %",
        alt="Left: the validation accuracy after one epoch against the dropout probability from 0 to 1. Stars mark the "
        f"accuracies after {n_epochs} epochs, a dotted line the 10 % of guessing. Right: the same up to 0.9, enlarged.",
    )


def compare_cures(run: Run, digits: Subsets) -> None:
    """The table of dropout, batch norm and a penalty on few images."""
    n_epochs = run.choose(quick=2, evening=20, documents=50)
    n_examples = run.choose(quick=200, evening=1_000, documents=1_000)
    few = digits.train[0][:n_examples], digits.train[1][:n_examples]
    parts = {name: run.part(f"cure: {name}", train_cure, run, name, few, digits, n_epochs) for name in CURES}
    run.table(
        "cures",
        f"budget_cnn with and without its cures, after learning from {len(few[1])} images",
        ["variant", "epochs", "training accuracy (%)", "validation accuracy (%)", "training loss", "validation loss"],
        [
            [
                name,
                n_epochs,
                round(part["training"], 2),
                round(part["validation"], 2),
                round(part["training_loss"], 4),
                round(part["validation_loss"], 4),
            ]
            for name, part in parts.items()
        ],
    )


def train_at(run: Run, p: float, digits: Subsets, n_epochs: int) -> dict[str, Any]:
    """Train budget_cnn with all dropout probabilities set to p."""
    model = run.student("design").budget_cnn()
    for layer in dropouts_of(model):
        layer.p = p
    losses, _ = train_by_recipe(run, model, digits.train, n_epochs=n_epochs)
    _, validation = measure(run, model, digits.valid)
    _, test = measure(run, model, digits.test)
    return {"training_loss": losses["train"][-1], "validation": validation, "test": test}


def train_cure(run: Run, name: str, few: Examples, digits: Subsets, n_epochs: int) -> dict[str, Any]:
    """Train budget_cnn without some of its layers."""
    taken_out, weight_decay = CURES[name]
    model = run.student("design").budget_cnn()
    take_out(model, taken_out)
    train_by_recipe(run, model, few, n_epochs=n_epochs, weight_decay=weight_decay)
    training_loss, training = measure(run, model, few)
    validation_loss, validation = measure(run, model, digits.valid)
    return {
        "training": training,
        "validation": validation,
        "training_loss": training_loss,
        "validation_loss": validation_loss,
    }


def take_out(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> None:
    """Put nn.Identity in the place of all layers of these kinds."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, kinds):
                setattr(parent, name, nn.Identity())


def own_probability(run: Run) -> float:
    """The p of the student's own first dropout layer."""
    return float(dropouts_of(run.student("design").budget_cnn())[0].p)


def dropouts_of(model: nn.Module) -> Sequence[Any]:
    """All dropout layers. Raises ExperimentError if there is none."""
    layers = [layer for layer in model.modules() if isinstance(layer, DROPOUTS)]
    if not layers:
        raise ExperimentError(
            "dropout-sweep changes the p of budget_cnn's nn.Dropout layers, but budget_cnn has none as a module. Write its "
            "dropout as nn.Dropout (not as a function), then start this experiment again."
        )
    return layers
