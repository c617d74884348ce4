"""MNIST and Fashion-MNIST in a folder: where the folder is, how to fill it, and how to read it.

A data folder has the layout of torchvision's data sets: MNIST/raw/train-images-idx3-ubyte and so
on.
"""

import math
from pathlib import Path

import numpy as np

from data.downloading import download as fetch
from data.folders import place_of
from data.split import Array, Part

NAMES = ("MNIST", "FashionMNIST")  # the names of torchvision's classes and of its folders
FILES: dict[Part, tuple[str, str]] = {  # images, labels
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
ADVICE = "Delete the file and fetch it again with download=True, or pass another data_dir."


def find_folder(name: str, data_dir: str | Path | None = None, download: bool = False) -> Path | None:
    """Find the folder that holds a data set.

    Args:
        name: "MNIST" or "FashionMNIST".
        data_dir: the folder. If it is None, the environment variable DATA_DIR names the folder; if
            that is not set either, the folder is data/downloads. "offline" asks for the offline
            digits.
        download: whether to fetch the data set into the folder if it is not there yet.

    Returns:
        The folder, or None for the offline digits: if you ask for them, or if data/downloads is
        empty.

    Raises:
        FileNotFoundError: if a named folder lacks the data set, or any folder a part of it.
        OSError: if a download fails.
        ValueError: for another name.
    """
    if name not in NAMES:
        raise ValueError(f"There is no data set {name!r} here. Ask for one of {', '.join(NAMES)}.")
    place = place_of(data_dir)
    if place is None:
        return None
    folder = place.folder
    paths = _paths(name, folder)
    missing = [path for path in paths if not path.is_file()]
    if missing and download:
        fetch(name, folder)
    elif missing and (place.named or len(missing) < len(paths)):
        raise FileNotFoundError(
            f"{place.source} is {folder}, but {missing[0]} is missing. Give the folder that holds {name}/raw, pass "
            f'download=True to fetch {name} into it, or pass data_dir="offline" to work with the offline digits.'
        )
    elif missing:
        return None
    return folder


def read_split(name: str, folder: Path, part: Part) -> tuple[Array, Array]:
    """Read all training or all test examples, in the order of the files.

    Args:
        name: "MNIST" or "FashionMNIST".
        folder: the folder that holds it.
        part: "train" or "test".

    Returns:
        Images, uint8 of shape (N, 28, 28), and their labels, int64 of shape (N,), from 0 to 9.

    Raises:
        ValueError: if a file is truncated, is something else, or does not fit the other; the text
            names the file.
    """
    images_path, labels_path = (folder / name / "raw" / file for file in FILES[part])
    images = _read_idx(images_path, "images", n_axes=3)
    labels = _read_idx(labels_path, "labels", n_axes=1).astype(np.int64)
    if images.shape[1:] != (28, 28):
        height, width = images.shape[1:]
        raise ValueError(f"{images_path} holds {height}x{width} images instead of 28x28. {ADVICE}")
    if len(images) != len(labels):
        raise ValueError(f"{labels_path} holds {len(labels)} labels for {len(images)} images beside it. {ADVICE}")
    if labels.max(initial=0) > 9:
        raise ValueError(f"{labels_path} holds the label {labels.max()}; labels are 0 to 9. {ADVICE}")
    return images, labels


def _read_idx(path: Path, kind: str, n_axes: int) -> Array:
    """Read an array of unsigned bytes from an idx file, the format of the MNIST database.

    The header is the magic number 0, 0, 8 (unsigned bytes), n_axes, and then the length of each
    axis as a big-endian integer of 4 bytes.
    """
    content = path.read_bytes()
    start = 4 + 4 * n_axes
    if content[:4] == bytes([0, 0, 8, n_axes]) and len(content) >= start:
        shape = np.frombuffer(content, ">u4", n_axes, offset=4).tolist()
        if len(content) == start + math.prod(shape):
            return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
    raise ValueError(f"{path} ({len(content)} bytes) is not a complete idx file of {kind}. {ADVICE}")


def _paths(name: str, folder: Path) -> list[Path]:
    return [folder / name / "raw" / file for files in FILES.values() for file in files]
