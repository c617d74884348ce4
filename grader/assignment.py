"""What the course hands out: assignment.toml, read and checked."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent


class AssignmentError(ValueError):
    """assignment.toml holds something it can't; the text says what and what is allowed."""


@dataclass(frozen=True)
class Assignment:
    """The assignment's title and its exercises: names of files of src/, without ".py", in the order in which they are checked."""

    title: str
    exercises: tuple[str, ...]


def read_assignment(path: Path = KIT / "assignment.toml") -> Assignment:
    """The assignment in a file.  Raises AssignmentError, with a sentence, for a missing or wrong one."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AssignmentError(f"{path} can't be read: {error}.") from None
    title, exercises = content.get("title"), content.get("exercises")
    if not isinstance(title, str):
        raise AssignmentError(f'{path} needs a line like  title = "Homework 1".')
    allowed = checked_exercises()
    if not isinstance(exercises, list) or not exercises or any(name not in allowed for name in exercises):
        raise AssignmentError(f"{path}: exercises must be a list out of {allowed}; it is {exercises!r}.")
    return Assignment(title, tuple(exercises))


def checked_exercises() -> list[str]:
    """The exercises that there are: those with checks in tests/.  Not those with a file in src/, where students add and lose files."""
    return sorted(path.stem.removeprefix("test_") for path in (KIT / "tests").glob("test_*.py"))
