"""DogSet: colour images of dogs of ten breeds, in three partitions.

DogSet is a folder (or a zip of it) with a table, dogs.csv, and a folder of images:

    DogSet/dogs.csv               ,filename,partition,semantic_label,numeric_label
                                  0,000001.png,train,miniature_poodle,1.0
    DogSet/images/000001.png      64x64 pixels, RGB

The images are decoded once and kept, see `data.decoded`.
"""

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

import numpy as np

from data.decoded import Arrays, kept
from data.drawn_dogs import drawn_dogs
from data.folders import find
from data.image_files import Files, decode
from data.split import Array

Partition = Literal["train", "valid", "test"]
PARTITIONS: tuple[Partition, ...] = ("train", "valid", "test")
COLUMNS = ("filename", "partition", "semantic_label", "numeric_label")
TABLE = "dogs.csv"
WANTED = (*PARTITIONS, *(f"{part}_labels" for part in PARTITIONS), "breeds", "mean", "deviation")  # kept arrays
SIDE = 64  # pixels


class Examples(NamedTuple):
    """Images and their labels: `MyDataset(*dogs.train)` makes a data set of them."""

    features: Array
    targets: Array


class DogsDataset:
    """DogSet's three partitions, normalised, and what they were before.

    Normalised means: from every pixel the mean of its colour channel is subtracted, then it is
    divided by the channel's standard deviation. Both are those of the training images, also for
    the other partitions, so that nothing is learnt from images that a network should not see.

    Example: `dogs = DogsDataset()`, then `run_model(..., train_set=MyDataset(*dogs.train))`.

    Args:
        data_dir: the folder that holds DogSet/ or DogSet.zip, or DogSet's folder or zip itself;
            `data.folders` says what None and "offline" mean. The stand-in is drawn dogs in DogSet's
            own format: see `data.drawn_dogs`.

    Attributes:
        train, valid, test: `Examples` of each partition in the order of dogs.csv. Features are
            normalised, float32 of shape (N, 64, 64, 3) with channels LAST; targets are int64 of
            shape (N,).
        raw: the same by the partition's name, with the original pixels: `raw["train"].features` is
            uint8 of shape (N, 64, 64, 3).
        breeds: the names of the breeds; `breeds[i]` is the breed with label i.
        mean, deviation: of each colour channel of the training images, on the scale from 0 to 255,
            float32 of shape (3,).
        source: which data these are, in words.

    Raises:
        FileNotFoundError: if a named folder lacks DogSet, or an image of dogs.csv is missing.
        ValueError: if dogs.csv or an image is damaged or not as described above; the text names the
            file and the line.
    """

    def __init__(self, data_dir: str | Path | None = None) -> None:
        found = find("DogSet", "DogSet/dogs.csv or DogSet.zip", _locate, data_dir)
        self.source = f"DogSet from {found}" if found else "drawn offline, NOT photographs. For DogSet pass data_dir"
        found = found or drawn_dogs()
        arrays = kept("DogSet", found, WANTED, lambda: _read(Files(found)))
        self.breeds: list[str] = arrays["breeds"].tolist()
        self.raw = {part: Examples(arrays[part], arrays[f"{part}_labels"]) for part in PARTITIONS}
        self.mean, self.deviation = arrays["mean"], arrays["deviation"]
        counts = ", ".join(f"{len(self.raw[part].targets)} {part}" for part in PARTITIONS)
        print(f"DogsDataset: {counts} images of {len(self.breeds)} breeds: {self.source}.")

    @cached_property  # all of DogSet takes half a gigabyte when it is normalised
    def train(self) -> Examples:
        return self._normalised("train")

    @cached_property
    def valid(self) -> Examples:
        return self._normalised("valid")

    @cached_property
    def test(self) -> Examples:
        return self._normalised("test")

    def examples_of(self, breed: str, partition: Partition = "train") -> Array:
        """All images of one breed, to look at.

        Args:
            breed: one of `breeds`.
            partition: "train", "valid" or "test".

        Returns:
            The original pixels, uint8 of shape (N, 64, 64, 3), in the order of dogs.csv.

        Raises:
            ValueError: for a breed or a partition that does not exist.
        """
        if breed not in self.breeds:
            raise ValueError(f"There is no breed {breed!r} here. Ask for one of {', '.join(self.breeds)}.")
        if partition not in PARTITIONS:
            raise ValueError(f"There is no partition {partition!r}. Ask for one of {', '.join(PARTITIONS)}.")
        features, targets = self.raw[partition]
        images: Array = features[targets == self.breeds.index(breed)]
        return images

    def _normalised(self, partition: Partition) -> Examples:
        images, labels = self.raw[partition]
        features = images.astype(np.float32)
        features -= self.mean
        features /= self.deviation
        return Examples(features, labels)


