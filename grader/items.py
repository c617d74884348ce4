"""What the kit reads from a pytest item, and how it runs a check.

A check is a test function with gradescope-utils' @weight (or @partial_credit).
"""

import inspect
import re
import traceback
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from grader.assignment import Assignment, GraderError, exercise_of_checks, is_hidden
from grader.judging.checks import Check
from grader.judging.exchange import UNANSWERED
from grader.judging.failures import CheckFailed, Failed, MissedThreshold
from grader.judging.record import Record, Status
from grader.judging.run import Run
from grader.judging.thresholds import Thresholds
from grader.sandbox.call import WALL_FACTOR
from grader.sandbox.probe import most_asked, targets_of
from grader.texts import safe

CPU_S = 5.0  # the submission's CPU seconds in a check that has no pytest-timeout marker
ATTEMPTS = 2  # a correct solution's chance of missing a threshold is squared
BUDGET = pytest.StashKey[float]()
WRONG_FORM = "The result has the wrong form: other keys, or arrays of other shapes."


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


def in_order(items: Iterable[pytest.Item], assignment: Assignment) -> list[pytest.Item]:
    """What is handed out: tests that are no checks, then visible checks, then hidden ones.

    What a submission learns from hidden checks then can't reach anything that its student reads.
    """

    def place(item: pytest.Item) -> tuple[bool, int]:
        return (is_hidden(item.path), assignment.exercises.index(exercise_of(item))) if is_check(item) else (False, -1)

    return sorted((item for item in items if not is_check(item) or is_handed_out(item, assignment)), key=place)


def refuse_same_names(checks: Iterable[pytest.Item]) -> None:
    """Raise UsageError for two checks with one name: recorded answers and hints go by the name."""
    files: dict[str, str] = {}
    for item in checks:
        file = item.nodeid.partition("::")[0]
        if files.setdefault(item.name, file) != file:
            raise pytest.UsageError(
                f"Two checks are called {item.name}, in {files[item.name]} and in {file}.  Rename one of them."
            )


def new_record(item: pytest.Item, assignment: Assignment) -> Record:
    """A check's record, from its docstring's first line, its decorators and its file.

    The assignment may give other points than the check's own.
    """
    function = item.obj  # type: ignore[attr-defined]
    hidden = is_hidden(item.path)
    number = getattr(function, "__number__", "")
    return Record(
        name=item.name,
        title=title_of(item),
        exercise=exercise_of(item),
        function=function_of(item),
        max_points=assignment.points.get(number, float(function.__weight__)),
        number=number,
        hidden=hidden,
        visibility=getattr(function, "__visibility__", assignment.hidden if hidden else None),
        tags=getattr(function, "__tags__", ()),
    )


def title_of(item: pytest.Item) -> str:
    """The docstring's first line. If the check has parameters, braces may name them."""
    title = (item.obj.__doc__ or item.name).strip().splitlines()[0]  # type: ignore[attr-defined]
    parameters = getattr(item, "callspec", None)
    return title.format(**parameters.params) if parameters else title


def function_of(item: pytest.Item) -> str:
    """The submission's function or class that a check is about.

    It is the one that the check's title names first, else the one that most probes ask.
    """
    exercise, title = exercise_of(item), title_of(item)
    places = {target: re.search(rf"\b{re.escape(target)}\b", title) for target in targets_of(exercise)}
    named = {target: place.start() for target, place in places.items() if place}
    return min(named, key=lambda target: named[target], default=most_asked(exercise)) or exercise


def set_budget(item: pytest.Item, factor: float, full: bool = False) -> None:
    """Set the submission's CPU seconds in this check: its timeout marker's, times the factor.

    With the full budget a `full` marker's seconds count instead.  The sandbox enforces them.
    pytest-timeout gets a limit that lies far beyond: it stops a grader that hangs.
    """
    marker = (item.get_closest_marker("full") if full else None) or item.get_closest_marker("timeout")
    item.stash[BUDGET] = factor * (float(marker.args[0]) if marker else CPU_S)
    item.add_marker(pytest.mark.timeout(item.stash[BUDGET] * WALL_FACTOR * 4 + 120), append=False)


