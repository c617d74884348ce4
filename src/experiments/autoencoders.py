"""autoencoders: what a plain and a denoising autoencoder learn without labels.

Both train on Fashion-MNIST, and so do two with a larger encoder: one more convolution at full size
in front. Then their encoders stay frozen, and a linear layer learns to classify by their codes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from data.split import Array
from src.experiments import drawing
from src.experiments.layers import outputs_of_first_convolution, with_front
from src.experiments.run import Run
from src.experiments.subsets import Subsets, load_subsets
from src.experiments.training import Examples, logits_of, measure, put_weights, train_by_epochs, weights_of

KINDS = ("gaussian", "salt_and_pepper", "zero")
AMOUNTS = (0.5, 0.2, 0.3)
CLASSIFIER_RATE = 0.01  # one linear layer on 32 values learns slowly with Adam's usual 0.001
N_SHOWN = 10
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
    draw_reconstructions(run, images, models["plain"])
    draw_denoised(run, images, models["denoising"])
    draw_maps(run, images, models)
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
        return np.asarray(module.corrupt(clean, KINDS, AMOUNTS, rng)) if noisy else clean.copy()

    losses = module.train_autoencoder(model, features, n_epochs, batch_size=batch_size_of(run), corruption=corruption)
    inputs = corrupted(run, images.test[0], KINDS, AMOUNTS) if noisy else images.test[0]
    return {
        "losses": [float(loss) for loss in losses],
        "test_loss": squared_error(restored(run, model.to(run.device), inputs), images.test[0]),
        **weights_of(model),
    }


def corrupted(run: Run, images: Array, kind: str | Sequence[str], amount: float | Sequence[float]) -> Array:
    """Images with the same noise in every call."""
    rng = np.random.default_rng(run.seed + 1)
    return np.asarray(run.student("autoencoder").corrupt(images, kind, amount, rng))


def restored(run: Run, model: nn.Module, images: Array) -> Array:
    """What an autoencoder makes of images."""
    return logits_of(run, model, images)  # a network's outputs, whatever they mean


def squared_error(images: Array, clean: Array) -> float:
    return float(np.square(images - clean, dtype=np.float64).mean())


def compare_losses(run: Run, images: Subsets, parts: dict[str, dict[str, Any]]) -> None:
    """The table and the figure of mean squared errors."""
    mean = images.train[0].mean(axis=0)
    mean_losses = [squared_error(mean, features) for features, _ in (images.train, images.test)]
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


def draw_reconstructions(run: Run, images: Subsets, model: nn.Module) -> None:
    shown = images.test[0][:N_SHOWN]
    results = restored(run, model, shown)
    figure = drawing.image_grid(
        [*shown[:, 0], *results[:, 0]], columns=N_SHOWN, row_labels=("image", "from its code"), limits=(-1, 1)
    )
    run.figure(
        "reconstructions",
        figure,
        title=f"Test images and what 32 numbers keep of them: error {squared_error(results, shown):.3f}",
        alt="Two rows: ten test images, and below each what the plain autoencoder makes of it.",
    )


def draw_denoised(run: Run, images: Subsets, model: nn.Module) -> None:
    """Two images for each kind of noise: clean, corrupted, restored."""
    noises: dict[str, tuple[Any, Any]] = {
        f"{kind.replace('_', ' ')}\n{amount}": (kind, amount) for kind, amount in zip(KINDS, AMOUNTS, strict=True)
    }
    noises["all three"] = (KINDS, AMOUNTS)
    clean = np.concatenate([images.test[0][2 * place : 2 * place + 2] for place in range(len(noises))])
    noisy = np.concatenate(
        [corrupted(run, clean[2 * place : 2 * place + 2], *noise) for place, noise in enumerate(noises.values())]
    )
    results = restored(run, model, noisy)
    captions = [text for name in noises for text in (name, name)]
    figure = drawing.image_grid(
        [*clean[:, 0], *noisy[:, 0], *results[:, 0]],
        captions,
        columns=len(clean),
        row_labels=("clean", "corrupted", "restored"),
        limits=(-1, 1),
    )
    before, after = (squared_error(some[-2:], clean[-2:]) for some in (noisy, results))
    run.figure(
        "denoised",
        figure,
        title=f"With all three kinds of noise, restoring changes the error from {before:.2f} to {after:.2f}",
        alt="Three rows: clean images, the same with Gaussian noise, salt and pepper, zeroed pixels, or all three, and "
        "what the denoising autoencoder makes of them.",
    )


def draw_maps(run: Run, images: Subsets, models: dict[str, nn.Module]) -> None:
    """The first convolution's feature maps of one image, from three autoencoders."""
    names = ("plain", "plain, another seed", "denoising")
    image = images.test[0][:1]
    maps = [outputs_of_first_convolution(models[name], image)[0] for name in names]
    run.figure(
        "maps",
        grid_of_maps(image[0, 0], maps, names),
        title=f"First convolution: {bright_share(maps[0]):.0f}, {bright_share(maps[1]):.0f} and "
        f"{bright_share(maps[2]):.0f} % of the values are above 0 (plain, another seed, denoising)",
        alt="Three rows: a test image and the feature maps that the first convolution makes of it, in grey, from "
        "the plain autoencoder, from one with other initial weights, and from the denoising one.",
    )


