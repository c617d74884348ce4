"""The files of a download, folder or zip, whole: nothing of it is trusted."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from grader.intake.sources import MAX_DEPTH, ZipSource, read_regular

DEEPEST = MAX_DEPTH + 5  # folders: the course page's own, and those of a student


class Listing(Protocol):
    """The names of all files, with "/" between parts, and the content of one."""

    names: list[str]

    def read(self, name: str, most: int = 0) -> bytes | None:
        """The content of a regular file of at most so many bytes, else None."""
        ...


class FolderListing:
    """The files of a folder, except hidden ones.  `clones` are the repositories in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clones: set[str] = set()
        self.names = list(self.walk())

    def walk(self) -> Iterator[str]:
        for root, folders, files in os.walk(self.folder):
            place = Path(root).relative_to(self.folder)
            if ".git" in folders:
                self.clones.add(place.as_posix())
            deep = len(place.parts) >= DEEPEST
            folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
            for name in sorted(name for name in files if not name.startswith(".")):
                yield (place / name).as_posix()

    def read(self, name: str, most: int = 0) -> bytes | None:
        return read_regular(self.folder / name, most)


def list_files(path: Path) -> Listing | None:
    """The listing of a folder or a zip; None for any other file.

    Raises SubmissionError for a damaged zip.
    """
    if path.is_dir():
        return FolderListing(path)
    return ZipSource(path, whole=True) if zipfile.is_zipfile(path) else None
