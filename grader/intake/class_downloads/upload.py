"""What one student, or one group, handed in: found in a download, and packed to travel."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from grader.intake.class_downloads.listing import Listing
from grader.intake.filenames import ARCHIVES
from grader.intake.files import REGULAR
from grader.intake.notebooks import MAX_NOTEBOOK
from grader.intake.report_files import FOLDER, MAX_PICTURE, MAX_TEXT, REPORT
from grader.intake.sources import MAX_DEPTH, MAX_FILE, SubmissionError, ZipSource, worth_a_look

MAX_UPLOAD = 200 * 2**20  # bytes of a zip that a student handed in
MAX_PACKED = 60 * 2**20  # bytes of the files that grading looks into
NOT_REGULAR = 0o120777  # the mode of a link in a zip: such an entry is never read
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
LONGEST_NAME = 100
Read = Callable[[int], bytes | None]  # a file's content if it has at most so many bytes
CODE = (".py", ".ipynb", ".py.txt")


@dataclass(frozen=True)
class Student:
    """Who handed in.  `id` is the course page's number, `login` a login or an address."""

    name: str
    id: str = ""
    login: str = ""


@dataclass(frozen=True)
class Packed:
    """A submission as bytes, with the name of the file that holds them."""

    name: str
    content: bytes

    def write(self, folder: Path) -> Path:
        """Write the file into a folder, under a name that every system takes."""
        path = folder / (UNSAFE.sub("_", self.name)[-LONGEST_NAME:].strip() or "submission")
        path.write_bytes(self.content)
        return path


@dataclass
class Upload:
    """What was handed in by one student, or by a group together.

    Attributes:
        key: what the download calls it: a folder, a zip or the beginning of names.
        students: who handed in.
        listing: where its files are.
        files: for each of its files, by the name that the student gave it, the name in the listing.
        late: whether the course page marks it as late.
        submitted: when it was handed in, if the download says so.
        problem: a sentence if it is not clear what it is.
    """

    key: str
    students: tuple[Student, ...]
    listing: Listing
    files: dict[str, str] = field(default_factory=dict)
    late: bool = False
    submitted: datetime | None = None
    problem: str = ""

    def archives(self) -> list[str]:
        """The zips and other archives to be opened: those handed in in place of Python files."""
        if any(name.lower().endswith(CODE) for name in self.files):
            return []
        names = [name for name in self.files if name.lower().endswith(ARCHIVES) and name.count("/") <= 1]
        return names if len(names) < 10 else []

    def content_of(self, name: str) -> bytes:
        """Raises SubmissionError if the file is too large or can't be read."""
        content = self.listing.read(self.files[name], MAX_UPLOAD)
        if content is None:
            raise SubmissionError(f"{name} can't be read: it should be a file of at most {MAX_UPLOAD // 2**20} MB.")
        return content

    def has_code(self) -> bool:
        """Whether there is a Python file or a notebook, perhaps in a zip."""
        try:
            return any(name.lower().endswith(CODE) for name, _ in self.entries())
        except SubmissionError:
            return False

    def pack(self) -> Packed:
        """The submission as it travels: an archive as it was handed in, or a zip of the files.

        Raises SubmissionError if it is too large, or if it is not clear what it is.
        """
        if self.problem:
            raise SubmissionError(self.problem)
        archives = self.archives()
        name = PurePosixPath(archives[0]).name if archives else ""
        if len(archives) == 1 and not any(is_report(name) for name in self.files):
            return Packed(name, self.content_of(archives[0]))
        return Packed(f"{self.key}.zip", packed(self.entries()))

    def entries(self) -> Iterator[tuple[str, Read]]:
        """The names of all files, those in zips too, and how to read each."""
        archives = self.archives()
        near = [name for name in self.files if name.count("/") <= MAX_DEPTH + 1 and name not in archives]
        for name in worth_a_look(sorted(near)):
            yield name, partial(self.listing.read, self.files[name])
        for name in archives:
            try:
                inner = ZipSource(Path(name), self.content_of(name))
            except SubmissionError:
                yield name, nothing  # damaged, or no zip: its name is told
                continue
            prefix = f"{PurePosixPath(name).stem}/" if len(archives) > 1 else ""
            for entry in inner.names:
                yield prefix + entry, partial(inner.read, entry)


def nothing(most: int) -> None:
    """Reads a file that can't be read."""


def is_report(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name == REPORT or path.parent.name == FOLDER


def most_of(name: str) -> int:
    """How many bytes of a file grading may look at; 0 if only its name counts."""
    if name.lower().endswith(".ipynb"):
        return MAX_NOTEBOOK
    if name.lower().endswith(CODE):
        return MAX_FILE
    return max(MAX_PICTURE, MAX_TEXT) if is_report(name) else 0


def packed(entries: Iterator[tuple[str, Read]]) -> bytes:
    """A zip of the files.  Of those that play no part only the name is kept.

    Raises SubmissionError if the others are too large.
    """
    stream, size = io.BytesIO(), 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, read in entries:
            content = read(most_of(name)) if most_of(name) else b""
            info = zipfile.ZipInfo(name)  # dated 1980: the same files give the same bytes
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = (REGULAR if content is not None else NOT_REGULAR) << 16
            size += len(content or b"")
            if size > MAX_PACKED:
                raise SubmissionError(f"Its Python files and its report have more than {MAX_PACKED // 2**20} MB.")
            package.writestr(info, content or b"")
    return stream.getvalue()
