"""Say whether a path holds one submission or a class, and whose each submission is.

A class is never taken for one student, nor a student for a class: what is not clear is refused.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.intake.class_downloads.formats import (
    CANVAS,
    MOODLE,
    Format,
    Names,
    clone_uploads,
    folder_uploads,
    grouped,
    is_archive,
    unwrapped,
)
from grader.intake.class_downloads.gradescope import METADATA, exported_uploads
from grader.intake.class_downloads.listing import FolderListing, Listing, list_files
from grader.intake.class_downloads.upload import CODE, Student, Upload
from grader.intake.filenames import KIT_FOLDERS
from grader.intake.finding import find, place_of
from grader.intake.sources import SubmissionError, name_of

MOST_NAMES = 5
LEAST_CLASS = 3  # folders with the same exercise: two may be one student's two versions
MOST_ARCHIVES = 2  # beside a student's own files
VERSION = re.compile(
    r"(?:my|the)?[\W_]*(?:src|old|older|new|bak|backup|copy|kopie|final|draft|v|version|try|attempt|part|week|hw|homework|"
    r"task|ex|exercise|assignment|solution|submission)?[\W_]*\d{0,2}",
    re.IGNORECASE,
)


@dataclass
class Download:
    """What a path holds: the uploads in it, and the names of what belongs to none."""

    path: Path
    format: Format
    uploads: list[Upload]
    left_out: list[str] = field(default_factory=list)


class FileListing:
    """A single file that was handed in as it is."""

    def __init__(self, path: Path) -> None:
        self.path, self.names = path, [path.name]

    def read(self, name: str, most: int = 0) -> bytes | None:
        small = self.path.is_file() and self.path.stat().st_size <= most
        return self.path.read_bytes() if small else None


def open_download(
    path: Path,
    exercises: tuple[str, ...],
    wanted: Format | None = None,
    leave_out: Path | None = None,
    alone: bool = True,
) -> Download:
    """The uploads at a path.

    Args:
        path: a folder or a zip.
        exercises: their files show what is a submission.
        wanted: the format, if the teacher says it.
        leave_out: a folder in it that is not looked into, such as that of the results.
        alone: whether it is the only path. One of several is one student's, who might hand in
            something that looks like a class to forge the grades of others.

    Raises SubmissionError if it is not clear what the path holds, or if it is not what is wanted.
    """
    listing = None if wanted is Format.STUDENT else list_if_readable(path, leave_out)
    if listing is None:
        return student(path, leave_out)
    names = unwrapped(listing)
    found = wanted or marked_format(names) or shape_of(path, names, exercises)
    if found is Format.STUDENT:
        return student(path, leave_out)
    if not alone and wanted is None:
        advice = "Grade it on its own, or pass --format student if one student handed in all of it."
        raise SubmissionError(f"{name_of(path)} looks like a class ({found.words}).  {advice}")
    return class_of(path, names, found)


def list_if_readable(path: Path, leave_out: Path | None) -> Listing | None:
    try:
        return list_files(path, leave_out)
    except SubmissionError:
        return None  # grading it says why


def student(path: Path, leave_out: Path | None) -> Download:
    """The upload of one student.  Canvas's name of the file says whose it is."""
    found = CANVAS.match(path.name) if path.is_file() else None
    name = path.stem if path.is_file() else name_of(path)
    who = Student(found["name"], found["id"].lstrip("_")) if found else Student(name)
    listing: Listing = FolderListing(path, leave_out) if path.is_dir() else FileListing(path)
    upload = Upload(name, (who,), listing, {name: name for name in listing.names}, late=bool(found and found["late"]))
    return Download(path, Format.STUDENT, [upload])


def marked_format(names: Names) -> Format | None:
    """The format that the names tell without doubt."""
    if METADATA in names.files:
        return Format.GRADESCOPE
    for pattern, found in ((MOODLE, Format.MOODLE), (CANVAS, Format.CANVAS)):
        tops = names.folders + names.at_top if pattern is MOODLE else names.at_top
        n_fitting = sum(bool(pattern.match(f"{name}/" if name in names.folders else name)) for name in tops)
        if n_fitting and 2 * n_fitting > len(names.folders + names.at_top):
            return found
    return None


