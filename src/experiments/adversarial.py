"""adversarial: small changes that make a network see another digit.

The student's `adversarial_example` changes test digits. The figures and tables tell how large the
change must be, how many steps it takes, whether other networks fall for it, and what helps.
Only digits that every network recognises are used, so each wrong answer is the change's work.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from torch import nn

from data.load_data import load_mnist_data
from data.split import Array, Split
from src.experiments import drawing
from src.experiments.attacks import (
    DISTANCE,
    MOST_STEPS,
    N_CLASSES,
    STEP_OF_TABLE,
    STEP_SIZE,
    answers,
    attack,
    attack_with_lead,
    mean_steps,
    percent,
)
from src.experiments.networks import Rounded, Smoothed
from src.experiments.run import Run
from src.experiments.submission import ExperimentError
from src.experiments.training import (
    Examples,
    measure,
    probabilities_of,
    put_weights,
    train_by_epochs,
    train_by_run_model,
    weights_of,
)

USUAL, OTHER_START, OTHER_KIND = "DigitClassifier", "DigitClassifier, other initial weights", "LeNet5"
NETWORKS = (USUAL, OTHER_START, OTHER_KIND)
DISTANCES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
DEFENCE_DISTANCE = 0.1
SHOWN, LEAD = 5, 5.0

Networks = dict[str, nn.Module]


def adversarial(run: Run) -> None:
    """Train three networks and one that learns from changed images, then attack them."""
    digits = load(run)
    networks = {name: trained(run, name, digits) for name in NETWORKS}
    images, labels = recognised(run, networks, digits)
    targets = np.random.default_rng(run.seed).integers(1, N_CLASSES, len(labels))
    targets = (labels + targets) % N_CLASSES  # any digit but the right one

    show_examples(run, networks[USUAL], images, labels, targets)
    show_distance(run, networks, images, labels, targets)
    show_steps(run, networks[USUAL], images, labels)
    show_transfer(run, networks, images, labels, targets)
    show_defence(run, networks[USUAL], digits, (images, labels), targets)


def load(run: Run) -> Split:
    """Digits with a channel, (N, 1, 28, 28)."""
    per_class, fraction = run.choose(quick=(90, 7 / 9), evening=(2600, 11 / 13), documents=(5800, 50 / 58))
    split = run.load(load_mnist_data, per_class, fraction, seed=run.seed)
    return split._replace(train_features=split.train_features[:, None], test_features=split.test_features[:, None])


def new(run: Run, name: str) -> nn.Module:
    models = run.student("models")
    model: nn.Module = models.LeNet5() if name == OTHER_KIND else models.DigitClassifier()
    return model


def trained(run: Run, name: str, digits: Split) -> nn.Module:
    """Train a network of this name, or take its weights from an earlier run."""
    part = run.part(f"train {name}", train, run, name, digits)
    return put_weights(new(run, name), part).to(run.device)


def train(run: Run, name: str, digits: Split) -> dict[str, Any]:
    model = new(run, name)
    n_epochs = run.choose(quick=5, evening=6, documents=15)
    batch_size = run.choose(quick=10, evening=20, documents=20)
    train_by_run_model(
        run,
        model,
        (digits.train_features, digits.train_targets),
        n_epochs=n_epochs,
        batch_size=batch_size,
        learning_rate=0.1,
    )
    return weights_of(model)


def recognised(run: Run, networks: Networks, digits: Split) -> Examples:
    """Test digits that all networks recognise, at most so many of each class, sorted by class."""
    right = np.all([answers(run, model, digits.test_features) == digits.test_targets for model in networks.values()], 0)
    most = run.choose(quick=4, evening=30, documents=80)
    chosen = np.concatenate([np.flatnonzero(right & (digits.test_targets == digit))[:most] for digit in range(10)])
    if len(chosen) == 0:
        raise ExperimentError(
            "The networks have learnt so little that there is no digit that all of them recognise. Run the checks of "
            "run_model and models (pytest tests/), then start this experiment again."
        )
    return digits.test_features[chosen], digits.test_targets[chosen]


def show_examples(run: Run, model: nn.Module, images: Array, labels: Array, targets: Array) -> None:
    """Five digits, the change of each, and the changed digits."""
    chosen = np.linspace(0, len(labels) - 1, SHOWN).astype(int)
    part = run.part("examples", lambda: {"changed": attack(run, model, images[chosen], targets[chosen])})
    changed, before = part["changed"], images[chosen]
    captions = [verdicts(run, model, before), verdicts(run, model, changed)]
    reached = int(np.sum(answers(run, model, changed) == targets[chosen]))
    run.figure(
        "examples",
        draw_examples(before[:, 0], changed[:, 0], captions, targets[chosen]),
        title=f"{reached} of {SHOWN} digits become what was asked for; no pixel changes by more than "
        f"{np.abs(changed - before).max():.2f}",
        alt=f"Three rows of {SHOWN} images: digits, the change of each, and the changed digits, with the network's answer "
        "and its probability.",
    )


def verdicts(run: Run, model: nn.Module, images: Array) -> list[str]:
    """The model's answers with their probabilities, as captions."""
    rows = probabilities_of(run, model, images)
    return [f"{row.argmax()} ({row.max():.1%})".replace("%", " %") for row in rows]


