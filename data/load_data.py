"""Load the data of the exercises as NumPy arrays; each loader prints which data it gave.

Where images come from, the first that applies:

1. the folder `data_dir`, else the one that the environment variable DATA_DIR names;
2. the folder data/downloads;
3. with `download=True`, the internet, into the folder of 1 or 2 (only if the data are not there yet);
4. neither given nor downloaded: real handwritten digits that need no network, see `data.digits`.

A folder that was named but lacks the data is an error, never a reason to give other data.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.digits import enlarge, read_digits
from data.mnist_files import find_folder, read_split
from data.pentagons import load_pentagon_data
from data.synth import load_synth_data

__all__ = ["load_fashion_data", "load_mnist_data", "load_pentagon_data", "load_synth_data", "source_of"]

Array = npt.NDArray[Any]
Split = tuple[Array, Array, Array, Array]

N_CLASSES = 10


def load_mnist_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """MNIST with every digit equally often: (train_features, test_features, train_targets, test_targets).

    Features are float32 in [0, 1], shape (N, 28, 28); targets are int64 in 0..9, shape (N,).

    examples_per_class: how many images of each digit in all, training and test together.
    fraction: the share of them, 0 to 1, that is for training (rounded to whole images); 1 leaves no test images.
    Training images are drawn from MNIST's 60,000, test images from its 10,000, so nothing serves both.
    seed: decides which images are drawn and their order.  With the same seed and fraction, more examples per class
    contain those of fewer (for the offline digits only while each digit's originals last, and jittered anew).

    Raises ValueError for arguments out of range, for more images than there are (the offline digits have no limit) and
    for damaged files, FileNotFoundError if the named folder lacks MNIST, and OSError if a download fails.
    """
    return _load("load_mnist_data", "MNIST", examples_per_class, fraction, data_dir, download, seed)


def load_fashion_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """Fashion-MNIST with every class equally often; arguments, results and errors are those of `load_mnist_data`.

    There is no clothing offline: what stands in then is digits, of the same shapes and as many classes.
    """
    return _load("load_fashion_data", "FashionMNIST", examples_per_class, fraction, data_dir, download, seed)


def source_of(name: str, data_dir: str | Path | None = None) -> str:
    """What a loader would give without downloading: `name` itself, or "digits" for the offline stand-in.

    name: "MNIST" or "FashionMNIST".  Raises FileNotFoundError as the loaders do, and ValueError for another name.
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
    train_features, train_targets = _examples(name, folder, True, n_train, train_rng)
    test_features, test_targets = _examples(name, folder, False, n_test, test_rng)
    print(f"{loader}: {len(train_targets)} training and {len(test_targets)} test images {_origin(name, folder)}")
    return train_features, test_features, train_targets, test_targets


def _counts(examples_per_class: int, fraction: float) -> tuple[int, int]:
    """How many training and test images of each class."""
    if not isinstance(examples_per_class, int | np.integer) or examples_per_class < 1:
        raise ValueError(f"examples_per_class is {examples_per_class!r}. Ask for a whole number of at least 1.")
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction!r}. Give the share of training images as a number from 0 to 1.")
    n_train = round(examples_per_class * fraction)
    return n_train, int(examples_per_class) - n_train


def _examples(
    name: str, folder: Path | None, train: bool, per_class: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    if folder is None:
        images, labels = read_digits(train)
        chosen = _draw(labels, per_class, rng)
        return enlarge(images[chosen], rng), labels[chosen]
    images, labels = read_split(name, folder, train)
    available = np.bincount(labels, minlength=N_CLASSES)
    if available.min() < per_class:
        part = "training" if train else "test"
        raise ValueError(
            f"examples_per_class and fraction ask for {per_class} {part} images of each class, but {folder / name} "
            f"has only {available.min()} of class {available.argmin()}. Ask for fewer."
        )
    chosen = _draw(labels, per_class, rng)
    return images[chosen].astype(np.float32) / 255, labels[chosen]


def _draw(labels: Array, per_class: int, rng: np.random.Generator) -> Array:
    """Indices of `per_class` examples of each class, shuffled; a class with fewer is gone through again and again."""
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
