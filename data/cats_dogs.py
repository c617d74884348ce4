"""Cats and dogs: colour images of 64x64 pixels, in three parts that never overlap.

They come from a folder or a zip that holds a folder named cat or cats and a folder named dog or
dogs, as it is or below folders train, valid and test (or training, val, validation, testing; upper
and lower case are alike). The images may have any size. They are decoded once and kept, see
`data.decoded`.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from data import cifar10
from data.decoded import Arrays, kept
from data.folders import find
from data.image_files import Files, decode, is_image, resized
from data.scenes import draw_scenes
from data.split import Part, to_features
from data.three_parts import (
    TEST,
    TRAIN,
    VALID,
    Pictures,
    ThreeParts,
    check_fractions,
    draw,
    split_off,
    without_repeats,
)

KINDS = {"cat": 0, "cats": 0, "dog": 1, "dogs": 1}  # labels by the names of folders
PARTS = {
    "train": TRAIN,
    "training": TRAIN,
    "valid": VALID,
    "validation": VALID,
    "val": VALID,
    "test": TEST,
    "testing": TEST,
}
CAT, DOG = cifar10.CLASSES.index("cat"), cifar10.CLASSES.index("dog")
SIDE = 64  # pixels
DRAWN = 250  # drawn cats, and drawn dogs, if the caller names no number
LAYOUT = "folders cat and dog, a folder or zip of them with both words in its name, or CIFAR-10"


def load_cats_dogs_data(
    examples_per_class: int | None = None,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    data_dir: str | Path | None = None,
    seed: int = 0,
) -> ThreeParts:
    """Load images of cats (label 0) and dogs (label 1), in random order.

    The top of this file says how the files should lie. The folder `data_dir` may hold the folders
    of cats and dogs itself, or a folder or zip with "cat" and "dog" in its name, or CIFAR-10, of
    which the cats and dogs are used. The stand-in is drawn cats and dogs.

    Args:
        examples_per_class: how many cats and how many dogs, all parts together; None for all.
        fractions: the shares of training, validation and test images. They say how many of each to
            draw, and how large a part becomes that has no folder and is split off.
        data_dir: the folder or zip, or "offline"; see `data.folders`.
        seed: decides which images are drawn, the split and the order. With the same seed and
            fractions, more examples per class contain those of fewer.

    Returns:
        (train_features, valid_features, test_features, train_targets, valid_targets, test_targets).
        Features are float32 in [0, 1] of shape (N, 3, 64, 64), channels first; targets are int64 of
        shape (N,). No image is in two parts, and none is in a part twice: repeats are left out.

    Raises:
        ValueError: if an argument is out of range, an image is damaged, or there are too few.
        FileNotFoundError: if the folder that you name holds no cats and dogs.
    """
    _check_count(examples_per_class)
    check_fractions(fractions)
    draw_rng, split_rng, order_rng = np.random.default_rng(seed).spawn(3)
    found = find("cats-dogs", LAYOUT, _locate, data_dir)
    pictures = _read(found) if found else _drawn(examples_per_class or DRAWN, draw_rng)
    once = without_repeats(pictures)
    chosen = split_off(once, fractions, split_rng)
    if examples_per_class is not None:
        chosen = draw(chosen, examples_per_class, fractions, draw_rng)
    _tell(chosen, _origin(found, len(pictures.labels) - len(once.labels)))
    return _in_parts(chosen, order_rng)


def _check_count(examples_per_class: object) -> None:
    if examples_per_class is None or (isinstance(examples_per_class, int | np.integer) and examples_per_class >= 1):
        return
    raise ValueError(f"examples_per_class is {examples_per_class!r}. Ask for a whole number of at least 1, or None.")


def _tell(chosen: Pictures, origin: str) -> None:
    n_train, n_valid, n_test = np.bincount(chosen.parts, minlength=3).tolist()
    print(f"load_cats_dogs_data: {n_train} training, {n_valid} validation and {n_test} test images {origin}.")


def _in_parts(pictures: Pictures, rng: np.random.Generator) -> ThreeParts:
    """The parts as a network takes them, each in random order."""
    orders = [rng.permutation(np.flatnonzero(pictures.parts == part)) for part in (TRAIN, VALID, TEST)]
    train, valid, test = (pictures.only(order) for order in orders)
    return ThreeParts(
        to_features(resized(train.images, SIDE)),
        to_features(resized(valid.images, SIDE)),
        to_features(resized(test.images, SIDE)),
        train.labels,
        valid.labels,
        test.labels,
    )


def _origin(found: Path | None, n_repeats: int) -> str:
    if found is None:
        return "of cats and dogs drawn offline, NOT photographs. For photographs pass data_dir"
    repeats = f"; images left out because they are there twice: {n_repeats}" if n_repeats else ""
    kind = "CIFAR-10's cats and dogs, enlarged from 32x32 pixels," if _is_cifar10(found) else "cats and dogs"
    return f"of {kind} from {found}{repeats}"


def _locate(folder: Path) -> Path | None:
    """The cats and dogs in a folder, or the folder or zip itself; None if they are not there."""
    if folder.is_file() or _has_both(folder):
        return folder
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    named = (path for path in inside if "cat" in path.name.lower() and "dog" in path.name.lower())
    usable = (path for path in named if path.is_dir() or path.suffix.lower() == ".zip")
    return next(usable, None) or cifar10.locate(folder)


def _has_both(folder: Path) -> bool:
    """Whether a folder, or its folder train, holds a folder of cats and a folder of dogs."""
    if not folder.is_dir():
        return False
    inside = {path.name.lower(): path for path in folder.iterdir() if path.is_dir()}
    if {KINDS.get(name) for name in inside} >= {0, 1}:
        return True
    return any(_has_both(path) for name, path in inside.items() if PARTS.get(name) == TRAIN)


def _is_cifar10(found: Path) -> bool:
    return found.name == cifar10.BATCHES or cifar10.NAME.match(found.name) is not None


def _read(found: Path) -> Pictures:
    if _is_cifar10(found):
        train, test = (_cats_and_dogs_of_cifar10(found, "train"), _cats_and_dogs_of_cifar10(found, "test"))
        return Pictures(*(np.concatenate(arrays) for arrays in zip(train, test, strict=True)))
    arrays = kept("cats-dogs", found, Pictures._fields, lambda: _read_files(Files(found)))
    return Pictures(**arrays)


def _cats_and_dogs_of_cifar10(found: Path, part: Part) -> Pictures:
    images, labels = cifar10.read_split(found, part)
    chosen = (labels == CAT) | (labels == DOG)
    is_dog = (labels[chosen] == DOG).astype(np.int64)
    return Pictures(images[chosen], is_dog, np.full(len(is_dog), TRAIN if part == "train" else TEST))


def _read_files(files: Files) -> Arrays:
    names = [name for name in files.names if is_image(name) and _last_of(KINDS, name) is not None]
    labels = np.array([_last_of(KINDS, name) for name in names], np.int64)
    parts = np.array([_last_of(PARTS, name) or TRAIN for name in names], np.int64)
    if set(labels.tolist()) != {0, 1}:
        raise ValueError(
            f"{files.path} should hold a folder cat or cats and a folder dog or dogs, with images in both."
        )
    return {"images": decode(files, names, SIDE, resize=True), "labels": labels, "parts": parts}


def _last_of(known: Mapping[str, int], name: str) -> int | None:
    """What the innermost folder of an image's name that is known stands for."""
    folders = reversed(PurePosixPath(name.lower()).parts[:-1])
    return next((known[folder] for folder in folders if folder in known), None)


def _drawn(per_class: int, rng: np.random.Generator) -> Pictures:
    labels = np.repeat(np.arange(2), per_class)
    images = draw_scenes(np.where(labels == 1, DOG, CAT), rng, SIDE)
    return Pictures(images, labels, np.full(len(labels), TRAIN))
