"""Load the data of the exercises as NumPy arrays. Each loader prints which data it gave.

`data.folders` says which folder the data come from. In short: the folder `data_dir`; or the one
that DATA_DIR names; or data/downloads, and if that is empty, a stand-in: real handwritten digits
(`data.digits`) or drawn scenes (`data.scenes`), which need no network. data_dir="offline" asks for
the stand-in. With `download=True` the data are fetched into the folder if they are not there yet.

If a folder is named but lacks the data, that is an error: the loaders never give other data
instead.
"""

from pathlib import Path

import numpy as np

from data import cifar10
from data.cats_dogs import load_cats_dogs_data
from data.digits import FEWEST, enlarge, read_digits
from data.mnist_files import find_folder, read_split
from data.pentagons import load_pentagon_data
from data.scenes import draw_scenes
from data.split import PARTS, Array, Part, Split, to_features
from data.synth import load_synth_data

__all__ = [
    "Split",
    "load_cats_dogs_data",
    "load_cifar10_data",
    "load_fashion_data",
    "load_mnist_data",
    "load_pentagon_data",
    "load_synth_data",
    "load_whole",
    "source_of",
]

N_CLASSES = 10
WHOLE_SCENES: dict[Part, int] = {"train": 200, "test": 50}  # drawn images of each class in `load_whole`