def _mean_and_deviation(images: Array) -> tuple[Array, Array]:
    """Of each channel of uint8 images, float32 of shape (3,).

    They are computed from how often each value occurs, which is exact and needs no array of floats
    as large as all images.
    """
    values = np.arange(256)
    counts = np.stack([np.bincount(images[..., channel].ravel(), minlength=256) for channel in range(3)])
    shares = counts / images[..., 0].size
    mean = shares @ values
    deviation = np.sqrt(shares @ values**2 - mean**2)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)


def _locate(folder: Path) -> Path | None:
    """DogSet's folder or zip in a folder, or the folder or zip itself; None if it is not there."""
    if folder.is_file() or (folder / TABLE).is_file():
        return folder
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((path for path in inside if path.name.lower() in ("dogset", "dogset.zip")), None)


@dataclass(frozen=True)
class Row:
    """A line of dogs.csv."""

    image: str
    partition: str
    breed: str
    label: int


def _read(files: Files) -> Arrays:
    """Everything in a DogSet: the names of the breeds, and each partition's images and labels."""
    table = next((name for name in files.names if PurePosixPath(name).name == TABLE), None)
    if table is None:
        raise FileNotFoundError(f"{files.path} holds no {TABLE}. Is this DogSet?")
    rows = _read_table(files, table)
    arrays = {"breeds": np.array(_breeds(rows, files.whole_name(table)))}
    pixels = decode(files, _image_names(files, table, rows), SIDE)
    for partition in PARTITIONS:
        chosen = [index for index, row in enumerate(rows) if row.partition == partition]
        arrays[partition] = pixels[chosen]
        arrays[f"{partition}_labels"] = np.array([rows[index].label for index in chosen], np.int64)
    arrays["mean"], arrays["deviation"] = _mean_and_deviation(arrays["train"])
    return arrays


def _read_table(files: Files, table: str) -> list[Row]:
    path = files.whole_name(table)
    try:
        lines = csv.DictReader(io.StringIO(files.read(table).decode("utf-8-sig"), newline=""))
        missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
        if missing:
            raise ValueError(f"{path} has no column {missing[0]!r}. Its columns should be: {', '.join(COLUMNS)}.")
        rows = [_row(line, f"Line {lines.line_num} of {path}") for line in lines]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is not a table of comma-separated values ({error}). Get DogSet again.") from error
    if not any(row.partition == "train" for row in rows):
        raise ValueError(f"{path} has no line for a training image. Get DogSet again.")
    return rows


def _row(line: dict[str, str], where: str) -> Row:
    if None in line or None in line.values():
        raise ValueError(f"{where} has more or fewer cells than there are columns. Get DogSet again.")
    if line["partition"] not in PARTITIONS:
        raise ValueError(
            f"{where} has the partition {line['partition']!r}. It should be one of {', '.join(PARTITIONS)}."
        )
    try:
        number = float(line["numeric_label"])
        label = int(number)
    except (ValueError, OverflowError):
        number, label = 0.5, 0
    if label != number or label < 0:
        raise ValueError(f"{where} has the numeric_label {line['numeric_label']!r}. It should be 0, 1, 2, ...")
    return Row(line["filename"], line["partition"], line["semantic_label"], label)


def _breeds(rows: list[Row], path: str) -> list[str]:
    """The name of each label: labels count from 0, and each has one name of its own."""
    names = dict(sorted({(row.label, row.breed) for row in rows}))
    pairs = {(row.label, row.breed) for row in rows}
    if len(pairs) != len(names) or len(set(names.values())) != len(names) or list(names) != list(range(len(names))):
        raise ValueError(f"{path} does not give each breed a label of its own from 0 up: {sorted(pairs)}.")
    return list(names.values())


def _image_names(files: Files, table: str, rows: list[Row]) -> list[str]:
    """Where the images are. DogSet.zip has one of them in a folder of its breed."""
    folder = PurePosixPath(table).parent / "images"
    known = set(files.names)
    names = []
    for row in rows:
        places = [(folder / row.image).as_posix(), (folder / row.breed / row.image).as_posix()]
        name = next((place for place in places if place in known), None)
        if name is None:
            raise FileNotFoundError(
                f"{files.whole_name(places[0])} is missing, and {TABLE} lists it. Get DogSet again."
            )
        names.append(name)
    repeated = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    if repeated:
        raise ValueError(f"{files.whole_name(table)} lists {min(repeated)} twice: an image has one line and partition.")
    return names
