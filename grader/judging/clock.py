"""How long one submission may take by the clock, whatever it does: waiting counts too.

A call may wait several times its CPU seconds, because machines are shared.  A submission that makes
many calls wait gets less patience, so that all its checks are still judged.
"""

import time
from dataclasses import dataclass, field, replace

from grader.sandbox.call import WALL_FACTOR, Call

MOST_S = 400.0  # for all calls; Gradescope stops a run after ten minutes, and mistakes must still be named
AGAIN_S = 40.0  # more, for the questions of a student's machine
NAMING_S = 60.0  # more, until no further mistake is looked for
IS_SLOW = 1.5  # a call that took so many times its CPU seconds by the clock
# After so many slow calls, a call may take so many times its CPU seconds by the clock.
PATIENCE = ((6, 0.3), (2, 1.5), (0, float(WALL_FACTOR)))
LEAST_S = 1.0  # of a call
MOST_ANSWER = 8 * 2**20  # bytes of a submission's answer; the reference's largest has 1 MB


@dataclass
class Clock:
    """The clock time that a submission has left.

    `factor` multiplies `most_s`, as the assignment's time_factor does CPU seconds.
    """

    factor: float = 1.0
    most_s: float = MOST_S
    started: float = field(default_factory=time.monotonic)
    slow_calls: int = 0

    @property
    def ends(self) -> float:
        return self.started + self.most_s * max(self.factor, 1.0)

    @property
    def naming_ends(self) -> float:
        """When to stop looking for mistakes."""
        return self.ends + NAMING_S

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends

    def limited(self, call: Call) -> Call:
        """The call with limits on clock time, and on the size of its answer."""
        factor = next(factor for slow_calls, factor in PATIENCE if self.slow_calls >= slow_calls)
        left = max(self.ends - time.monotonic(), LEAST_S)
        return replace(call, wall_s=min(max(call.cpu_s * factor, LEAST_S), left), answer_bytes=MOST_ANSWER)

    def note(self, call: Call, seconds: float) -> None:
        """Remember how long a call took by the clock."""
        limit = call.wall_s if call.wall_s is not None else call.cpu_s * WALL_FACTOR
        self.slow_calls += seconds > min(call.cpu_s * IS_SLOW, limit * 0.9)
