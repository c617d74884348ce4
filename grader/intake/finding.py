"""Find each exercise's file among the names of what was handed in."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from grader.intake.filenames import is_copy_of
from grader.intake.sources import MAX_DEPTH

EXPECTED = ("report", "readme", "submission.zip")  # nobody needs to hear that these were ignored
LEFT_BY_SYSTEMS = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")
MOST_NAMES = 3  # in one sentence


def find(names: Sequence[str], exercise: str) -> tuple[list[str], list[str]]:
    """The names in the best place that are an exercise's file, and the names of its copies.

    Without such a file, its copies in the best place stand in for it.
    """
    copies = [name for name in names if is_copy_of(PurePosixPath(name).name, exercise)]
    candidates = in_best_place(name for name in names if PurePosixPath(name).name == f"{exercise}.py")
    return (candidates, copies) if candidates else (in_best_place(copies), [])


def in_best_place(names: Iterable[str]) -> list[str]:
    """The names in the best place that any has: src/F, F, X/src/F, X/F, X/Y/src/F, X/Y/F."""
    ranks: dict[tuple[int, bool], list[str]] = {}
    for name in names:
        if place_of(name)[0] <= MAX_DEPTH:
            ranks.setdefault(place_of(name), []).append(name)
    return ranks[min(ranks)] if ranks else []


def place_of(name: str) -> tuple[int, bool]:
    """How many folders are around src/ or the file, and whether the file is outside of a src/."""
    *folders, _ = PurePosixPath(name).parts
    if folders[-1:] == ["src"]:
        return len(folders) - 1, False
    return len(folders), True


def note_on(taken: str, copies: Sequence[str], file: str) -> str:
    """A note if the graded file has another name, is deep down, or has copies beside it; or ""."""
    path = PurePosixPath(taken)
    others = [name for name in copies if PurePosixPath(name).parent == path.parent]
    if others:
        names = " and ".join(others[:MOST_NAMES])
        return f"{taken} was graded, and {names} was not: hand in one of them, named {file}."
    if path.name != file:
        return f"{taken} was graded as src/{file}: rename it."
    return f"{taken} was graded as src/{file}: move it there." if place_of(taken)[0] == MAX_DEPTH else ""


def ignored_names(names: Iterable[str], used: Iterable[str]) -> list[str]:
    """The names of files that play no part, without the report and what systems leave behind."""
    paths = [PurePosixPath(name) for name in sorted(set(names) - set(used))]
    return [str(path) for path in paths if not is_expected(path)]


def is_expected(path: PurePosixPath) -> bool:
    if path.name == "__init__.py" or path.name.lower().startswith(EXPECTED) or path.parent.name == "report":
        return True
    return any(part in LEFT_BY_SYSTEMS for part in path.parts)
