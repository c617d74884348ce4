"""Fetch a data set into a folder, or say where to get it: `python -m data.fetch NAME --to DIR`.

MNIST, FashionMNIST and CIFAR10 are downloaded by torchvision, which knows their addresses and
checksums and shows how far it is. A download that is interrupted leaves nothing behind. (Tried
with a web server on the same machine. The real addresses were out of reach when this was written.)

DogSet and cats-dogs have no public address that this program could use: it says how to arrange
their files, and checks them if they are there.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.cats_dogs import load_cats_dogs_data
from data.dogs import DogsDataset
from data.folders import DOWNLOADS
from data.load_data import load_whole

DOWNLOADED = ("MNIST", "FashionMNIST", "CIFAR10")
ARRANGED: dict[str, tuple[Callable[..., Any], str]] = {  # what checks the files, and how to get them
    "DogSet": (
        DogsDataset,
        "DogSet can't be downloaded from here. Ask your course staff for DogSet.zip, and put it into {folder} as it is.",
    ),
    "cats-dogs": (
        load_cats_dogs_data,
        "Pictures of cats and dogs can't be downloaded from here. Put a folder or zip of them into {folder}, with cat and "
        "dog in its name: cats-dogs/cat/*.jpg and cats-dogs/dog/*.jpg. Or fetch CIFAR10: its cats and dogs will do.",
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Fetch or check one data set. Returns the exit status: 0 if the data are there and whole."""
    parser = argparse.ArgumentParser(
        prog="python -m data.fetch",
        description="Fetch a data set into a folder, or say where to get it; then check that it is whole.",
        epilog="Example: python -m data.fetch CIFAR10 --to ~/course-data",
    )
    parser.add_argument("name", type=_known, metavar="NAME", help=", ".join((*DOWNLOADED, *ARRANGED)))
    parser.add_argument(
        "--to", type=Path, default=DOWNLOADS, metavar="DIR", help="the folder (default: data/downloads in this kit)"
    )
    options = parser.parse_args(arguments)
    folder = options.to.expanduser()
    try:
        fetch(options.name, folder)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if folder.resolve() != DOWNLOADS.resolve():
        print(f"To use it, pass --data {folder}, or set the environment variable DATA_DIR to {folder.resolve()}.")
    return 0


def fetch(name: str, folder: Path) -> None:
    """Download a data set if it has a public address, and load it to check that it is whole.

    Raises:
        OSError: if the download fails, or if the data have to be put there by hand and are not.
        ValueError: if a file is damaged.
    """
    if name in DOWNLOADED:
        load_whole(name, folder, download=True)
        return
    check, advice = ARRANGED[name]
    try:
        check(data_dir=folder)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{advice.format(folder=folder)}\n({error})") from error


def _known(text: str) -> str:
    """The data set that a name means: upper and lower case and hyphens don't matter."""
    names = {_plain(name): name for name in (*DOWNLOADED, *ARRANGED)}
    if _plain(text) not in names:
        raise argparse.ArgumentTypeError(f"there is no data set {text!r} here, only {', '.join(names.values())}")
    return names[_plain(text)]


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


if __name__ == "__main__":
    sys.exit(main())
