"""CIFAR-10 in a folder: where it is, and how to read it.

Two layouts are understood: torchvision's own (cifar-10-batches-py/), and a tree of image files,
train/<class>/*.jpg and test/<class>/*.jpg, as a folder or as a zip whose name begins with cifar10
or cifar-10. Image files are decoded once and kept, see `data.decoded`.
"""

import re
from pathlib import Path, PurePosixPath

import numpy as np

from data.decoded import Arrays, kept
from data.downloading import download as fetch
from data.folders import find
from data.image_files import Files, decode, is_image
from data.split import PARTS, Array, Part
from data.torchvision_cpu import import_torchvision

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = "cifar-10-batches-py"  # torchvision's folder
BATCH_FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta")
NAME = re.compile(r"cifar-?_?10(?!\d)", re.IGNORECASE)
SIDE = 32  # pixels


def find_cifar10(data_dir: str | Path | None = None, download: bool = False) -> Path | None:
    """Find CIFAR-10.

    Args:
        data_dir: the folder, see `data.folders`.
        download: whether to fetch it through torchvision if it is not there yet.

    Returns:
        torchvision's folder, or the folder or zip of image files, or None for the stand-in.

    Raises:
        FileNotFoundError: if a named folder lacks CIFAR-10.
        OSError: if a download fails.
    """
    layout = (
        f"{BATCHES} with its seven files, or a folder or zip cifar10 with train/<class>/*.jpg and test/<class>/*.jpg"
    )
    fetch_it = (lambda folder: fetch("CIFAR10", folder)) if download else None
    return find("CIFAR10", layout, locate, data_dir, fetch_it)


def locate(folder: Path) -> Path | None:
    """CIFAR-10 in a folder, or the folder or zip itself; None if it is not there."""
    for path in (folder / BATCHES, folder):
        if path.name == BATCHES and all((path / file).is_file() for file in BATCH_FILES):
            return path
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    candidates = [folder, *(path for path in inside if NAME.match(path.name))]
    return next((path for path in candidates if _is_tree(path)), None)


def _is_tree(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() == ".zip"
    return all((path / part / CLASSES[0]).is_dir() for part in PARTS)


def read_split(found: Path, part: Part) -> tuple[Array, Array]:
    """Read all training or all test examples.

    Args:
        found: what `find_cifar10` found.
        part: "train" or "test".

    Returns:
        Images, uint8 of shape (N, 32, 32, 3), and their labels, int64 of shape (N,), from 0 to 9 in
        the order of `CLASSES`.

    Raises:
        ValueError: if a file is damaged or missing, or has another size; the text names it.
    """
    if found.name == BATCHES:
        return _read_batches(found, part)
    wanted = (part, f"{part}_labels")
    arrays = kept("CIFAR10", found, wanted, lambda: _read_tree(Files(found)))
    return arrays[part], arrays[f"{part}_labels"]


def _read_batches(found: Path, part: Part) -> tuple[Array, Array]:
    try:
        data_set = import_torchvision().datasets.CIFAR10(str(found.parent), train=part == "train")
    except (RuntimeError, OSError) as error:
        raise ValueError(
            f"{found} is not a complete CIFAR-10 ({error}). Delete the folder and fetch it again with download=True."
        ) from error
    return np.asarray(data_set.data), np.array(data_set.targets, np.int64)


def _read_tree(files: Files) -> Arrays:
    arrays: dict[str, Array] = {}
    for part in PARTS:
        names, labels = _names_and_labels(files, part)
        arrays[part] = decode(files, names, SIDE)
        arrays[f"{part}_labels"] = np.array(labels, np.int64)
    return arrays


def _names_and_labels(files: Files, part: Part) -> tuple[list[str], list[int]]:
    """The images of a part, and the number of the folder that each lies in."""
    names, labels = [], []
    for name in filter(is_image, files.names):
        *_, parent, kind, _ = ("", "", *PurePosixPath(name).parts)
        if parent == part and kind in CLASSES:
            names.append(name)
            labels.append(CLASSES.index(kind))
    missing = [kind for label, kind in enumerate(CLASSES) if label not in labels]
    if missing:
        raise ValueError(f"{files.path} holds no images {part}/{missing[0]}/*.jpg. Is this CIFAR-10 as image files?")
    return names, labels