def grid_of_maps(image: Array, maps: Sequence[Array], names: Sequence[str]) -> Figure:
    return drawing.image_grid(
        [picture for channels in maps for picture in (image, *channels)],
        ["image", *map(str, range(1, len(maps[0]) + 1))],
        columns=1 + len(maps[0]),
        row_labels=[name.replace(", ", ",\n") for name in names],
        size=0.6,
    )


def bright_share(maps: Array) -> float:
    return 100 * float((maps > 0).mean())


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
    sizes: list[int | None] = [10, 50, 250, None]
    labelled = [balanced(images.train, size) for size in sizes]
    names = [f"{size} images per class" if size else f"all {len(images.train[1]):,} images" for size in sizes]
    parts = [
        {
            frozen: run.part(
                f"{name}, {'frozen' if frozen else 'alone'}",
                train_few,
                run,
                images,
                train,
                model,
                frozen,
            )["accuracy"]
            for frozen in (True, False)
        }
        for name, train in zip(names, labelled, strict=True)
    ]
    frozen, alone = ([part[kind] for part in parts] for kind in (True, False))
    run.table(
        "labels",
        "Test accuracy (%) with few labels; the encoder learnt from all images without labels",
        ["labels", "frozen encoder and linear layer", "the same layers, from these images alone"],
        [[name, round(one, 2), round(two, 2)] for name, one, two in zip(names, frozen, alone, strict=True)],
    )
    figure = drawing.lines(
        {"frozen encoder and linear layer": frozen, "the same layers, from these images alone": alone},
        [len(train[1]) / 10 for train in labelled],
        xlabel="labelled images per class",
        ylabel="test accuracy (%)",
    )
    ticks = sorted({len(train[1]) / 10 for train in labelled})
    figure.axes[0].set_xscale("log")
    figure.axes[0].set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    figure.axes[0].minorticks_off()
    better = [name for name, one, two in zip(names, frozen, alone, strict=True) if one > two]
    run.figure(
        "labels",
        figure,
        title=f"The frozen encoder does better with: {', '.join(better)}"
        if better
        else "The frozen encoder never does better than learning from the labelled images alone",
        alt="Two lines: the test accuracy against the number of labelled images of each class, for a linear layer on the "
        "frozen encoder, and for the same layers trained from these images alone.",
    )


def balanced(examples: Examples, per_class: int | None) -> Examples:
    """The first examples of each class; all examples for None."""
    if per_class is None:
        return examples
    features, targets = examples
    chosen = np.concatenate([np.flatnonzero(targets == label)[:per_class] for label in range(10)])
    return features[chosen], targets[chosen]


def train_few(run: Run, images: Subsets, train: Examples, model: nn.Module, frozen: bool) -> dict[str, Any]:
    """Train the linear layer, or a whole new network of the same layers, for as many steps."""
    classifier = run.student("autoencoder").EncoderClassifier(model if frozen else new_plain(run)).to(run.device)
    if not frozen:
        classifier.requires_grad_(True)
    n_steps = run.choose(quick=40, evening=1_500, documents=5_000)
    n_epochs = max(1, round(n_steps / -(-len(train[1]) // batch_size_of(run))))
    train_classifier(run, classifier, train, n_epochs)
    return {"accuracy": measure(run, classifier, images.test)[1]}
