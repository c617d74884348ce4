"""tsne: three data sets drawn in the plane, so that images with similar pixels lie close together.

t-SNE (van der Maaten and Hinton, 2008) is scikit-learn's. It sees no labels. If the nearest
neighbour of most images has another class, the pixels alone don't tell the classes apart.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from data.cifar10 import CLASSES
from data.load_data import Split, load_cifar10_data, load_fashion_data, load_mnist_data, source_of
from data.split import Array
from src.experiments import drawing
from src.experiments.run import Run

LOADERS: dict[str, Callable[..., Split]] = {
    "MNIST": load_mnist_data,
    "Fashion-MNIST": load_fashion_data,
    "CIFAR-10": load_cifar10_data,
}
KEYS = {"MNIST": "mnist", "Fashion-MNIST": "fashion", "CIFAR-10": "cifar10"}
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
N_COMPONENTS = 50  # as the authors of t-SNE do: fewer dimensions first, by principal components
COLOURS = "tab10"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


def tsne(run: Run) -> None:
    """Embed some images of each data set, and compare neighbours."""
    parts = {name: run.part(name, embed, run, name) for name in LOADERS}
    for part in parts.values():
        run.data += [line for line in part["data"] if line not in run.data]
    rows = [[name, len(part["labels"]), part["plane"], part["pixels"]] for name, part in parts.items()]
    title = "Share of images whose nearest neighbour has the same class"
    run.table("neighbours", title, ["data set", "images", "in the plane (%)", "by pixels (%)"], rows)
    run.numbers |= {f"same_class_{KEYS[name]}": part["plane"] for name, part in parts.items()}
    shares = {name: part["plane"] for name, part in parts.items()}
    worst = min(shares, key=lambda name: shares[name])
    run.figure(
        "tsne",
        draw(parts, {name: class_names(run, name) for name in parts}),
        title=f"{worst} is the least separable: {shares[worst]:.0f} % of its images lie next to one of their class "
        f"({', '.join(f'{name} {share:.0f} %' for name, share in shares.items() if name != worst)})",
        alt="Three panels of points in the plane, one for each image, with a colour and a marker for each class.",
    )


def embed(run: Run, name: str) -> dict[str, Any]:
    """The images' places in the plane, and how often neighbours agree."""
    before = len(run.data)
    per_class = run.choose(quick=20, evening=150, documents=300)
    split = run.load(LOADERS[name], per_class, 1.0, seed=run.seed)
    pixels, labels = split.train_features.reshape(len(split.train_targets), -1), split.train_targets
    reduced = PCA(N_COMPONENTS, random_state=run.seed).fit_transform(pixels)
    perplexity = min(30, len(labels) / 10)
    places = TSNE(perplexity=perplexity, init="pca", random_state=run.seed).fit_transform(reduced)
    return {
        "places": places,
        "labels": labels,
        "plane": same_class(places, labels),
        "pixels": same_class(pixels, labels),
        "data": run.data[before:],
    }


def same_class(points: Array, labels: Array) -> float:
    """The share of points whose nearest neighbour has the same label, in percent.

    Args:
        points: shape (N, dimensions).
        labels: shape (N,).
    """
    # without points to ask about, each point's own place does not count as its neighbour
    neighbours = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)[:, 0]
    return round(float(np.mean(labels[neighbours] == labels)) * 100, 1)


def class_names(run: Run, name: str) -> Sequence[str]:
    """The names of a data set's classes; a stand-in may have others."""
    if name == "CIFAR-10":
        return CLASSES
    clothes = name == "Fashion-MNIST" and source_of("FashionMNIST", run.data_dir) == "FashionMNIST"
    return CLOTHES if clothes else [str(digit) for digit in range(10)]


def draw(parts: dict[str, dict[str, Any]], names: dict[str, Sequence[str]]) -> Figure:
    figure, axes = drawing.panels(columns=3, width=3.6, height=4.6)
    for place, (name, part) in zip(axes[0], parts.items(), strict=True):
        for label, kind in enumerate(names[name]):
            x, y = part["places"][part["labels"] == label].T
            colour = colormaps[COLOURS](label)
            place.scatter(x, y, s=9, color=colour, marker=MARKERS[label], linewidths=0, label=kind)
        place.set(title=name, xticks=[], yticks=[], xlabel="first coordinate (no unit)", ylabel="second coordinate")
        place.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, fontsize=8, markerscale=1.5)
    return figure
