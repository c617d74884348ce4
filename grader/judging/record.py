"""What is known of one check, and the figures that are shown beside points."""

import math
from dataclasses import dataclass

STATUSES = ("passed", "failed", "to do", "blocked", "error", "not run")  # "error": the grader could not check


@dataclass
class Record:
    """What is known of one check: its maximum from the start, its points once it has run.

    `status` is one of STATUSES; `hint` names the mistake behind a failure, where it is a known one.
    """

    title: str
    exercise: str
    max_points: float
    name: str = ""
    number: str = ""
    hidden: bool = False
    visibility: str | None = None
    tags: tuple[str, ...] = ()
    points: float = 0.0
    status: str = "not run"
    output: str = ""
    hint: str = ""
    subject: str = ""
    seconds: float = 0.0

    @property
    def feedback(self) -> str:
        """What the check says: the hint first."""
        return "\n\n".join(filter(None, [self.hint, self.output]))

    @property
    def earned(self) -> float:
        """The points, none where a check set them to NaN or an infinity."""
        return self.points if math.isfinite(self.points) else 0.0

    @property
    def earned_all(self) -> bool:
        return self.status == "passed" and self.earned >= self.max_points


@dataclass(frozen=True)
class Figure:
    """A measured value worth showing beside points: `documents` is the course documents' value, where they have one.

    `order` puts it on Gradescope's leaderboard: "desc" where more is better, "asc" where less is; "" leaves it out.
    """

    name: str
    value: float
    documents: float | None = None
    order: str = ""
