"""Calls that reached their time limit: how long the next ones may take, and which are left out.

An endless loop would cost its whole time again in every check. So once a question about a function
has reached its limit, and was never answered, it gets a quarter of its time when it is asked again.
If that call stops in the same place, the function never ends: checks that ask this question are not
run. A function that is only slow answers other checks. It is always asked, because nothing else
shows what those checks earn.
"""

from dataclasses import dataclass, field, replace

from grader.intake.submission import Staged
from grader.sandbox.outcome import Failure, Kind
from grader.sandbox.raised import Frame

SHARE_IN_A_HURRY = 0.25
TIMEOUTS_BEFORE_HURRY = 2  # of a question that was also answered


@dataclass
class TimeOuts:
    """What one run knows of its questions: each is a probe and the function that it asks.

    Attributes:
        ended: the questions that were answered, if only by an exception.
        counts: how often each question reached its limit.
        places: by file and function, the frames of the first call that reached its limit there.
        endless: the questions that are never answered, each with its last failure.
    """

    ended: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Frame, ...]] = field(default_factory=dict)
    endless: dict[str, Failure] = field(default_factory=dict)

    def share(self, question: str) -> float:
        """The share of its time that a question gets."""
        count = self.counts.get(question, 0)
        hurry = count >= TIMEOUTS_BEFORE_HURRY if question in self.ended else count or self.endless
        return SHARE_IN_A_HURRY if hurry else 1.0

    def deserves_more(self, question: str, failure: Failure | None) -> bool:
        """Whether a question that got only a share of its time must be asked with all of it.

        It must if nothing shows yet that it is never answered.
        """
        if failure is None or failure.kind != Kind.TIMEOUT or self.counts.get(question):
            return False
        return place_of(question, failure) not in self.places

    def note(self, question: str, failure: Failure | None) -> Failure | None:
        """Remember how a call ended; its failure, with the frames of the first one in its place."""
        if failure is None or failure.kind != Kind.TIMEOUT:
            self.ended.add(question)
            return failure
        place = place_of(question, failure)
        is_known = place in self.places
        failure = replace(failure, frames=self.places.setdefault(place, failure.frames))
        self.counts[question] = self.counts.get(question, 0) + 1
        if is_known and question not in self.ended:
            self.endless[question] = failure
        return failure


def place_of(question: str, failure: Failure) -> tuple[str, str]:
    """The file and function that a call was in; without samples the question stands for it."""
    return (failure.frames[-1].file, failure.frames[-1].function) if failure.frames else ("", question)


def with_lines(failure: Failure, submission: Staged) -> Failure:
    """A time-out whose frames have their lines' text, without those whose line does not exist."""
    if failure.kind != Kind.TIMEOUT:
        return failure
    frames = [replace(frame, text=submission.line(frame.file, frame.line).strip()) for frame in failure.frames]
    return replace(failure, frames=tuple(frame for frame in frames if frame.text))
