"""Fetch a data set through torchvision: all of its files, or none."""

import tempfile
from http.client import HTTPException
from pathlib import Path

from data.torchvision_cpu import import_torchvision

FILES = {  # what torchvision leaves of each data set and later reads
    "MNIST": "MNIST/raw/*-ubyte",
    "FashionMNIST": "FashionMNIST/raw/*-ubyte",
    "CIFAR10": "cifar-10-batches-py/*",
}


def download(name: str, folder: Path) -> None:
    """Download a data set into a folder, from the address that torchvision has.

    torchvision checks what it downloads, but it unpacks files in place, and of MNIST it later
    trusts any file of the right name. An interrupted run would leave half a file for good. So it
    works in a scratch folder here, and only whole files are moved.

    Args:
        name: a key of `FILES`, the name of torchvision's class.
        folder: it is made if it does not exist.

    Raises:
        OSError: if the download fails.
    """
    data_set = getattr(import_torchvision().datasets, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as scratch:
            data_set(scratch, download=True)
            for source in sorted(Path(scratch).glob(FILES[name])):
                target = folder / source.relative_to(scratch)
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
    except (OSError, RuntimeError, HTTPException) as error:
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise OSError(
            f"{name} could not be downloaded into {folder} ({reason[0]}). Try again with a network connection, pass as "
            f"data_dir a folder that holds {FILES[name].rpartition('/')[0]}, or leave download out to work with the "
            "stand-in, which needs no network."
        ) from error
