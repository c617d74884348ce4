"""What the kit reads off a pytest item: whether it is a check, its title and points, its budget; and how to run its function."""

from typing import Any

import pytest

from grader.assignment import Assignment, exercise_of_checks, is_hidden
from grader.judging.checks import Check
from grader.judging.record import Record
from grader.judging.run import Run
from grader.judging.thresholds import Thresholds
from grader.sandbox.client import WALL_FACTOR

CPU_S = 5.0  # a check's budget in CPU seconds, unless it has a pytest-timeout marker


def is_check(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "obj", None), "__weight__")


def exercise_of(item: pytest.Item) -> str:
    return exercise_of_checks(item.path)


def exercises_of(item: pytest.Item) -> frozenset[str]:
    """The exercises that a check may ask: its own, and those that its `also` marker names."""
    return frozenset([exercise_of(item), *(name for marker in item.iter_markers("also") for name in marker.args)])


def is_handed_out(item: pytest.Item, assignment: Assignment) -> bool:
    """Whether every exercise that the check asks is one of the assignment's."""
    return exercises_of(item) <= set(assignment.exercises)


def new_record(item: pytest.Item, assignment: Assignment) -> Record:
    """A check's record, from its docstring's first line, its decorators and its place; the assignment may say other points."""
    function = item.obj  # type: ignore[attr-defined]
    hidden = is_hidden(item.path)
    number = getattr(function, "__number__", "")
    return Record(
        name=item.name,
        title=title_of(item),
        exercise=exercise_of(item),
        max_points=assignment.points.get(number, float(function.__weight__)),
        number=number,
        hidden=hidden,
        visibility=getattr(function, "__visibility__", assignment.hidden if hidden else None),
        tags=getattr(function, "__tags__", ()),
    )


def title_of(item: pytest.Item) -> str:
    """The docstring's first line; a parametrised check's may name its parameters in braces."""
    title = (item.obj.__doc__ or item.name).strip().splitlines()[0]  # type: ignore[attr-defined]
    parameters = getattr(item, "callspec", None)
    return title.format(**parameters.params) if parameters else title


def budget(item: pytest.Item) -> float:
    """The submission's CPU seconds in this check."""
    return item.stash.get(BUDGET, CPU_S)


BUDGET = pytest.StashKey[float]()


def give_pytest_timeout_a_margin(item: pytest.Item, factor: float, full: bool = False) -> None:
    """A check's timeout marker, times a factor, is the submission's budget, which the sandbox enforces; pytest-timeout stands far behind.

    With the full budget a `full` marker's seconds count instead.
    """
    marker = (item.get_closest_marker("full") if full else None) or item.get_closest_marker("timeout")
    item.stash[BUDGET] = factor * (float(marker.args[0]) if marker else CPU_S)
    item.add_marker(pytest.mark.timeout(item.stash[BUDGET] * WALL_FACTOR * 4 + 120), append=False)


def new_check(run: Run, item: pytest.Item, attempt: int = 0) -> Check:
    """The asker that a check is given in a run."""
    trains = item.get_closest_marker("trains") is not None
    return Check(run, item.name, exercise_of(item), budget(item), attempt, trains=trains, exercises=exercises_of(item))


def call_check(item: pytest.Function, check: Check) -> None:
    """Run a check's function with this asker; fixtures that are not the kit's are those of its first call."""
    names = item._fixtureinfo.argnames
    given: dict[str, Any] = dict(getattr(item, "funcargs", {}))
    given |= {"check": check, "agree": check.agree, "rng": check.rng}
    given |= {"thresholds": thresholds_of(item)} if "thresholds" in names else {}
    given |= item.callspec.params if hasattr(item, "callspec") else {}
    item.obj(**{name: given[name] for name in names})


def thresholds_of(item: pytest.Item) -> Thresholds:
    """The measured thresholds in the file beside the check's module."""
    return Thresholds(item.path.parent / "thresholds.json")


def score_of(item: pytest.Item, max_points: float) -> float:
    """The share of its own points that a check set as partial credit, of these points; all where it set none."""
    score, own = getattr(item.obj, "__score__", None), float(item.obj.__weight__)  # type: ignore[attr-defined]
    if score is None or score >= own or own <= 0:
        return max_points
    return max(float(score), 0.0) * (max_points / own)