def budget(item: pytest.Item) -> float:
    """The submission's CPU seconds in this check; `set_budget` must have set them."""
    return item.stash[BUDGET]


def new_check(run: Run, item: pytest.Item, attempt: int = 0) -> Check:
    """What a check asks through in a run."""
    trains = item.get_closest_marker("trains") is not None
    return Check(
        run,
        item.name,
        exercise_of(item),
        budget(item),
        attempt,
        trains=trains,
        exercises=exercises_of(item),
        function=function_of(item),
    )


def run_check(item: pytest.Function, run: Run, record: Record) -> CheckFailed | None:
    """Run a check and write its outcome into its record; return the failure, if it failed.

    After a missed threshold the check runs once more, with other inputs: what it says then counts.
    Any other exception, if it is not due to the submission's answers, is the grader's own error:
    the record says so, and it is raised.  A check that Ctrl-C stopped counts as not run.
    """
    try:
        return judged(item, run, record)
    except KeyboardInterrupt:
        record.status = Status.NOT_RUN
        raise


def judged(item: pytest.Function, run: Run, record: Record) -> CheckFailed | None:
    """As `run_check`, if nobody stops it."""
    record.status, record.points = Status.ERROR, 0.0
    item.obj.__dict__.pop("__score__", None)  # a parametrised check's partial credit must not leak into the next
    for attempt in range(ATTEMPTS):
        check = new_check(run, item, attempt)
        failure = failure_of(item, check)
        check.forget_large()
        record.notes, record.pictures = check.notes, check.pictures
        if not isinstance(failure, MissedThreshold) or run.settings.recording:
            break
    if failure is None:
        record.status, record.points = Status.PASSED, score_of(item, record.max_points)
    else:
        record.status, record.feedback, record.subject = failure.status, failure.feedback, failure.subject
    return failure


def failure_of(item: pytest.Function, check: Check) -> CheckFailed | None:
    """Call a check's function; the failure that it raises, if it does."""
    try:
        call_check(item, check)
    except CheckFailed as failure:
        return failure
    except GraderError:
        raise
    except Exception:
        if not is_the_submissions(item, check):
            raise
        check.run.odd_answers.append(f"{item.name}: {safe(traceback.format_exc())}")
        return Failed(WRONG_FORM)
    return None


def is_the_submissions(item: pytest.Function, check: Check) -> bool:
    """Whether an exception in a check is due to the submission's answers.

    It is, if there were any and the check can judge the reference's.
    """
    run = check.run
    if run.settings.debugging or all(exchange.answer is UNANSWERED for exchange in check.exchanges):
        return False
    if not run.settings.live:
        return True
    again = replace(check, of_reference=True)
    try:
        call_check(item, again)
    except CheckFailed:
        pass
    except Exception:
        return False
    return True


def call_check(item: pytest.Function, check: Check) -> None:
    """Call a check's function with this `check`; fixtures that are not the kit's are pytest's."""
    values: dict[str, Any] = dict(getattr(item, "funcargs", None) or {})
    values |= {"check": check, "agree": check.agree, "rng": check.rng}
    values |= item.callspec.params if hasattr(item, "callspec") else {}
    names = [name for name in inspect.signature(item.obj).parameters if name in values or name == "thresholds"]
    if "thresholds" in names:
        values["thresholds"] = thresholds_of(item)
    item.obj(**{name: values[name] for name in names})


def thresholds_of(item: pytest.Item) -> Thresholds:
    """The measured thresholds in the file beside the check's module."""
    return Thresholds(item.path.parent / "thresholds.json")


def score_of(item: pytest.Item, max_points: float) -> float:
    """The points of a passed check: all, or the share that it set as partial credit."""
    score, own = getattr(item.obj, "__score__", None), float(item.obj.__weight__)  # type: ignore[attr-defined]
    if score is None or score >= own or own <= 0:
        return max_points
    return max(float(score), 0.0) * (max_points / own)