def shape_of(path: Path, names: Names, exercises: tuple[str, ...]) -> Format:
    """Whether unmarked names are of one student or of a class."""
    at_top = [name for name in names.files if place_of(name).depth == 0]
    own = any(find(at_top, exercise)[0] for exercise in exercises)
    most = most_alike(names, exercises)
    archives = [name for name in names.at_top if is_archive(name)]
    if len(most) <= 1 and len(archives) <= (MOST_ARCHIVES if own else 1 - len(most)):
        return Format.STUDENT
    code_at_top = [name for name in names.at_top if name.lower().endswith(CODE)]
    if own or code_at_top:
        raise unclear(path, f"{some(code_at_top or at_top)} and {some([*most, *archives])}")
    if isinstance(names.listing, FolderListing) and most and clones_in(names) >= {*most}:
        return Format.CLASSROOM
    if len(archives) >= 2 or (len(most) >= LEAST_CLASS and not any(VERSION.fullmatch(name) for name in most)):
        return Format.FOLDERS
    raise unclear(path, f"{some([*most, *archives])}, each with files of exercises")


def most_alike(names: Names, exercises: tuple[str, ...]) -> list[str]:
    """The folders that hold a file of one exercise, for the exercise that most of them hold."""
    own = ("src", *KIT_FOLDERS)  # of one submission
    below = {folder: list(names.below(folder)) for folder in names.folders if folder.lower() not in own}
    holders = [[folder for folder, inside in below.items() if holds(inside, exercise)] for exercise in exercises]
    return max(holders, key=len, default=[])


def holds(names: list[str], exercise: str) -> bool:
    """Whether a folder holds an exercise's file, or an archive or notebook that may."""
    near = [PurePosixPath(name) for name in names if name.count("/") <= 1]
    return bool(find(names, exercise)[0]) or any(is_archive(path.name) or path.suffix == ".ipynb" for path in near)


def clones_in(names: Names) -> set[str]:
    """The folders at the top that are clones of repositories."""
    assert isinstance(names.listing, FolderListing)
    first = next(iter(names.files))
    wrapper = names.files[first].removesuffix(first)
    return {clone.removeprefix(wrapper) for clone in names.listing.clones}


def class_of(path: Path, names: Names, found: Format) -> Download:
    """The uploads of a class in a format.  Raises SubmissionError if there are none."""
    if found is Format.GRADESCOPE:
        uploads, others = exported_uploads(names) if METADATA in names.files else ([], [])
    elif found in (Format.CANVAS, Format.MOODLE):
        uploads, others = grouped(names, CANVAS if found is Format.CANVAS else MOODLE)
    else:
        archives = [name for name in names.at_top if is_archive(name)]
        others = [name for name in names.at_top if name not in archives]
        clones = found is Format.CLASSROOM
        uploads = clone_uploads(names) if clones else folder_uploads(names, [*names.folders, *archives])
    if not uploads:
        raise SubmissionError(f"{name_of(path)} is no {found.words}: it holds {some(names.folders + names.at_top)}.")
    code = [name for name in others if name.lower().endswith(CODE) or is_archive(name)]
    if code:
        raise SubmissionError(
            f"{name_of(path)} is a {found.words}, but {some(code)} is not a part of it: move that to another folder."
        )
    return Download(path, found, uploads, others)


def some(names: list[str]) -> str:
    """The first names in words."""
    shown = names[:MOST_NAMES]
    left = len(names) - len(shown)
    return f"{', '.join(shown)} and {left} more" if left else " and ".join(shown) or "nothing"


def unclear(path: Path, seen: str) -> SubmissionError:
    return SubmissionError(
        f"{name_of(path)} may be one student's submission or a class: it holds {seen}.  "
        "Pass --format student if one student handed in all of it, or --format folders if each folder or zip in it is "
        "one student's.  (Other formats: canvas, moodle, gradescope, classroom.)"
    )