def draw_examples(before: Array, after: Array, captions: Sequence[Sequence[str]], targets: Array) -> Figure:
    change = after - before
    largest = float(np.abs(change).max()) or 1.0
    with rc_context(drawing.IMAGE_STYLE):
        figure = Figure(figsize=(7.6, 5.2))
        grid = figure.subplots(3, len(before))
        for place in range(len(before)):
            grid[0, place].imshow(before[place], cmap="gray", vmin=0, vmax=1)
            shown = grid[1, place].imshow(change[place], cmap="RdBu", vmin=-largest, vmax=largest)
            grid[2, place].imshow(after[place], cmap="gray", vmin=0, vmax=1)
            grid[0, place].set_title(captions[0][place], fontsize=9)
            grid[1, place].set_title(f"towards {targets[place]}", fontsize=9)
            grid[2, place].set_title(captions[1][place], fontsize=9)
        for axes, label in zip(grid[:, 0], ["digit", "change", "changed digit"], strict=True):
            axes.set_ylabel(label)
        for axes in grid.flat:
            axes.set(xticks=[], yticks=[])
        figure.colorbar(shown, ax=grid[1], label="change of a pixel", shrink=0.9)
    return figure


def show_distance(run: Run, networks: Networks, images: Array, labels: Array, targets: Array) -> None:
    """How the share of deceived images depends on how far a pixel may move."""
    found = {
        name: run.part(f"distance, {name}", by_distance, run, networks[name], images, labels, targets)
        for name in (USUAL, OTHER_KIND)
    }
    rows = [
        [distance, *(found[name][kind][place] for name in found for kind in ("reached", "noise"))]
        for place, distance in enumerate(DISTANCES)
    ]
    columns = ["max_distance", "reached the target (%)", "answer changed by noise (%)"]
    columns += [f"{OTHER_KIND}: reached the target (%)", f"{OTHER_KIND}: answer changed by noise (%)"]
    run.table("distance", f"{len(labels)} digits, targets drawn at random, {USUAL} (and {OTHER_KIND})", columns, rows)
    place = DISTANCES.index(DISTANCE)
    reached, noise = (found[USUAL][kind][place] for kind in ("reached", "noise"))
    run.numbers |= {"reached_30": reached, "noise_30": noise}
    curves: dict[str, Sequence[float]] = {}
    for name in found:
        curves |= {f"{name}: target reached": found[name]["reached"], f"{name}: changed by noise": found[name]["noise"]}
    figure = drawing.lines(
        curves, DISTANCES, xlabel="max_distance (pixels are from 0 to 1)", ylabel="share of the digits (%)"
    )
    run.figure(
        "distance",
        figure,
        title=f"At {DISTANCE}, {reached} % of the digits reach their target; random noise of that size changes {noise} % of "
        "the answers",
        alt="Four lines: for two networks, the share of digits that reach a target, and the share whose answer changes "
        "under random noise, against the largest change of a pixel.",
    )


def by_distance(run: Run, model: nn.Module, images: Array, labels: Array, targets: Array) -> dict[str, Any]:
    """Shares in percent for all distances: targets reached, and answers changed by noise."""
    signs = np.random.default_rng(run.seed).choice(np.array([-1, 1], np.float32), images.shape)
    n_steps = run.choose(quick=15, evening=50, documents=100)
    run.display.expect(len(DISTANCES))
    reached, noise = [], []
    for distance in DISTANCES:
        reached.append(
            percent(answers(run, model, attack(run, model, images, targets, distance, n_steps=n_steps)) == targets)
        )
        noisy = np.clip(images + np.float32(distance) * signs, 0, 1)
        noise.append(percent(answers(run, model, noisy) != labels))
        run.display.advance()
    return {"reached": reached, "noise": noise}


