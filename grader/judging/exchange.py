"""What a check asked a submission, and the answer: what the diagnosis works with."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from grader.judging.compare import RTOL, compare
from grader.judging.mutants import Mutant
from grader.judging.problems import problem_of
from grader.sandbox.call import Call
from grader.sandbox.outcome import Outcome
from grader.sandbox.probe import Probe

# What is written with what: a mistake in train_epoch shows in run_model too.
BUILT_ON = {"run_model": ("train_epoch", "evaluate"), "InversionInvariantLeNet5": ("LeNet5",)}


class Verdict(IntEnum):
    """What an answer showed.

    The diagnosis asks about failed answers first, because they rule out most mistakes.
    """

    FAILED = 0  # the check failed because of it
    AGREED = 1  # it agrees with the reference's
    OPEN = 2  # it was not compared with the reference's


@dataclass(frozen=True)
class Answer:
    """The answer to a call: an observation, or the exception that was raised, in words."""

    observation: Any = None
    raised: str = ""


UNANSWERED = Answer()


@dataclass(eq=False)
class Exchange:
    """A question that a check asked the submission, and the answer.

    `keys`, `rtol` and `up_to_scale` say what of an observation counts, as in Check.agree.
    `only_here`: mutants are not asked this, because it is expensive or only a precondition.
    `expected` is the reference's answer, None if the check did not ask for it.  `seconds` is how
    long the submission's answer took.
    """

    check: str
    key: str
    probe: Probe
    call: Call
    keys: Collection[str] = ()
    rtol: float = RTOL
    up_to_scale: Collection[str] = ()
    only_here: bool = False
    answer: Answer = UNANSWERED
    verdict: Verdict = Verdict.OPEN
    expected: Answer | None = None
    seconds: float = 0.0

    @property
    def function(self) -> str:
        """The submission's function or class that was asked."""
        return self.probe.target(self.call.arguments)

    def is_answered_by(self, answer: Answer) -> bool:
        """Whether the submission's answer is this one, within float noise."""
        if self.answer.raised or answer.raised:
            return self.answer.raised == answer.raised
        got, expected = part(self.answer.observation, self.keys), part(answer.observation, self.keys)
        return compare(expected, got, rtol=self.rtol, up_to_scale=self.up_to_scale) is None

    @property
    def depends_on(self) -> set[str]:
        """The functions that the answer depends on, and each file that it uses whole.

        Such a file is there as "src/NAME.py".
        """
        files = (f"src/{exercise}.py" for exercise in self.probe.also)
        return {self.function, *BUILT_ON.get(self.function, ()), *files}

    def may_show(self, mutant: Mutant) -> bool:
        """Whether the answer depends on the function that has the mutant's mistake."""
        return not self.depends_on.isdisjoint(mutant.places)


def part(observation: Any, keys: Collection[str]) -> Any:
    """The named keys of an observation, all of it if none are named."""
    if not keys or not isinstance(observation, dict):
        return observation
    return {key: value for key, value in observation.items() if key in keys}


def require_keys(observation: Any, keys: Collection[str]) -> None:
    """Raise KeyError for a key that an observation lacks, TypeError for a bare string of keys.

    A misspelt key would compare nothing with nothing, and give everybody full points.
    """
    if isinstance(keys, str):
        raise TypeError(f'keys must be a tuple, such as ("{keys}",); a bare string would match parts of words')
    missing = [key for key in keys if key not in observation] if isinstance(observation, dict) else []
    if missing:
        raise KeyError(f"the observation has no {', '.join(missing)}; it has {', '.join(observation)}")


def answer_of(outcome: Outcome) -> Answer:
    """What can be compared of an outcome: of an exception its kind and text, not its line."""
    if outcome.failure is None:
        return Answer(outcome.observation)
    problem = problem_of(outcome.failure)
    return Answer(raised=f"{problem.kind}: {problem.details or problem.sentence}")
