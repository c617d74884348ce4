"""Load the data of the exercises as NumPy arrays. Each loader prints which data it gave.

Images come from the first of these that applies:

1. the folder `data_dir`, or if it is None, the folder that the environment variable DATA_DIR names;
2. the folder data/downloads;
3. with `download=True`, the internet, if the data are not there yet. They are saved in the folder
   of 1 or 2;
4. if no folder is named and nothing was downloaded: real handwritten digits that need no network,
   see `data.digits`.

If a folder is named but lacks the data, that is an error: the loaders never give other data
instead.
"""

from pathlib import Path

import numpy as np

from data.digits import enlarge, read_digits
from data.mnist_files import find_folder, read_split
from data.pentagons import load_pentagon_data
from data.split import Array, Part, Split
from data.synth import load_synth_data

__all__ = ["Split", "load_fashion_data", "load_mnist_data", "load_pentagon_data", "load_synth_data", "source_of"]

N_CLASSES = 10


def load_mnist_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """Load handwritten digits, every digit equally often, in random order.

    Training images are drawn from MNIST's 60,000 and test images from its 10,000, so that no image
    is in both.

    Args:
        examples_per_class: how many images of each digit, training and test together; at least 1.
        fraction: the share of them that is for training, from 0 to 1, rounded to whole images. With
            1 there are no test images.
        data_dir: the folder that holds MNIST/raw; see the top of this file for what None means.
        download: whether to fetch MNIST if it is not in the folder yet.
        seed: decides which images are drawn, and their order. With the same seed and fraction, more
            examples per class contain those of fewer. (Of the offline digits this is true only
            while there are enough originals, and each is jittered in a new way.)

    Returns:
        (train_features, test_features, train_targets, test_targets). Features are float32 in [0, 1]
        of shape (N, 28, 28); targets are int64 from 0 to 9, of shape (N,).

    Raises:
        ValueError: if an argument is out of range, if a file is damaged, or if you ask for more
            images than there are. (The offline digits have no limit.)
        FileNotFoundError: if the folder that you name lacks MNIST.
        OSError: if a download fails.
    """
    return _load("load_mnist_data", "MNIST", examples_per_class, fraction, data_dir, download, seed)


def load_fashion_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """Load Fashion-MNIST, every class equally often, in random order.

    Arguments, results and errors are those of `load_mnist_data`. Without a network there are no
    images of clothing: you get digits then, with the same shapes and the same number of classes.
    """
    return _load("load_fashion_data", "FashionMNIST", examples_per_class, fraction, data_dir, download, seed)


def source_of(name: str, data_dir: str | Path | None = None) -> str:
    """Tell which data a loader would give without downloading.

    Args:
        name: "MNIST" or "FashionMNIST".
        data_dir: the folder, as for the loaders.

    Returns:
        `name` itself, or "digits" for the offline digits.

    Raises:
        FileNotFoundError: as the loaders do.
        ValueError: for another name.
    """
    return name if find_folder(name, data_dir, download=False) else "digits"


def _load(
    loader: str,
    name: str,
    examples_per_class: int,
    fraction: float,
    data_dir: str | Path | None,
    download: bool,
    seed: int,
) -> Split:
    n_train, n_test = _counts(examples_per_class, fraction)
    folder = find_folder(name, data_dir, download)
    train_rng, test_rng = np.random.default_rng(seed).spawn(2)
    train_features, train_targets = _examples(name, folder, "train", n_train, train_rng)
    test_features, test_targets = _examples(name, folder, "test", n_test, test_rng)
    print(f"{loader}: {len(train_targets)} training and {len(test_targets)} test images {_origin(name, folder)}")
    return Split(train_features, test_features, train_targets, test_targets)


def _counts(examples_per_class: int, fraction: float) -> tuple[int, int]:
    """How many training and test images of each class."""
    if not isinstance(examples_per_class, int | np.integer) or examples_per_class < 1:
        raise ValueError(f"examples_per_class is {examples_per_class!r}. Ask for a whole number of at least 1.")
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction!r}. Give the share of training images as a number from 0 to 1.")
    n_train = round(examples_per_class * fraction)
    return n_train, int(examples_per_class) - n_train


def _examples(
    name: str, folder: Path | None, part: Part, per_class: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    if folder is None:
        images, labels = read_digits(part)
        chosen = _draw(labels, per_class, rng)
        return enlarge(images[chosen], rng), labels[chosen]
    images, labels = read_split(name, folder, part)
    available = np.bincount(labels, minlength=N_CLASSES)
    if available.min() < per_class:
        kind = "training" if part == "train" else "test"
        raise ValueError(
            f"examples_per_class and fraction ask for {per_class} {kind} images of each class, but {folder / name} "
            f"has only {available.min()} of class {available.argmin()}. Ask for fewer."
        )
    chosen = _draw(labels, per_class, rng)
    return images[chosen].astype(np.float32) / 255, labels[chosen]


def _draw(labels: Array, per_class: int, rng: np.random.Generator) -> Array:
    """Shuffled indices of `per_class` examples of each class. If it has fewer, they repeat."""
    orders = [rng.permutation(np.flatnonzero(labels == label)) for label in range(N_CLASSES)]
    return rng.permutation(np.concatenate([np.resize(order, per_class) for order in orders]))


def _origin(name: str, folder: Path | None) -> str:
    if folder is not None:
        return f"of {name} from {folder}."
    warning = "; NOT clothing, but 10 classes and the same shapes" if name == "FashionMNIST" else ""
    return (
        f"made offline from scikit-learn's 1,797 handwritten digits, enlarged and jittered{warning}. "
        f"For {name} pass data_dir or download=True."
    )
