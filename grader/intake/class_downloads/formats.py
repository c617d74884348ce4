"""The formats of downloads, by the names of their files.

Canvas: `doejane_LATE_12345_678901_models.py`, without folders, or `anon_x1y2z_678901_models.py`.
Moodle: `Jane Doe_12345_assignsubmission_file_/models.py`, or `..._file_models.py` without folders.
Gradescope: a folder for each submission, and submission_metadata.yml (see gradescope.py).
GitHub Classroom: `homework-1-janedoe/`, each a clone.
Folders: a folder or a zip for each student, with the student's name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from pathlib import PurePosixPath

from grader.intake.class_downloads.listing import Listing
from grader.intake.class_downloads.upload import Student, Upload
from grader.intake.filenames import ARCHIVES

CANVAS = re.compile(
    r"(?P<name>(?P<anon>anon_[^_/]+)|[^\W\d_][^_/]*)(?P<late>_LATE)?(?P<id>(?(anon)|_\d{2,}))"
    r"_(?:\d{3,}_(?P<file>[^/]+)|(?:text|link)\.html)$"
)
MOODLE = re.compile(r"(?P<name>[^/]+?)(?P<id>_\d+)_assignsubmission_(?:file|onlinetext)_?/?(?P<file>.*)$")


class Format(StrEnum):
    """A kind of download.  The value is what `--format` takes."""

    STUDENT = "student"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    CLASSROOM = "classroom"
    FOLDERS = "folders"

    @property
    def words(self) -> str:
        return IN_WORDS[self]


IN_WORDS = {
    Format.STUDENT: "One submission",
    Format.CANVAS: "Canvas download",
    Format.MOODLE: "Moodle download",
    Format.GRADESCOPE: "Gradescope export",
    Format.CLASSROOM: "GitHub Classroom clones",
    Format.FOLDERS: "Folder of submissions",
}


@dataclass(frozen=True)
class Names:
    """The files of a download below the folders that are around all of them.

    `files` maps each shorter name to the one in the listing.
    """

    listing: Listing
    files: dict[str, str]

    @cached_property
    def by_folder(self) -> dict[str, dict[str, str]]:
        """The files in each folder at the top, with names as they are there."""
        found: dict[str, dict[str, str]] = {}
        for name, place in self.files.items():
            folder, slash, below = name.partition("/")
            if slash:
                found.setdefault(folder, {})[below] = place
        return found

    def below(self, folder: str) -> dict[str, str]:
        return self.by_folder.get(folder, {})

    @property
    def folders(self) -> list[str]:
        return sorted(self.by_folder)

    @cached_property
    def at_top(self) -> list[str]:
        return sorted(name for name in self.files if "/" not in name)


def unwrapped(listing: Listing) -> Names:
    """The names without folders that hold all others."""
    files = {PurePosixPath(name).as_posix(): name for name in listing.names}
    while len(tops := {name.partition("/")[0] for name in files}) == 1 and all("/" in name for name in files):
        if MOODLE.match(f"{min(tops)}/") or tops == {"src"}:
            break
        files = {name.partition("/")[2]: place for name, place in files.items()}
    return Names(listing, files)


def grouped(names: Names, pattern: re.Pattern[str]) -> tuple[list[Upload], list[str]]:
    """The uploads of all files whose names have this pattern, and the other names at the top."""
    uploads: dict[str, Upload] = {}
    others: set[str] = set()
    for name, place in names.files.items():
        found = pattern.match(name)
        if not found:
            others.add(name.partition("/")[0])
            continue
        key, student = f"{found['name']}{found['id']}", Student(found["name"], found["id"].lstrip("_"))
        upload = uploads.setdefault(key, Upload(key, (student,), names.listing))
        upload.late |= bool(found.groupdict().get("late"))
        if found["file"]:
            upload.files[found["file"]] = place
    return list(uploads.values()), sorted(others)


def is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVES)


def folder_uploads(names: Names, keys: Iterable[str]) -> list[Upload]:
    """An upload for each of these folders and archives at the top."""
    return [upload_of(names, key) for key in sorted(keys)]


def upload_of(names: Names, key: str) -> Upload:
    name = PurePosixPath(key).stem if key in names.files else key
    files = {key: names.files[key]} if key in names.files else names.below(key)
    return Upload(name, (Student(name),), names.listing, files)


def clone_uploads(names: Names) -> list[Upload]:
    """An upload for each clone; what all their names begin with is the assignment's."""
    uploads = folder_uploads(names, names.folders)
    parts = [upload.key.split("-") for upload in uploads]
    n_same = sum(1 for _ in takewhile(lambda words: len({*words}) == 1, zip(*parts, strict=False)))
    for upload, words in zip(uploads, parts, strict=True):
        login = "-".join(words[n_same:]) or upload.key
        upload.students = (Student(login, login=login),)
    return uploads
