"""autoencoders: what a plain and a denoising autoencoder learn without labels.

Both train on Fashion-MNIST, and so do two with a larger encoder: one more convolution at full size
in front. Then their encoders stay frozen, and a linear layer learns to classify by their codes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from data.split import Array
from src.experiments import autoencoder_pictures as pictures
from src.experiments import drawing
from src.experiments.layers import with_front
from src.experiments.run import Run
from src.experiments.subsets import Subsets, load_subsets
from src.experiments.training import Examples, measure, put_weights, train_by_epochs, weights_of

CLASSIFIER_RATE = 0.003  # one linear layer on 32 values: faster than the usual 0.001, and not yet unsteady
Maker = Callable[[Run], nn.Module]


def autoencoders(run: Run) -> None:
    images = load_images(run)
    parts = {
        name: run.part(name, train, run, images, maker, noisy)
        for name, (maker, noisy) in {
            "plain": (new_plain, False),
            "plain, another seed": (new_plain, False),
            "denoising": (new_plain, True),
            "larger, plain": (new_larger, False),
            "larger, denoising": (new_larger, True),
        }.items()
    }
    compare_losses(run, images, parts)
    models = {name: put_weights(maker_of(name)(run), part).to(run.device) for name, part in parts.items()}
    pictures.draw_reconstructions(run, images, models["plain"])
    pictures.draw_denoised(run, images, models["denoising"])
    pictures.draw_maps(run, images, models)
    compare_encoders(run, images, models)
    compare_labels(run, images, models["plain"])


def load_images(run: Run) -> Subsets:
    """Images from -1 to 1. Nothing is chosen here, so there are no validation images."""
    n_train = run.choose(quick=600, evening=12_000, documents=60_000)
    n_test = run.choose(quick=300, evening=5_000, documents=10_000)
    images = load_subsets(run, "FashionMNIST", n_train, 0, n_test)
    return Subsets(*((2 * x - 1, y) for x, y in (images.train, images.valid, images.test)))


def batch_size_of(run: Run) -> int:
    return run.choose(quick=20, evening=32, documents=128)


def maker_of(name: str) -> Maker:
    return new_larger if name.startswith("larger") else new_plain


def new_plain(run: Run) -> nn.Module:
    model: nn.Module = run.student("autoencoder").Autoencoder()
    return model


def new_larger(run: Run) -> nn.Module:
    """The student's autoencoder with one more convolution at full size in front."""
    return with_front(new_plain(run))


def train(run: Run, images: Subsets, maker: Maker, noisy: bool) -> dict[str, Any]:
    """Train an autoencoder by the student's `train_autoencoder`; always on the CPU."""
    module = run.student("autoencoder")
    model = maker(run)
    features = images.train[0]
    n_epochs = run.choose(quick=3, evening=10, documents=20)
    run.display.expect(n_epochs * len(features))
    rng = np.random.default_rng(run.seed)

    def corruption(clean: Array) -> Array:
        run.display.advance(len(clean))
        return np.asarray(module.corrupt(clean, pictures.KINDS, pictures.AMOUNTS, rng)) if noisy else clean.copy()

    losses = module.train_autoencoder(model, features, n_epochs, batch_size=batch_size_of(run), corruption=corruption)
    inputs = pictures.corrupted(run, images.test[0], pictures.KINDS, pictures.AMOUNTS) if noisy else images.test[0]
    return {
        "losses": [float(loss) for loss in losses],
        "test_loss": pictures.squared_error(pictures.restored(run, model.to(run.device), inputs), images.test[0]),
        **weights_of(model),
    }


def compare_losses(run: Run, images: Subsets, parts: dict[str, dict[str, Any]]) -> None:
    """The table and the figure of mean squared errors."""
    mean = images.train[0].mean(axis=0)
    mean_losses = [pictures.squared_error(mean, features) for features, _ in (images.train, images.test)]
    n_epochs = len(parts["plain"]["losses"])
    rows = [[name, round(part["losses"][-1], 4), round(part["test_loss"], 4)] for name, part in parts.items()]
    run.table(
        "losses",
        f"Mean squared error against the clean images (pixels from -1 to 1), {n_epochs} epochs on "
        f"{len(images.train[1])} images",
        ["model", "training loss", "test loss"],
        [["mean training image", *(round(loss, 4) for loss in mean_losses)], *rows],
    )
    figure = drawing.lines(
        {name: parts[name]["losses"] for name in ("plain", "denoising")}, xlabel="epoch", ylabel="mean squared error"
    )
    plot = figure.axes[0]
    plot.axhline(mean_losses[0], color="0.5", linestyle=":", label="mean training image")
    plot.set_ylim(bottom=0)
    plot.legend()
    plain, denoising = (parts[name]["losses"][-1] for name in ("plain", "denoising"))
    run.figure(
        "loss",
        figure,
        title=f"Training loss at the end: plain {plain:.3f}, denoising {denoising:.3f}, mean image {mean_losses[0]:.3f}",
        alt="Two lines: the training loss of the plain and of the denoising autoencoder against the epoch; a dotted "
        "line shows the loss of the mean training image.",
    )
    run.numbers |= {
        "loss_plain": round(parts["plain"]["test_loss"], 4),
        "loss_denoising": round(parts["denoising"]["test_loss"], 4),
        "loss_mean_image": round(mean_losses[1], 4),
    }


