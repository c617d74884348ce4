"""What is known of one check, what it says, and the figures that are shown beside points."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.judging.picture import Picture
from grader.judging.values import Value
from grader.texts import safe


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    TO_DO = "to do"  # its function is an untouched stub
    BLOCKED = "blocked"  # another function must be right first
    ERROR = "error"  # the grader could not check it
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Apart:
    """What was graded apart from the checks, and adds nothing to their points.

    `text` may be shown to anyone. `feedback` says what is right: it is shown when hidden checks
    are.
    """

    title: str
    text: str
    feedback: str = ""
    details: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Origin:
    """Where a failure comes from: one exception at one line, or a file that can't be imported.

    `key` is the same for all failures that come from there.  `file` is the file that can't be
    imported, as "src/NAME.py", if that is why.
    """

    key: str
    file: str = ""


@dataclass(frozen=True)
class Feedback:
    """What a check says when it earned nothing.

    `public` (default: the sentence) may be shown to anyone.  The rest may tell inputs and expected
    values: it is for visible checks and for the staff.  `printed` is what the submission printed.
    `origin` is where the failure comes from, if that is known.  `values` are the expected values
    and the submission's.  Every text is cut and readable.
    """

    sentence: str
    details: str = ""
    printed: str = ""
    public: str = ""
    origin: Origin | None = None
    values: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        for name in ("sentence", "details", "printed", "public"):
            object.__setattr__(self, name, safe(getattr(self, name)))


@dataclass
class Record:
    """What is known of one check: its maximum from the start, its points once it has run.

    `function` is the submission's function or class that it is about.  `hints` name the mistakes
    behind a failure, if they are known ones.  `subject` is the function that is to do.  `notes` are
    remarks on a submission that passed all the same.  `pictures` may show inputs and expected
    values.
    """

    title: str
    exercise: str
    max_points: float
    function: str = ""
    name: str = ""
    number: str = ""
    hidden: bool = False
    visibility: str | None = None
    tags: tuple[str, ...] = ()
    points: float = 0.0
    status: Status = Status.NOT_RUN
    feedback: Feedback | None = None
    notes: list[str] = field(default_factory=list)
    hints: tuple[str, ...] = ()
    subject: str = ""
    seconds: float = 0.0
    pictures: list[Picture] = field(default_factory=list)

    @property
    def earned(self) -> float:
        """The points, or none if a check set them to NaN or infinity."""
        return self.points if math.isfinite(self.points) else 0.0

    @property
    def lost(self) -> float:
        """The points that it did not earn."""
        return max(self.max_points - self.earned, 0.0)

    @property
    def earned_all(self) -> bool:
        return self.status == Status.PASSED and self.earned >= self.max_points


@dataclass(frozen=True)
class Figure:
    """A measured value worth showing beside points.

    `documents` is the same figure in the course documents (the homework texts that the exercises
    come from), if they have it.  `order` puts it on Gradescope's leaderboard: "desc" if more is
    better, "asc" if less is.
    """

    name: str
    value: float
    documents: float | None = None
    order: str = ""
