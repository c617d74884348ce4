"""What results.json says of a whole run."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from grader import __version__
from grader.feedback.causes import headline, public_causes
from grader.judging.record import Apart, Figure, Record, Status
from grader.judging.run import Run

NOT_STARTED = "Grading stopped before the first check.  Course staff: the run's log says why; fix that and grade again."
INTERRUPTED = (
    "Grading was interrupted.  Checks that had finished keep their points.  Ask the course staff to grade again."
)


@dataclass
class Header:
    """What is said of a whole run.

    `text` is for the student, `details` hold kit and mode, `figures` are ranked. What was graded
    `apart` is shown when hidden checks are, which `hidden` says in Gradescope's words.
    """

    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    figures: Iterable[Figure] = ()
    apart: Apart | None = None
    hidden: str = "visible"


def header_of(records: Iterable[Record], run: Run | None, seconds: float) -> Header:
    """The header of a run that has taken so many seconds; None is a run that has not started."""
    details: dict[str, Any] = {"kit": __version__, "checks": count_statuses(records)}
    if run is None:
        return Header(NOT_STARTED, details, seconds)
    unfinished = details["checks"][Status.NOT_RUN] > 0  # the text stays if this process is killed
    details |= {"mode": run.describe(), "submission": run.digest, "not gradable": run.not_gradable}
    apart = run.settings.apart
    if apart is not None:
        details["report"] = apart.details
    lines = [*([INTERRUPTED] if unfinished else []), *run.submission.told(), *([apart.text] if apart else [])]
    text = "\n".join([*lines, *what_to_fix(records)])
    return Header(text, details, seconds, list(run.figures.values()), apart, run.assignment.hidden)


def what_to_fix(records: Iterable[Record]) -> list[str]:
    """The causes of what failed, a line for each, as far as every student may see them."""
    lines = [f"{i}. {headline(cause)}" for i, cause in enumerate(public_causes(records), 1)]
    return ["What to fix:", *lines] if lines else []


def count_statuses(records: Iterable[Record]) -> dict[str, int]:
    """How many checks ended in each way."""
    counts = Counter(record.status for record in records)
    return {str(status): counts[status] for status in Status}
