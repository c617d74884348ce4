"""Find each exercise's file among the names of what was handed in."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from grader.intake.filenames import KIT_NOTEBOOK, PACKAGE, is_copy_of, is_of_kit
from grader.intake.sources import MAX_DEPTH

EXPECTED = (
    "report",
    "readme",
    PACKAGE,
    "feedback.html",
    KIT_NOTEBOOK,
)  # nobody needs to hear that these were ignored
OF_KIT = "grader/cli.py"  # whoever hands it in hands in the whole kit
TOP_OF_KIT = (
    *("LICENSE", "Makefile", "assignment.toml", "conftest.py", "pyproject.toml", "requirements.txt", "setup.py"),
    ".gitattributes",
)
LEFT_BY_SYSTEMS = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")
MOST_NAMES = 3  # in one sentence


def find(names: Sequence[str], exercise: str) -> tuple[list[str], list[str]]:
    """The names in the best place that are an exercise's file, and the names of its copies there.

    Without such a file in that place, its copies stand in for it.
    """
    places: dict[Place, list[str]] = {}
    for name in names:
        file = PurePosixPath(name).name
        named = file == f"{exercise}.py" or is_copy_of(file, exercise)
        if named and not is_of_kit(name) and place_of(name).depth <= MAX_DEPTH:
            places.setdefault(place_of(name), []).append(name)
    best = places[min(places)] if places else []
    exact = [name for name in best if PurePosixPath(name).name == f"{exercise}.py"]
    return (exact, [name for name in best if name not in exact]) if exact else (best, [])


class Place(NamedTuple):
    """Where a file lies.  The best place is the least: src/, X/src/, X/Y/src/, the top, X/, X/Y/.

    `depth` counts the folders around src/ or, outside of one, around the file.
    """

    outside_src: bool
    depth: int


def place_of(name: str) -> Place:
    *folders, _ = PurePosixPath(name).parts
    in_src = folders[-1:] == ["src"]
    return Place(not in_src, len(folders) - in_src)


def note_on(taken: str, copies: Sequence[str], file: str) -> str:
    """A note if the graded file has another name, is deep down, or has copies beside it; or ""."""
    path = PurePosixPath(taken)
    others = [name for name in copies if PurePosixPath(name).parent == path.parent]
    if others:
        names = " and ".join(others[:MOST_NAMES])
        return f"{taken} was graded, and {names} was not: hand in one of them, named {file}."
    if path.name != file:
        return f"{taken} was graded as src/{file}: rename it."
    return f"{taken} was graded as src/{file}: move it there." if place_of(taken).depth == MAX_DEPTH else ""


def ignored_names(names: Iterable[str], used: Iterable[str]) -> list[str]:
    """The names of files that play no part.

    Nobody needs to hear of the report, of what systems leave behind, and of the kit's own files if
    a student handed in all of it.
    """
    names = set(names)
    kits = tuple(name.removesuffix(OF_KIT) for name in names if name == OF_KIT or name.endswith(f"/{OF_KIT}"))
    left = [name for name in sorted(names - set(used)) if not is_expected(PurePosixPath(name))]
    return [name for name in left if not (name.startswith(kits) and belongs_to_kit(name))] if kits else left


def belongs_to_kit(name: str) -> bool:
    return is_of_kit(name) or PurePosixPath(name).name in TOP_OF_KIT


def is_expected(path: PurePosixPath) -> bool:
    if path.name == "__init__.py" or path.name.lower().startswith(EXPECTED) or path.parent.name == "report":
        return True
    return any(part in LEFT_BY_SYSTEMS for part in path.parts)