def compare_encoders(run: Run, images: Subsets, models: dict[str, nn.Module]) -> None:
    """The table of one linear layer on each frozen encoder."""
    epochs = run.choose(quick=(1, 2), evening=(4, 8), documents=(20, 100))
    torch.manual_seed(run.seed)
    encoders = {
        "plain": models["plain"],
        "denoising": models["denoising"],
        "never trained": new_plain(run),
        "larger, plain": models["larger, plain"],
        "larger, denoising": models["larger, denoising"],
    }
    rows = []
    for name, model in encoders.items():
        part = run.part(f"frozen: {name}", train_frozen, run, images, model, max(epochs))
        rows += [[name, number, round(part["accuracies"][number - 1], 2)] for number in epochs]
        if not name.startswith("larger"):
            key = {"never trained": "untrained"}.get(name, name)
            run.numbers[f"accuracy_{key}"] = round(part["accuracies"][-1], 2)
    run.table(
        "frozen",
        f"A linear layer on frozen codes of 32 numbers, {len(images.train[1])} labelled images",
        ["encoder", "epochs of the linear layer", "test accuracy (%)"],
        rows,
    )


def train_frozen(run: Run, images: Subsets, model: nn.Module, n_epochs: int) -> dict[str, Any]:
    classifier = run.student("autoencoder").EncoderClassifier(model).to(run.device)
    accuracies = train_classifier(run, classifier, images.train, n_epochs, watch=images.test)
    return {"accuracies": accuracies}


def train_classifier(
    run: Run, classifier: nn.Module, train: Examples, n_epochs: int, watch: Examples | None = None
) -> list[float]:
    """Train what is not frozen. Returns the accuracies on `watch`, one for each epoch."""
    learning = [parameter for parameter in classifier.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learning, lr=CLASSIFIER_RATE)
    _, accuracies = train_by_epochs(
        run, classifier, train, optimizer, n_epochs=n_epochs, batch_size=batch_size_of(run), watch=watch
    )
    return accuracies["valid"]


def compare_labels(run: Run, images: Subsets, model: nn.Module) -> None:
    """The table and the figure of few labels, with and without what was learnt without labels."""
    labelled = {f"{size} images per class": balanced(images.train, size) for size in (10, 50, 250)}
    labelled[f"all {len(images.train[1]):,} images"] = images.train
    frozen, alone = (
        [
            run.part(f"{name}, {kind}", train_few, run, images, train, model, kind)["accuracy"]
            for name, train in labelled.items()
        ]
        for kind in ("frozen", "alone")
    )
    run.table(
        "labels",
        "Test accuracy (%) with few labels; the encoder learnt from all images without labels",
        ["labels", "frozen encoder and linear layer", "the same layers, from these images alone"],
        [[name, round(one, 2), round(two, 2)] for name, one, two in zip(labelled, frozen, alone, strict=True)],
    )
    better = [name for name, one, two in zip(labelled, frozen, alone, strict=True) if one > two]
    run.figure(
        "labels",
        pictures.draw_labels([len(train[1]) / 10 for train in labelled.values()], frozen, alone),
        title=f"The frozen encoder does better with: {', '.join(better)}"
        if better
        else "The frozen encoder never does better than learning from the labelled images alone",
        alt="Two lines: the test accuracy against the number of labelled images of each class, for a linear layer on the "
        "frozen encoder, and for the same layers trained from these images alone.",
    )


def balanced(examples: Examples, per_class: int) -> Examples:
    """The first examples of each class."""
    features, targets = examples
    chosen = np.concatenate([np.flatnonzero(targets == label)[:per_class] for label in range(10)])
    return features[chosen], targets[chosen]


def train_few(run: Run, images: Subsets, train: Examples, model: nn.Module, kind: str) -> dict[str, Any]:
    """Train the linear layer, or a whole new network of the same layers, for as many steps."""
    classifier = (
        run.student("autoencoder").EncoderClassifier(model if kind == "frozen" else new_plain(run)).to(run.device)
    )
    if kind == "alone":
        classifier.requires_grad_(True)
    n_steps = run.choose(quick=40, evening=1_500, documents=5_000)
    n_epochs = max(1, round(n_steps / -(-len(train[1]) // batch_size_of(run))))
    train_classifier(run, classifier, train, n_epochs)
    return {"accuracy": measure(run, classifier, images.test)[1]}
