"""Reads and checks assignment.toml, which says what the course hands out.

If the environment variable GRADER_ASSIGNMENT names a file, that file is read instead. Only `title`
and `exercises` are required. Comments in assignment.toml explain the other keys.
"""

import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

KIT = Path(__file__).resolve().parent.parent
STAFF = KIT / "grader" / "staff"  # not on students' machines
STAFF_EXERCISES = STAFF / "exercises"
CHECKS = (KIT / "tests", STAFF_EXERCISES)  # the folders with visible and with hidden checks
KEYS = {
    "limits": ("time_factor",),
    "visibility": ("hidden",),
    "report": ("points",),
    "late": ("deadline", "grace_minutes", "percent_per_day", "most_percent"),
    "gradescope": ("pictures",),
}
VISIBILITIES = ("after_published", "after_due_date", "visible", "hidden")  # Gradescope's words
LEAST_FACTOR, MOST_FACTOR, MOST_POINTS = 0.1, 20, 1000
VARIABLE = "GRADER_ASSIGNMENT"
NUMBER = re.compile(r"""@number\(["']([^"']+)["']\)""")
QUESTION = re.compile(r"^\*\*(\d+\.\d+)\*\* ", re.MULTILINE)  # of the report


class GraderError(Exception):
    """Something stops a command; the text is a sentence for its user.  `grader.cli` prints it."""


class AssignmentError(GraderError):
    """The assignment file has a wrong value; the text says which, and what is allowed."""


@dataclass(frozen=True)
class Late:
    """What late submissions lose: `percent_per_day` of all points for each day that has begun.

    They lose at most `most_percent`. A submission is late `grace_minutes` after the deadline.
    """

    deadline: datetime | None = None
    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    most_percent: float = 100.0


@dataclass(frozen=True)
class Assignment:
    """The assignment's title and its exercises, in the order in which they are checked.

    An exercise is the name of a file in src/, without ".py". `time_factor` multiplies the checks'
    CPU seconds. `hidden` says what Gradescope does with hidden checks. `points` holds, by number,
    the points of those checks that do not keep their own, and `report_points` those of the report's
    questions. `pictures` says whether Gradescope shows pictures of what visible checks saw.
    """

    title: str
    exercises: tuple[str, ...]
    time_factor: float = 1.0
    hidden: str = VISIBILITIES[0]
    points: Mapping[str, float] = field(default_factory=dict)
    report_points: Mapping[str, float] = field(default_factory=dict)
    late: Late = Late()
    pictures: bool = False


def assignment_file() -> Path:
    """The file that says what is handed out.

    A course with several assignments has several such files, and names one in the environment.
    """
    return Path(os.environ.get(VARIABLE) or KIT / "assignment.toml")


def choose_assignment(file: Path | None) -> None:
    """Have this process, and those that it starts, read this file; None changes nothing."""
    if file is not None:
        os.environ[VARIABLE] = str(file.resolve())


def read_assignment(path: Path | None = None) -> Assignment:
    """Read the assignment in a file.

    Raises AssignmentError, with a sentence, if the file is missing or wrong.
    """
    path = path or assignment_file()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError and a UnicodeDecodeError are ValueErrors
        raise AssignmentError(f"{path} can't be read: {error}.") from None
    try:
        return assignment_of(content)
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error}") from None


def assignment_of(content: dict[str, Any]) -> Assignment:
    """The assignment that a file's content describes."""
    refuse_unknown("", content, ("title", "exercises", *KEYS, "points"))
    limits, visibility, report, late, gradescope, points = (table(content, name) for name in (*KEYS, "points"))
    of_questions = report.get("points", {})
    if not isinstance(of_questions, dict):
        raise AssignmentError(
            f"report.points must be a table that starts with a line [report.points]; it is {of_questions!r}."
        )
    exercises = exercises_of(content.get("exercises"))
    return Assignment(
        title_of(content.get("title")),
        exercises,
        number_between("limits.time_factor", limits.get("time_factor", 1.0), LEAST_FACTOR, MOST_FACTOR),
        word_of("visibility.hidden", visibility.get("hidden", VISIBILITIES[0]), VISIBILITIES),
        points_of("points", points, "check", check_numbers(exercises) if points else set()),
        points_of("report.points", of_questions, "question", question_numbers(exercises) if of_questions else set()),
        late_of(late),
        flag("gradescope.pictures", gradescope.get("pictures", False)),
    )


def flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise AssignmentError(f"{key} must be true or false; it is {value!r}.")
    return value


def late_of(late: dict[str, Any]) -> Late:
    deadline = late.get("deadline")
    if deadline is not None and not isinstance(deadline, datetime):
        raise AssignmentError(f"late.deadline must be a date with a time, as 2026-11-30T23:59:00; it is {deadline!r}.")
    return Late(
        deadline.astimezone() if deadline else None,
        number_between("late.grace_minutes", late.get("grace_minutes", 0), 0, 24 * 60),
        number_between("late.percent_per_day", late.get("percent_per_day", 0), 0, 100),
        number_between("late.most_percent", late.get("most_percent", 100), 0, 100),
    )


