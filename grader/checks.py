"""What a check is made of: it asks the submission and the reference the same probe and compares what they observed."""

import re
from collections.abc import Collection, Iterable
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare import RTOL, compare
from grader.outcome import Outcome, Problem
from grader.probe import Probe
from grader.run import Run, SubmissionProblem
from grader.sandbox import Call

STUB_LINE = re.compile(r'raise NotImplementedError\("to do: ([\w.]+)"\)')
Question = tuple[
    Probe, dict[str, Any], Collection[str]
]  # a probe, its arguments, and the keys of its observation that count


class CheckFailed(Exception):
    """A check that earns nothing.

    `status` is "failed", "to do" or "blocked".  `public` (default: `sentence`) may be shown to anyone; `sentence` and `details`
    may tell inputs and expected values, and are for visible checks, as is `output`, what the submission printed.  `subject` is
    the function that is to do.
    """

    def __init__(
        self, status: str, sentence: str, details: str = "", output: str = "", subject: str = "", public: str = ""
    ) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.details, self.output = status, sentence, details, output
        self.subject, self.public = subject, public or sentence


class Raised(CheckFailed):
    """The submission raised an exception, or returned what can't be used: perhaps for want of what it needs."""


class NotImportable(CheckFailed):
    """A file of the submission that a check needs is missing or can't be imported."""


class MissedThreshold(CheckFailed):
    """A measured quantity beyond its threshold: worth asking again with another seed, since chance has a part in it."""


