"""How late a submission is, and what that costs: shown next to its points, never taken off them."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.assignment import Late

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """How late a submission is.

    Attributes:
        late: whether it is.
        days: days that have begun after the deadline; None if the time is not known.
        percent: what it loses, in percent of all points.
    """

    late: bool = False
    days: int | None = 0
    percent: float = 0.0

    @property
    def text(self) -> str:
        """For a table: "" for what is in time."""
        if not self.late:
            return ""
        return "late" if self.days is None else f"{self.days} day{'s' if self.days != 1 else ''}"

    @property
    def in_words(self) -> str:
        return "late" if self.days is None else f"late: {self.text}"

    def penalty(self, max_points: float) -> float:
        return round(self.percent / 100 * max_points, 2)


def lateness(rule: Late, submitted: datetime | None, marked: bool) -> Lateness:
    """How late a submission is that came at a time, or that the course page has marked as late."""
    if submitted is None or rule.deadline is None:
        return Lateness(late=True, days=None) if marked else Lateness()
    over = submitted - rule.deadline
    if over <= timedelta(minutes=rule.grace_minutes):
        return Lateness()
    days = math.ceil(over / DAY)
    return Lateness(True, days, min(rule.most_percent, days * rule.percent_per_day))
