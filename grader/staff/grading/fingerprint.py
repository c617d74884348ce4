"""What a grade depends on, as one text: a submission with the same one need not be graded again."""

import hashlib
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from grader.assignment import KIT, assignment_file
from grader.judging.data import data_dir
from grader.staff.grading.grade_one import read_secret
from grader.staff.grading.job import Job

FOLDERS = ("grader", "data", "tests")
NOT_FOR_GRADING = (
    *("data/downloads/*", "grader/cli.py", "grader/commands/*", "grader/staff/*.py"),
    *(f"grader/staff/{name}/*" for name in ("tests", "docs", "attacks", "accidents", "examples", "proving", "release")),
    "grader/staff/grading/*",
)
ALL_THE_SAME = tuple(f"grader/staff/grading/{name}.py" for name in ("grade_one", "report", "numbers"))
SUFFIXES = (".py", ".toml", ".json", ".bin", ".md", ".jinja", ".css", ".txt")


def fingerprint(job: Job) -> str:
    """A hash of the submission, the kit, the assignment, the data, the secret and the settings."""
    parts = (job.packed.name.encode(), job.packed.content, surroundings(), repr(job.full).encode())
    return digest_of(parts)


@cache
def surroundings() -> bytes:
    """What all submissions of a run have in common."""
    return digest_of((kit_mark().encode(), assignment_file().read_bytes(), *data_parts())).encode()


def kit_mark() -> str:
    """A hash of the kit, the staff's secret, and the versions of Python and of the packages."""
    parts = [read_secret(), repr(sys.version_info[:3]).encode()]
    for path in kit_files():
        parts += [path.relative_to(KIT).as_posix().encode(), path.read_bytes()]
    return digest_of(tuple(parts))


def digest_of(parts: tuple[bytes, ...]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode() + part)
    return digest.hexdigest()


def kit_files() -> Iterator[Path]:
    """The kit's files that may change a grade."""
    for path in (path for folder in FOLDERS for path in sorted((KIT / folder).rglob("*"))):
        name = path.relative_to(KIT).as_posix()
        left_out = name not in ALL_THE_SAME and any(fnmatch(name, pattern) for pattern in NOT_FOR_GRADING)
        if path.suffix in SUFFIXES and not left_out and path.is_file():
            yield path
    yield from (KIT / name for name in ("requirements.txt", "report_template.md"))


def data_parts() -> Iterator[bytes]:
    """The names, sizes and times of the real data's files: to read them all would take long."""
    folder = data_dir()
    if folder is not None:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                state = path.stat()
                yield f"{path.relative_to(folder)}:{state.st_size}:{state.st_mtime_ns}".encode()
