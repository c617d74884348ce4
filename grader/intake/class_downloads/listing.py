"""The files of a download, folder or zip, whole: nothing of it is trusted."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from grader.intake.finding import LEFT_BY_SYSTEMS
from grader.intake.sources import MAX_DEPTH, ZipSource, read_regular

DEEPEST = MAX_DEPTH + 5  # folders: the course page's own, and those of a student


class Listing(Protocol):
    """The names of all files, with "/" between parts, and the content of one."""

    names: list[str]

    def read(self, name: str, most: int = 0) -> bytes | None:
        """The content of a regular file of at most so many bytes, else None."""
        ...


class FolderListing:
    """The files of a folder, without hidden ones and those in `leave_out`.

    `clones` are the repositories in it.
    """

    def __init__(self, folder: Path, leave_out: Path | None = None) -> None:
        self.folder, self.leave_out = folder, leave_out.resolve() if leave_out else None
        self.clones: set[str] = set()
        self.names = list(self.walk())

    def walk(self) -> Iterator[str]:
        for root, folders, files in os.walk(self.folder):
            place = Path(root).relative_to(self.folder)
            if ".git" in folders:
                self.clones.add(place.as_posix())
            deep = len(place.parts) >= DEEPEST
            folders[:] = [] if deep else sorted(name for name in folders if self.is_wanted(Path(root, name)))
            for name in sorted(name for name in files if not name.startswith(".")):
                yield (place / name).as_posix()

    def is_wanted(self, folder: Path) -> bool:
        if folder.name.startswith(".") or folder.name in LEFT_BY_SYSTEMS:
            return False
        return self.leave_out is None or folder.name != self.leave_out.name or folder.resolve() != self.leave_out

    def read(self, name: str, most: int = 0) -> bytes | None:
        return read_regular(self.folder / name, most)


def list_files(path: Path, leave_out: Path | None = None) -> Listing | None:
    """The listing of a folder or a zip; None for any other file.

    Raises SubmissionError for a damaged zip.
    """
    if path.is_dir():
        return FolderListing(path, leave_out)
    return ZipSource(path, whole=True) if zipfile.is_zipfile(path) else None
