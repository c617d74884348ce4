"""Finds a report in what was handed in: report.md, and the files in report/ beside it."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.intake.sources import MAX_DEPTH, Source

REPORT, FOLDER = "report.md", "report"
SUFFIXES = (".png", ".jpg", ".jpeg", ".json")
MAX_TEXT = 500_000  # bytes of report.md
MAX_PICTURE = 5 * 2**20  # bytes of one file in report/
MAX_ALL = 25 * 2**20  # bytes of all of them
MOST_FILES = 300


@dataclass
class ReportFiles:
    """A report as it was handed in.

    Attributes:
        text: report.md; None if there is none, or if it can't be read.
        files: the contents of its pictures and runs, by names such as "report/loss.png".
        problems: sentences on files that can't be taken.
    """

    text: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def find_report(source: Source, deepest: int = MAX_DEPTH) -> str:
    """The name of the report.md with the fewest folders around it, or "" if there is none.

    There may be `deepest` folders around it.
    """
    names = [name for name in source.names if PurePosixPath(name).name == REPORT]
    best = min(names, key=lambda name: (name.count("/"), name), default="")
    return best if best.count("/") <= deepest else ""


def take_report(source: Source, deepest: int = MAX_DEPTH) -> ReportFiles:
    """Read the report and its files; what is too large or damaged costs a sentence."""
    taken, name = ReportFiles(), find_report(source, deepest)
    if not name:
        return taken
    content = source.read(name, MAX_TEXT)
    if content is None:
        taken.problems.append(f"{name} can't be read: it should be a regular file of at most {MAX_TEXT} bytes.")
        return taken
    try:
        taken.text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        taken.problems.append(f"{name}, line {line}, is not UTF-8. Save the file with the encoding UTF-8.")
        return taken
    take_files(taken, source, PurePosixPath(name).parent / FOLDER)
    return taken


def take_files(taken: ReportFiles, source: Source, folder: PurePosixPath) -> None:
    """Read the pictures and runs in the folder."""
    names = [name for name in source.names if is_wanted(PurePosixPath(name), folder)]
    size = 0
    for name in sorted(names)[:MOST_FILES]:
        content = source.read(name, MAX_PICTURE)
        if content is None:
            taken.problems.append(
                f"{name} can't be read: it should be a regular file of at most {MAX_PICTURE // 2**20} MB."
            )
            continue
        size += len(content)
        if size > MAX_ALL:
            taken.problems.append(
                f"The files in {FOLDER}/ have more than {MAX_ALL // 2**20} MB. {name} and later ones were left out."
            )
            return
        taken.files[f"{FOLDER}/{PurePosixPath(name).name}"] = content
    if len(names) > MOST_FILES:
        taken.problems.append(f"{FOLDER}/ holds {len(names)} files. Only the first {MOST_FILES} were taken.")


def is_wanted(path: PurePosixPath, folder: PurePosixPath) -> bool:
    return path.parent == folder and path.suffix.lower() in SUFFIXES
