"""How a check ends without points: the exceptions that a check raises, each with what it says."""

from dataclasses import replace
from typing import ClassVar, Self

from grader.judging.advice import SHAPES
from grader.judging.forward import Shown
from grader.judging.record import Feedback, Origin, Status
from grader.judging.values import Value


class CheckFailed(Exception):
    """A check failed and earns nothing.

    `feedback` is its message. `subject` is the function that is still to do. `origin` is where the
    failure comes from, as in Feedback.
    """

    status: ClassVar[Status] = Status.FAILED

    def __init__(
        self,
        sentence: str,
        details: str = "",
        printed: str = "",
        public: str = "",
        subject: str = "",
        origin: Origin | None = None,
    ) -> None:
        super().__init__(sentence)
        self.feedback = Feedback(sentence, details, printed, public or sentence, origin)
        self.subject = subject

    def with_values(self, values: tuple[Value, ...]) -> Self:
        """The same, with the expected values and the submission's."""
        self.feedback = replace(self.feedback, values=values)
        return self


class Failed(CheckFailed):
    """The submission does something else than it should."""


class Raised(Failed):
    """The submission raised an exception, or returned something unusable.

    Perhaps only because a function that it calls is wrong.
    """

    def with_forward(self, forward: Shown) -> Self:
        """The same, with the first step of a network that differs.

        It takes the place of advice on shapes, which does not know the network.
        """
        if not forward.sentence:
            return self
        sentence = self.feedback.sentence
        for advice in SHAPES:
            sentence = sentence.replace(f"  {advice}", "")
        details = "\n".join(filter(None, [self.feedback.details, forward.table]))
        self.feedback = replace(self.feedback, sentence=f"{sentence}  {forward.sentence}", details=details)
        return self


class NotImportable(Failed):
    """A file of the submission that a check needs is missing or can't be imported."""


class MissedThreshold(Failed):
    """A measured quantity missed its threshold.

    Chance plays a part, so the check asks again with another seed.
    """


class ToDo(CheckFailed):
    """The function is still a stub."""

    status = Status.TO_DO


class Blocked(CheckFailed):
    """The check can't be judged before another function is right."""

    status = Status.BLOCKED