def table(content: dict[str, Any], name: str) -> dict[str, Any]:
    """A table of the file, empty where it is not there."""
    found = content.get(name, {})
    if not isinstance(found, dict):
        raise AssignmentError(f"{name} must be a table that starts with a line [{name}]; it is {found!r}.")
    if name in KEYS:
        refuse_unknown(f"{name}.", found, KEYS[name])
    return found


def refuse_unknown(prefix: str, found: dict[str, Any], allowed: tuple[str, ...]) -> None:
    for key in found:
        if key not in allowed:
            place = f"the table [{prefix[:-1]}]" if prefix else "the file"
            raise AssignmentError(f"{prefix}{key} is unknown; {place} may have {', '.join(allowed)}.")


def title_of(title: Any) -> str:
    if not isinstance(title, str) or not title.strip():
        raise AssignmentError('it needs a line like  title = "Homework 1".')
    return title


def exercises_of(names: Any) -> tuple[str, ...]:
    allowed = checked_exercises()
    if not isinstance(names, list) or not names or any(name not in allowed for name in names):
        raise AssignmentError(f"exercises must be a list of names from {allowed}; it is {names!r}.")
    for name in names:
        if names.count(name) > 1:
            raise AssignmentError(f"exercises names {name!r} twice; name each once.")
    return tuple(names)


def points_of(name: str, entries: dict[str, Any], noun: str, known: set[str]) -> dict[str, float]:
    """The points by number of a check or question; every number must be one of those known."""
    for number, points in entries.items():
        if isinstance(points, dict):  # TOML reads 1.1 = 3 so
            raise AssignmentError(f'{name}.{number} is a table; put a {noun}\'s number in quotes:  "1.1" = 3.')
        if number not in known:
            raise AssignmentError(
                f'{name}."{number}": no {noun} that is handed out has that number; there are {number_line(known)}.'
            )
        number_between(f'{name}."{number}"', points, 0, MOST_POINTS)
    return {number: float(points) for number, points in entries.items()}


def number_line(known: set[str]) -> str:
    """The numbers of checks or questions, in their order, as "1.1, 1.2, ..."."""
    return ", ".join(sorted(known, key=lambda number: [int(part) for part in re.findall(r"\d+", number)]))


def number_between(key: str, value: Any, least: float, most: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:
        raise AssignmentError(f"{key} must be a number from {least:g} to {most:g}; it is {value!r}.")
    return float(value)


def word_of(key: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise AssignmentError(f"{key} must be one of {', '.join(allowed)}; it is {value!r}.")
    return str(value)


def with_every_exercise(assignment: Assignment) -> Assignment:
    """The assignment with all exercises that there are, its own first."""
    others = [name for name in checked_exercises() if name not in assignment.exercises]
    return replace(assignment, exercises=(*assignment.exercises, *others))


def checked_exercises() -> list[str]:
    """The exercises that exist: those with checks in tests/.

    A file in src/ does not count, because students add and delete files there.
    """
    return sorted(path.stem.removeprefix("test_") for path in CHECKS[0].glob("test_*.py"))


def visible_checks(exercise: str) -> Path:
    """The file of an exercise's visible checks."""
    return KIT / "tests" / f"test_{exercise}.py"


def hidden_checks(exercise: str) -> Path:
    """The file of an exercise's hidden checks."""
    return STAFF_EXERCISES / exercise / "test_hidden.py"


def exercise_of_checks(file: Path) -> str:
    """The exercise that a file of checks belongs to."""
    return file.parent.name if is_hidden(file) else file.stem.removeprefix("test_")


def is_hidden(file: Path) -> bool:
    """Whether a file of checks holds hidden ones."""
    return file.name == "test_hidden.py"


def check_numbers(exercises: Iterable[str], hidden: bool = True) -> set[str]:
    """The numbers of these exercises' checks, read from their files.

    So they are the same, whatever checks a run collects.
    """
    paths = [path for name in exercises for path in (visible_checks(name), hidden_checks(name)) if path.is_file()]
    chosen = [path for path in paths if hidden or not is_hidden(path)]
    return {number for path in chosen for number in NUMBER.findall(path.read_text(encoding="utf-8"))}


def question_numbers(exercises: Iterable[str]) -> set[str]:
    """The numbers of the report's questions on these exercises, before sections are left out."""
    paths = [path for name in exercises for path in KIT.glob(f"grader/exercises/{name}/report.md")]
    return {number for path in paths for number in QUESTION.findall(path.read_text(encoding="utf-8"))}