def load_mnist_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """Load handwritten digits, every digit equally often, in random order.

    Training images are drawn from MNIST's 60,000 and test images from its 10,000, so that no image
    is in both. (`load_whole` gives all of them.)

    Args:
        examples_per_class: how many images of each digit, training and test together; at least 1.
        fraction: the share of them that is for training, from 0 to 1, rounded to whole images. With
            1 there are no test images.
        data_dir: the folder that holds MNIST/raw, or "offline"; see the top of this file.
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


def load_cifar10_data(
    examples_per_class: int = 50,
    fraction: float = 0.8,
    data_dir: str | Path | None = None,
    download: bool = False,
    seed: int = 0,
) -> Split:
    """Load CIFAR-10, every class equally often, in random order.

    Arguments and errors are those of `load_mnist_data`. The folder holds CIFAR-10 as torchvision
    keeps it, or as image files: see `data.cifar10`, which also has the names of the classes. The
    stand-in is drawn scenes of the same ten classes.

    Returns:
        As `load_mnist_data`, but features have the shape (N, 3, 32, 32): colour images, channels
        first, as LeNet5(in_channels=3) takes them.
    """
    return _load("load_cifar10_data", "CIFAR10", examples_per_class, fraction, data_dir, download, seed)


def load_whole(name: str, data_dir: str | Path | None = None, download: bool = False) -> Split:
    """Load all of a data set, in the order of its files.

    MNIST has 60,000 training and 10,000 test images, Fashion-MNIST too; CIFAR-10 has 50,000 and
    10,000. The digits of MNIST are NOT equally frequent: there are 5,421 fives and 6,742 ones to
    train on. The stand-ins are smaller: the 1,797 offline digits, each once, or 2,500 scenes.

    Args:
        name: "MNIST", "FashionMNIST" or "CIFAR10".
        data_dir: the folder, as for the other loaders.
        download: whether to fetch the data set if it is not in the folder yet.

    Returns:
        As the data set's own loader. All of CIFAR-10 takes 740 MB.

    Raises:
        ValueError: for another name, or if a file is damaged.
        FileNotFoundError: if the folder that you name lacks the data set.
        OSError: if a download fails.
    """
    found = _find(name, data_dir, download)
    train, test = (_all_examples(name, found, part) for part in PARTS)
    split = Split(to_features(train[0]), to_features(test[0]), train[1], test[1])
    print(_sentence("load_whole", name, found, split))
    return split


def source_of(name: str, data_dir: str | Path | None = None) -> str:
    """Tell which data a loader would give without downloading.

    Args:
        name: "MNIST", "FashionMNIST" or "CIFAR10".
        data_dir: the folder, as for the loaders.

    Returns:
        `name` itself, or the stand-in: "digits" for the offline digits, "scenes" for drawn scenes.

    Raises:
        FileNotFoundError: as the loaders do.
        ValueError: for another name.
    """
    stand_in = "scenes" if name == "CIFAR10" else "digits"
    return name if _find(name, data_dir, download=False) else stand_in


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
    found = _find(name, data_dir, download)
    train_rng, test_rng = np.random.default_rng(seed).spawn(2)
    train_features, train_targets = _examples(name, found, "train", n_train, train_rng)
    test_features, test_targets = _examples(name, found, "test", n_test, test_rng)
    split = Split(train_features, test_features, train_targets, test_targets)
    repeats = n_train > FEWEST["train"] or n_test > FEWEST["test"]
    print(_sentence(loader, name, found, split, repeats))
    return split


def _find(name: str, data_dir: str | Path | None, download: bool) -> Path | None:
    """Where a data set is, or None for its stand-in."""
    find = cifar10.find_cifar10 if name == "CIFAR10" else lambda *given: find_folder(name, *given)
    return find(data_dir, download)


def _counts(examples_per_class: int, fraction: float) -> tuple[int, int]:
    """How many training and test images of each class."""
    if not isinstance(examples_per_class, int | np.integer) or examples_per_class < 1:
        raise ValueError(f"examples_per_class is {examples_per_class!r}. Ask for a whole number of at least 1.")
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction!r}. Give the share of training images as a number from 0 to 1.")
    n_train = round(examples_per_class * fraction)
    return n_train, int(examples_per_class) - n_train


def _examples(
    name: str, found: Path | None, part: Part, per_class: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    if found is None:
        return _stand_in(name, part, per_class, rng)
    images, labels = _all_examples(name, found, part)
    available = np.bincount(labels, minlength=N_CLASSES)
    if available.min() < per_class:
        kind = "training" if part == "train" else "test"
        raise ValueError(
            f"examples_per_class and fraction ask for {per_class} {kind} images of each class, but {_place(name, found)} "
            f"has only {available.min()} of class {available.argmin()}. Ask for fewer."
        )
    chosen = _draw(labels, per_class, rng)
    return to_features(images[chosen]), labels[chosen]


def _stand_in(name: str, part: Part, per_class: int, rng: np.random.Generator) -> tuple[Array, Array]:
    if name == "CIFAR10":
        labels = rng.permutation(np.repeat(np.arange(N_CLASSES), per_class))
        return to_features(draw_scenes(labels, rng)), labels
    images, labels = read_digits(part)
    chosen = _draw(labels, per_class, rng)
    return enlarge(images[chosen], rng), labels[chosen]


def _all_examples(name: str, found: Path | None, part: Part) -> tuple[Array, Array]:
    """All images of a data set or its stand-in, uint8 or float32 in [0, 1], and their labels."""
    if found is not None:
        return cifar10.read_split(found, part) if name == "CIFAR10" else read_split(name, found, part)
    rng = np.random.default_rng(PARTS.index(part))
    if name == "CIFAR10":
        labels = rng.permutation(np.repeat(np.arange(N_CLASSES), WHOLE_SCENES[part]))
        return draw_scenes(labels, rng), labels
    images, labels = read_digits(part)
    return enlarge(images, rng), labels


def _draw(labels: Array, per_class: int, rng: np.random.Generator) -> Array:
    """Shuffled indices of `per_class` examples of each class. If it has fewer, they repeat."""
    orders = [rng.permutation(np.flatnonzero(labels == label)) for label in range(N_CLASSES)]
    return rng.permutation(np.concatenate([np.resize(order, per_class) for order in orders]))


def _place(name: str, found: Path) -> Path:
    return found if name == "CIFAR10" else found / name


def _sentence(loader: str, name: str, found: Path | None, split: Split, repeats: bool = False) -> str:
    n_train, n_test = len(split.train_targets), len(split.test_targets)
    return f"{loader}: {n_train} training and {n_test} test images {_origin(name, found, repeats)}"


def _origin(name: str, found: Path | None, repeats: bool) -> str:
    if found is not None:
        return f"of {name} from {found}."
    if name == "CIFAR10":
        return "drawn offline: simple scenes, NOT photographs, of CIFAR-10's ten classes. For CIFAR-10 pass data_dir."
    warning = "; NOT clothing, but 10 classes and the same shapes" if name == "FashionMNIST" else ""
    if repeats:
        warning = f" (several versions of some digits, never in both parts){warning}"
    return (
        f"made offline from scikit-learn's 1,797 handwritten digits, enlarged and jittered{warning}. "
        f"For {name} pass data_dir or download=True."
    )
