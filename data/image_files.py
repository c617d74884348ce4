"""Image files in a folder or in a zip: their names, and their pixels.

A zip is read in place, never unpacked.
"""

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from data.split import Array

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".ppm")
HIDDEN = ("__MACOSX", ".")  # what macOS adds to zips and folders begins with these
SLOW = 1000  # images; decoding more of them takes long enough for a progress bar


class Files:
    """The files in a folder, or in a zip.

    Attributes:
        path: the folder or the zip.
        names: the files' names inside it, sorted, with slashes: "DogSet/dogs.csv". Hidden files are
            left out.

    Raises:
        FileNotFoundError: if there is no such folder or file.
        ValueError: if the file is not a complete zip.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise FileNotFoundError(f"There is no folder or zip {path}.")
        self._zip = None if path.is_dir() else _open_zip(path)
        names = _names_in_folder(path) if self._zip is None else self._zip.namelist()
        self.names = sorted(name for name in names if not name.endswith("/") and not _is_hidden(name))

    def read(self, name: str) -> bytes:
        """Read a file.

        Raises:
            ValueError: if the zip is damaged.
        """
        if self._zip is None:
            return (self.path / name).read_bytes()
        try:
            return self._zip.read(name)
        except Exception as error:  # zipfile raises zlib's errors and several of its own
            raise ValueError(f"{self.whole_name(name)} can't be read: {error}. Get {self.path.name} again.") from error

    def whole_name(self, name: str) -> str:
        """The path of a file, also of one in a zip, for people to read."""
        return str(self.path / name)


def fingerprint(path: Path) -> str:
    """A text that changes when a file in a folder, or a zip, is added, removed or changed."""
    digest = hashlib.sha256()
    for name in Files(path).names if path.is_dir() else [""]:
        status = (path / name).stat()
        digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is not a complete zip file ({error}). Get it again.") from error


def _names_in_folder(folder: Path) -> list[str]:
    return [Path(parent, file).relative_to(folder).as_posix() for parent, _, files in os.walk(folder) for file in files]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(HIDDEN) for part in PurePosixPath(name).parts)


def is_image(name: str) -> bool:
    """Whether a file's name is that of an image."""
    return PurePosixPath(name).suffix.lower() in IMAGES


def decode(files: Files, names: Sequence[str], side: int, resize: bool = False) -> Array:
    """Read the pixels of square colour images.

    Images of other kinds (grey, with transparency) become RGB. A progress bar shows how far it is,
    if there are many images and a terminal to show it on.

    Args:
        files: the folder or zip.
        names: the names of the images in it.
        side: the height and width that the images should have.
        resize: whether to resize images of other sizes. They are an error otherwise.

    Returns:
        uint8 of shape (N, side, side, 3), channels last.

    Raises:
        ValueError: if an image is damaged or, without `resize`, has another size; the text names
            the file.
    """
    pixels = np.empty((len(names), side, side, 3), np.uint8)
    for index, name in enumerate(_with_progress(names, files.path)):
        pixels[index] = _decode_one(files, name, side, resize)
    return pixels


def _decode_one(files: Files, name: str, side: int, resize: bool) -> Array:
    from PIL import Image  # here, so that importing the loaders is cheap

    content = files.read(name)
    try:
        with Image.open(io.BytesIO(content)) as opened:
            image = opened.convert("RGB")
    except Exception as error:  # what Pillow raises for a damaged file depends on the kind of file
        raise ValueError(
            f"{files.whole_name(name)} ({len(content)} bytes) is not a complete image: {error}. Replace or remove it."
        ) from error
    if image.size != (side, side):
        if not resize:
            width, height = image.size
            raise ValueError(f"{files.whole_name(name)} is {height}x{width} pixels. It should be {side}x{side}.")
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image)


def resized(images: Array, side: int) -> Array:
    """Resize uint8 images of shape (N, H, W, 3) to (N, side, side, 3)."""
    if images.shape[1:] == (side, side, 3):
        return images
    from PIL import Image

    pixels = np.empty((len(images), side, side, 3), np.uint8)
    for index, image in enumerate(images):
        pixels[index] = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR))
    return pixels


def _with_progress(names: Sequence[str], path: Path) -> Iterable[str]:
    """The names, with a progress bar on a terminal, and elsewhere with a line of text.

    Both are written to stderr, since experiments keep what loaders print.
    """
    if len(names) < SLOW:
        return names
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    text = f"Decoding {len(names):,} images of {path.name}, which happens once"
    if not console.is_terminal:
        print(text, file=sys.stderr)
    return track(names, text, console=console, transient=True, disable=not console.is_terminal)
