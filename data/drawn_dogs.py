"""The stand-in for DogSet: drawn dogs of ten breeds, as a folder in DogSet's own format.

The folder is made once, in the user's cache folder.
"""

import csv
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from data.animals import BREEDS, draw_animal
from data.decoded import user_cache
from data.drawing import Canvas, indoors, outdoors
from data.split import Array

PER_BREED = {"train": 40, "valid": 10, "test": 10}
VERSION = 1  # count up when the drawings change, so that a folder of older ones is not used
SIDE = 64  # pixels


def drawn_dogs() -> Path:
    """The folder of drawn dogs: dogs.csv and images/. If it is missing or incomplete, it is made.

    The same images are drawn each time. Two processes may do it at once.
    """
    folder = _parent() / f"drawn-dogs-{VERSION}" / "DogSet"
    if not _is_complete(folder):
        folder.parent.mkdir(exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)  # a program that tidies caches may have deleted some images
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unfinished-") as scratch:
            made = Path(scratch) / "DogSet"
            write_dogs(made)
            try:
                made.rename(folder)
            except OSError:
                if not _is_complete(folder):  # it is complete if another process was faster
                    raise
    return folder


def _parent() -> Path:
    """A folder that the user may write to."""
    try:
        user_cache().mkdir(parents=True, exist_ok=True)
        return user_cache() if os.access(user_cache(), os.W_OK) else Path(tempfile.gettempdir())
    except OSError:
        return Path(tempfile.gettempdir())


def _is_complete(folder: Path) -> bool:
    n_images = len(BREEDS) * sum(PER_BREED.values())
    return (folder / "dogs.csv").is_file() and len(list(folder.glob("images/*.png"))) == n_images


def write_dogs(folder: Path, seed: int = 0) -> None:
    """Draw the dogs and write them to a new folder, in DogSet's format."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    labelled = [(part, label) for part, n in PER_BREED.items() for label in range(len(BREEDS)) for _ in range(n)]
    names = list(BREEDS)
    with (folder / "dogs.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["", "filename", "partition", "semantic_label", "numeric_label"])
        for index, (part, label) in enumerate(labelled[i] for i in rng.permutation(len(labelled))):
            name = f"{index + 1:06}.png"
            Image.fromarray(draw_dog(names[label], rng)).save(folder / "images" / name, compress_level=1)
            table.writerow([index, name, part, names[label], float(label)])


def draw_dog(breed: str, rng: np.random.Generator) -> Array:
    """A picture of a dog, uint8 of shape (64, 64, 3)."""
    canvas = Canvas(SIDE, rng)
    (indoors if rng.random() < 0.3 else outdoors)(canvas)
    canvas.place((0.8, 1.2), 0.1, 10)
    draw_animal(canvas, BREEDS[breed])
    return canvas.finish()