@dataclass
class Check:
    """One run of one check: asks, compares, and raises CheckFailed with words for a student.

    `attempt` counts runs of the same check; each draws its own inputs.
    """

    run: Run
    name: str
    exercise: str
    cpu_s: float
    attempt: int = 0
    expected: int = 0

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.output = ""
        self.rng = np.random.default_rng(self.run.derived_seed(self.name, self.attempt, "inputs"))

    def ask(self, probe: Probe, **arguments: Any) -> Any:
        """The submission's observation.  Raises CheckFailed where there is none."""
        try:
            for exercise in (probe.exercise.format(**arguments), *probe.also):
                self.run.require_importable(exercise)
        except SubmissionProblem as error:
            raise NotImportable("failed", error.problem.sentence, explain(error.problem)) from None
        call = self.call(probe, arguments, self.cpu_s * self.run.time_share(self.exercise))
        outcome = self.run.ask_submission(call)
        self.output += outcome.output
        self.notes += [note for note in outcome.notes if note not in self.notes]
        if outcome.problem is not None:
            self.run.count_problem(self.exercise, outcome.problem)
            self.give_up(outcome, probe, arguments)
        return outcome.observation

    def expect(self, probe: Probe, **arguments: Any) -> Any:
        """The reference's observation: live beside the staff's folder, recorded elsewhere."""
        self.expected += 1
        return self.observe(str(self.expected), probe, arguments)

    def observe(self, place: str, probe: Probe, arguments: dict[str, Any]) -> Any:
        return self.run.reference.observe(
            f"{self.name}:{self.attempt}:{place}", self.call(probe, arguments, self.cpu_s)
        )

    def agree(
        self,
        probe: Probe,
        *,
        only: Collection[str] = (),
        up_to_scale: Collection[str] = (),
        needs: Iterable[Question] = (),
        rtol: float = RTOL,
        **arguments: Any,
    ) -> Any:
        """Ask submission and reference; raise CheckFailed where they differ, else return the submission's observation.

        `only` names the keys of the observation that this check is about (default: all).  Each list of numbers under the keys in
        `up_to_scale` may be a positive multiple of the reference's: how to average is judged elsewhere.  `needs` are questions
        that must agree before this one can be judged; where one does not, the check is blocked.
        """
        self.expected += 1
        try:
            got, expected = self.ask_both(probe, arguments)
        except Raised:
            self.judge_only_if(needs)
            raise
        found = compare(part(expected, only), part(got, only), rtol=rtol, up_to_scale=up_to_scale)
        if found or self.run.settings.recording:
            self.judge_only_if(needs)
        if found:
            self.fail(f"Not as it should be: {gist(found.place)}.", found.sentence, probe, arguments)
        return got

    def ask_both(self, probe: Probe, arguments: dict[str, Any]) -> tuple[Any, Any]:
        """The submission's observation and the reference's: at the same time, once the submission is known to answer at all."""
        place = str(self.expected)
        if not self.run.in_parallel:
            return self.ask(probe, **arguments), self.observe(place, probe, arguments)
        expected = self.run.background.submit(self.observe, place, probe, arguments)
        try:
            got = self.ask(probe, **arguments)
        finally:
            wait([expected])
        return got, expected.result()

    def judge_only_if(self, needs: Iterable[Question]) -> None:
        """Raise CheckFailed, blocked, unless the submission answers these questions as the reference does."""
        for place, (probe, arguments, only) in enumerate(needs):
            expected = self.observe(f"{self.expected}.{place}", probe, arguments)
            if not self.answers(probe, arguments, part(expected, only), only):
                what = f"{probe.asks(arguments)}'s {', '.join(only)}"
                sentence = f"{what} must be right first: then this can be judged."
                raise CheckFailed("blocked", sentence, output=self.output)

    def answers(self, probe: Probe, arguments: dict[str, Any], expected: Any, only: Collection[str]) -> bool:
        """Whether the submission observes what is expected.  Raises CheckFailed where it is to do or can't be imported."""
        try:
            return compare(expected, part(self.ask(probe, **arguments), only)) is None
        except CheckFailed as failure:
            if isinstance(failure, NotImportable) or failure.status == "to do":
                raise
            return False

    def fail(self, sentence: str, details: str, probe: Probe, arguments: dict[str, Any]) -> None:
        raise self.failure(CheckFailed, sentence, details, probe, arguments)

    def require(self, met: bool, sentence: str, probe: Probe, details: str = "", **arguments: Any) -> None:
        """Raise CheckFailed, with where to look, unless a condition on observations is met."""
        if not met:
            self.fail(sentence, details, probe, arguments)

    def at_least(self, value: float, threshold: float, what: str, probe: Probe, **arguments: Any) -> None:
        """Raise MissedThreshold, with where to look, unless a measured value reaches its threshold."""
        if not value >= threshold:
            sentence = f"{what} is too low."
            details = f"{what}: expected at least {threshold:.4g}, got {value:.4g}"
            raise self.failure(MissedThreshold, sentence, details, probe, arguments)

    def at_most(self, value: float, threshold: float, what: str, probe: Probe, **arguments: Any) -> None:
        """Raise MissedThreshold, with where to look, unless a measured value stays below its threshold."""
        if not value <= threshold:
            sentence = f"{what} is too high."
            details = f"{what}: expected at most {threshold:.4g}, got {value:.4g}"
            raise self.failure(MissedThreshold, sentence, details, probe, arguments)

    def failure(
        self, kind: type[CheckFailed], sentence: str, details: str, probe: Probe, arguments: dict[str, Any]
    ) -> CheckFailed:
        where = self.run.where(probe.exercise.format(**arguments), probe.asks(arguments))
        return kind("failed", sentence, "\n".join(filter(None, [details, where])), self.output)

    def call(self, probe: Probe, arguments: dict[str, Any], cpu_s: float) -> Call:
        return Call(probe.name, arguments, self.run.derived_seed(self.name, self.attempt, "worker"), cpu_s)

    def give_up(self, outcome: Outcome, probe: Probe, arguments: dict[str, Any]) -> None:
        """Raise CheckFailed for a call that brought no observation."""
        problem, subject = outcome.problem, probe.asks(arguments)
        assert problem is not None
        todo = self.to_do(problem)
        if todo == subject:
            raise CheckFailed("to do", f"{subject} is still to do.", subject=subject)
        if todo:
            raise CheckFailed("blocked", f"{todo} is still to do: {subject} needs it.", subject=todo)
        if outcome.exception is not None and self.run.settings.debugging:
            raise outcome.exception
        sentences = {"sentence": f"{subject}: {problem.sentence}", "public": f"{subject}: {problem.public}"}
        kind = Raised if problem.kind in ("raised", "unusable") else CheckFailed
        raise kind("failed", details=explain(problem), output=self.output, **sentences)

    def to_do(self, problem: Problem) -> str:
        """The function whose untouched stub raised, "" where something else did."""
        if problem.exception != "NotImplementedError" or not problem.frames:
            return ""
        last = problem.frames[-1]
        stub = STUB_LINE.fullmatch(self.run.submission.line(last.file, last.line).strip())
        return stub[1].split(".")[0] if stub else ""


def part(observation: Any, keys: Collection[str]) -> Any:
    """The named keys of an observation, all of it where none are named."""
    if not keys or not isinstance(observation, dict):
        return observation
    return {key: value for key, value in observation.items() if key in keys}


def gist(place: str) -> str:
    """Where two observations differ, without any value: it may be shown with a hidden check."""
    return re.sub(r"\[\d+\]", "", place) or "what it returned"


def explain(problem: Problem) -> str:
    """A problem's details with the lines of the submission that it passed through."""
    frames = [f"{f.file}:{f.line}: in {f.function}\n    {f.text}" for f in problem.frames]
    return "\n".join(filter(None, [*frames, problem.details]))
