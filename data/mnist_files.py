"""MNIST and Fashion-MNIST in a folder: where it is, fetching it, and reading it.

A data folder is laid out as torchvision's data sets lay it out: MNIST/raw/train-images-idx3-ubyte and so on.
"""

import os
import tempfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy.typing as npt

from data.torchvision_cpu import import_torchvision

Array = npt.NDArray[Any]

DOWNLOADS = Path(__file__).resolve().parent / "downloads"
NAMES = ("MNIST", "FashionMNIST")  # torchvision's names, of its classes and folders alike
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def find_folder(name: str, data_dir: str | Path | None = None, download: bool = False) -> Path | None:
    """The folder that holds the data set, or None where there is none and the offline digits stand in.

    name: "MNIST" or "FashionMNIST".  The folder is `data_dir`, else the environment variable DATA_DIR, else
    data/downloads; only the last may lack the data.  With `download` what is missing is fetched into that folder.
    Raises FileNotFoundError if the folder lacks the data set or a part of it, OSError if a download fails, and
    ValueError for another name.
    """
    if name not in NAMES:
        raise ValueError(f"There is no data set {name!r} here. Ask for one of {', '.join(NAMES)}.")
    given = data_dir or os.environ.get("DATA_DIR")
    folder = Path(given).expanduser() if given else DOWNLOADS
    missing = [path for path in _paths(name, folder) if not path.is_file()]
    if missing and download:
        _download(name, folder)
    elif missing and (given or len(missing) < len(FILES)):
        raise FileNotFoundError(
            f"{'data_dir' if data_dir else 'DATA_DIR' if given else 'data/downloads'} is {folder}, but {missing[0]} is "
            f"missing. Give the folder that holds {name}/raw, pass download=True to fetch {name} into it, or leave "
            "data_dir and DATA_DIR unset and data/downloads empty to work with the offline digits."
        )
    elif missing:
        return None
    return folder


def read_split(name: str, folder: Path, train: bool) -> tuple[Array, Array]:
    """All training or all test images, uint8 (N, 28, 28), and their labels, int64 (N,) in 0..9, in the files' order.

    Raises ValueError, naming the file, if one is truncated, is something else, or doesn't fit the other.
    """
    images_path, labels_path = _paths(name, folder)[:2] if train else _paths(name, folder)[2:]
    mnist = import_torchvision().datasets.mnist
    images = _read(mnist.read_image_file, images_path)
    labels = _read(mnist.read_label_file, labels_path)
    if images.shape[1:] != (28, 28):
        height, width = images.shape[1:]
        raise ValueError(f"{images_path} holds {height}x{width} images instead of 28x28. {_ADVICE}")
    if len(images) != len(labels):
        raise ValueError(f"{labels_path} holds {len(labels)} labels for {len(images)} images beside it. {_ADVICE}")
    if labels.max() > 9:
        raise ValueError(f"{labels_path} holds the label {labels.max()}; labels are 0 to 9. {_ADVICE}")
    return images, labels


_ADVICE = "Delete the file and fetch it again with download=True, or pass another data_dir."


def _paths(name: str, folder: Path) -> list[Path]:
    return [folder / name / "raw" / file for file in FILES]


def _read(read: Callable[[str], Any], path: Path) -> Array:
    """What torchvision reads from one file; its ways to fail on a bad one are many (assertions, KeyError, ...)."""
    try:
        array: Array = read(str(path)).numpy()
    except OSError:
        raise
    except Exception as error:
        kind = "images" if "images" in path.name else "labels"
        size = path.stat().st_size
        raise ValueError(f"{path} ({size} bytes) is not a complete idx file of {kind}. {_ADVICE}") from error
    return array


def _download(name: str, folder: Path) -> None:
    """Fetch the four files through torchvision, all or nothing.

    torchvision checks what it downloads but unpacks it in place and later trusts any file of the right name, so that an
    interrupted run would leave half a file for good.  Here it works in a scratch folder, and whole files are moved.
    """
    dataset = getattr(import_torchvision().datasets, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as scratch:
            dataset(scratch, download=True)
            (folder / name / "raw").mkdir(parents=True, exist_ok=True)
            for source, target in zip(_paths(name, Path(scratch)), _paths(name, folder), strict=True):
                source.replace(target)
    except (OSError, RuntimeError, HTTPException) as error:
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise OSError(
            f"{name} could not be downloaded into {folder} ({reason[0]}). Try again with a network connection, pass as "
            f"data_dir a folder that holds {name}/raw, or leave download out to work with the offline digits."
        ) from error
