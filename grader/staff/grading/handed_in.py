"""Who handed in what: the submissions at the paths that a teacher gives."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import Assignment, GraderError
from grader.intake.class_downloads.formats import Format
from grader.intake.class_downloads.recognise import Download, open_download, some
from grader.intake.class_downloads.upload import Student, Upload
from grader.intake.sources import SubmissionError
from grader.staff.grading.lateness import Lateness, lateness
from grader.staff.grading.roster import Roster

LONGEST = 60  # characters of a folder's name
UNSAFE = re.compile(r"[^\w .()@+-]+")
RESERVED = re.compile(
    r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?|(grades|adjustments|gradebook)\.csv|class\.html"
)  # devices of Windows, and the files beside the folders


@dataclass
class Entry:
    """One submission: its name among the results, who handed it in, and how late."""

    name: str
    upload: Upload
    students: tuple[Student, ...]
    late: Lateness


@dataclass
class HandedIn:
    """All submissions, students of the roster who handed in nothing, and paths without files."""

    entries: list[Entry] = field(default_factory=list)
    missing: list[Student] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    not_there: list[str] = field(default_factory=list)


def collect(
    paths: Sequence[Path], assignment: Assignment, wanted: Format | None, roster: Roster, out: Path | None = None
) -> HandedIn:
    """The submissions at these paths, in which OUT, the folder of results, does not count.

    A path that is not there stops no other.  Raises GraderError if none is there, or if it is not
    clear what they hold.
    """
    not_there = [f"{path} does not exist." for path in paths if not path.exists()]
    if len(not_there) == len(paths):
        raise GraderError("\n".join(not_there))
    there = [path for path in paths if path.exists()]
    downloads = [open_one(path, assignment.exercises, wanted, out, len(paths) == 1) for path in there]
    handed_in = HandedIn(not_there=not_there, described=not_there[:])
    for download in downloads:
        entries = [entry_of(upload, download, assignment, roster) for upload in download.uploads]
        if is_class(download):
            entries.sort(key=lambda entry: entry.name.lower())  # a zip's own order tells nothing
        handed_in.entries += entries
        handed_in.described += [describe(download, sum(entry.late.late for entry in entries))] * is_class(download)
    make_unique(handed_in.entries, refuse=not any(map(is_class, downloads)))
    seen = {id(row) for entry in handed_in.entries for student in entry.students if (row := roster.find(student))}
    handed_in.missing = [row.student for row in roster.rows if id(row) not in seen]
    return handed_in


def open_one(path: Path, exercises: tuple[str, ...], wanted: Format | None, out: Path | None, alone: bool) -> Download:
    """The uploads at one path.  Among several, one that is not clear does not stop the others."""
    try:
        return open_download(path, exercises, wanted, out, alone)
    except SubmissionError as error:
        if alone or wanted is not None:
            raise
        download = open_download(path, exercises, Format.STUDENT, out)
        download.uploads[0].problem = str(error)
        return download


def is_class(download: Download) -> bool:
    return download.format is not Format.STUDENT


def entry_of(upload: Upload, download: Download, assignment: Assignment, roster: Roster) -> Entry:
    rows = [row for student in upload.students if (row := roster.find(student))]
    rules = [row.late_rule(assignment.late) for row in rows] or [assignment.late]
    submitted = next((row.submitted for row in rows if row.submitted), upload.submitted)
    late = min((lateness(rule, submitted, upload.late) for rule in rules), key=lambda late: (late.late, late.days or 0))
    students = tuple(map(roster.completed, upload.students))
    return Entry(safe_name(name_for(upload, download)), upload, students, late)


def name_for(upload: Upload, download: Download) -> str:
    """What the results are called: it stays the same when more students hand in."""
    if download.format in (Format.MOODLE, Format.GRADESCOPE):
        group = " and others" if len(upload.students) > 1 else ""
        number = upload.key.rpartition("_")[2]
        return f"{upload.students[0].name}{group} {number}"
    return upload.key


def safe_name(name: str) -> str:
    """A name that every system takes for a folder, and that leads nowhere else."""
    text = UNSAFE.sub("_", unicodedata.normalize("NFC", name))[:LONGEST].strip(" .-") or "submission"
    return f"{text}_" if RESERVED.fullmatch(text) else text


def make_unique(entries: list[Entry], refuse: bool) -> None:
    """Give each entry a name of its own, also for systems without capitals.

    Raises GraderError instead if the teacher chose the names.
    """
    taken: dict[str, Entry] = {}
    for entry in entries:
        base, number = entry.name, 2
        while entry.name.lower() in taken:
            if refuse:
                both = f"{taken[entry.name.lower()].upload.key} and {entry.upload.key}"
                raise GraderError(f"{both} would both write to {base}: rename one.")
            entry.name, number = f"{base}-{number}", number + 1
        taken[entry.name.lower()] = entry


def describe(download: Download, n_late: int) -> str:
    """What a class's download holds, in a line."""
    uploads = download.uploads
    n_students = sum(len(upload.students) for upload in uploads)
    n_without = sum(not upload.has_code() for upload in uploads)
    parts = [count_of(n_students, "student")]
    parts += [count_of(len(uploads), "submission")] if len(uploads) != n_students else []
    parts += [f"{n_late} late"] if n_late else []
    parts += [f"{n_without} without a Python file"] if n_without else []
    left_out = f" (left out: {some(download.left_out)})" if download.left_out else ""
    return f"{download.format.words}: {', '.join(parts)}{left_out}"


def count_of(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