def show_steps(run: Run, model: nn.Module, images: Array, labels: Array) -> None:
    """How many steps each digit needs to become each other digit."""
    means: Array = run.part("steps", lambda: {"means": mean_steps(run, model, images, labels)})["means"]
    shown = [
        [digit, *("" if np.isnan(mean) else round(float(mean), 1) for mean in means[digit])] for digit in range(10)
    ]
    title = (
        f"Mean number of steps of size {STEP_OF_TABLE} to a target (an image that needs more than {MOST_STEPS} counts "
    )
    run.table("steps", title + f"as {MOST_STEPS})", ["digit", *(f"to {target}" for target in range(10))], shown)
    easiest, hardest = (divmod(int(place(means)), N_CLASSES) for place in (np.nanargmin, np.nanargmax))
    figure, axes = drawing.panels(width=6, height=4.4)
    drawing.heatmap(axes[0, 0], means, xlabel="target", ylabel="digit", digits=1)
    run.figure(
        "steps",
        figure,
        title=f"From {easiest[0]} to {easiest[1]} takes the fewest steps ({means[easiest]:.1f}), "
        f"from {hardest[0]} to {hardest[1]} the most ({means[hardest]:.1f})",
        alt="A 10x10 map with numbers: the mean number of steps from each digit to each target.",
    )


def show_transfer(run: Run, networks: Networks, images: Array, labels: Array, targets: Array) -> None:
    """Whether images made for one network deceive another."""
    makers = [(USUAL, 0.0), (USUAL, LEAD), (OTHER_KIND, 0.0), (OTHER_KIND, LEAD)]
    rows = []
    for maker, lead in makers:
        name = f"{maker}, with a lead of {lead:g}" if lead else maker
        part = run.part(f"transfer, {name}", make, run, networks[maker], images, targets, lead)
        for shown, model in networks.items():
            said = answers(run, model, part["images"])
            wrong, target = percent(said != labels), percent(said == targets)
            rows.append([name, shown, len(labels), wrong, target])
            if (name, shown) == (USUAL, OTHER_KIND):
                run.numbers |= {"transfer_wrong": wrong, "transfer_target": target}
    columns = ["made for", "shown to", "images", "wrong (%)", "target (%)"]
    title = f"Images changed by at most {DISTANCE}, shown to other networks. (With a lead: changed on until the "
    run.table("transfer", title + "target's logit is so much larger than the others)", columns, rows)


def make(run: Run, model: nn.Module, images: Array, targets: Array, lead: float) -> dict[str, Any]:
    return {"images": attack_with_lead(run, model, images, targets, lead)}


def show_defence(run: Run, usual: nn.Module, digits: Split, chosen: Examples, targets: Array) -> None:
    """What makes attacks harder, and what it costs on clean digits."""
    part = run.part("train on changed images", train_on_changed, run, digits)
    networks = {
        "usual": usual,
        "trained on changed images": put_weights(new(run, USUAL), part).to(run.device),
        "usual, pixels rounded to 0 or 1": Rounded(usual),
        "usual, mean of 3x3 pixels": Smoothed(usual),
    }
    images, labels = chosen
    found = run.part("defence", lambda: defence(run, networks, images, labels, targets))
    rows = []
    for name, model in networks.items():
        clean = measure(run, model, (digits.test_features, digits.test_targets))[1]
        rows.append([name, round(clean, 1), *found[name]])
    columns = ["network", "clean images (%)", "images made for the usual network (%)", "attacked itself (%)"]
    run.table("defence", f"Accuracy; attacks with max_distance {DEFENCE_DISTANCE}, random targets", columns, rows)
    run.numbers["defended_accuracy"] = rows[1][3]


def defence(run: Run, networks: Networks, images: Array, labels: Array, targets: Array) -> dict[str, Any]:
    """Accuracies on images made for the first network, and on images made for each itself."""
    made = {name: attack(run, model, images, targets, DEFENCE_DISTANCE) for name, model in networks.items()}
    first = next(iter(made.values()))
    return {
        name: [percent(answers(run, model, shown) == labels) for shown in (first, made[name])]
        for name, model in networks.items()
    }


def train_on_changed(run: Run, digits: Split) -> dict[str, Any]:
    """Train on digits, half of which are changed for the network as it is before each epoch."""
    model = new(run, USUAL).to(run.device)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    rng = np.random.default_rng(run.seed)
    n_epochs, n_steps = run.choose(quick=(5, 5), evening=(20, 10), documents=(40, 20))
    for _round in range(n_epochs):
        half = rng.permutation(len(digits.train_targets))[::2]
        targets = (digits.train_targets[half] + rng.integers(1, N_CLASSES, len(half))) % N_CLASSES
        features = digits.train_features.copy()
        features[half] = attack(run, model, features[half], targets, DEFENCE_DISTANCE, STEP_SIZE, n_steps)
        examples = features, digits.train_targets
        train_by_epochs(run, model, examples, optimizer, n_epochs=1, batch_size=20)
    return weights_of(model)
