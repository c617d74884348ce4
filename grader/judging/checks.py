"""What a check is made of: it asks the submission and the reference the same probe and compares what they observed."""

import re
from collections.abc import Collection, Iterable
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.judging.advice import NOT_A_NUMBER, advice_on_call
from grader.judging.compare import RTOL, compare, top
from grader.judging.diagnosis import AGREED, FAILED, OPEN, Asked, answer_of, part
from grader.judging.layers import layer_table
from grader.judging.problems import Problem, problem_of
from grader.judging.record import Figure
from grader.judging.reference import solution_file
from grader.judging.run import Run, SubmissionProblem, data_name
from grader.judging.thresholds import Measured, Threshold
from grader.sandbox.client import Call
from grader.sandbox.outcome import Failure, Kind, Outcome
from grader.sandbox.probe import Probe

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

    `attempt` counts runs of the same check; each draws its own inputs.  `trains` marks a check that trains for long.  `exercises` are those
    whose files it may ask.
    """

    run: Run
    name: str
    exercise: str
    cpu_s: float
    attempt: int = 0
    expected: int = 0
    trains: bool = False
    exercises: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.output = ""
        self.asked: list[Asked] = []
        self.rng = np.random.default_rng(self.run.derived_seed(self.name, self.attempt, "inputs"))

    def ask(self, probe: Probe, **arguments: Any) -> Any:
        """The submission's observation.  Raises CheckFailed where there is none."""
        return self.ask_noting(self.note(f"asked.{len(self.asked)}", probe, arguments), arguments)

    def note(self, place: str, probe: Probe, arguments: dict[str, Any], **compared: Any) -> Asked:
        """Keep what is asked, for the diagnosis."""
        compared.setdefault("only_here", self.trains)
        call = self.call(probe, arguments, self.cpu_s)
        return self.keep(Asked(self.name, self.key(place), probe, call, **compared))

    def keep(self, asked: Asked) -> Asked:
        self.asked.append(asked)
        if self.attempt == 0:
            self.run.asked.append(asked)
        return asked

    def ask_noting(self, asked: Asked, arguments: dict[str, Any]) -> Any:
        """The submission's observation, kept as the answer; an exception of its own or an unusable answer is kept as failed."""
        outcome = self.outcome_of(asked.probe, arguments)
        asked.answer = answer_of(outcome)
        if outcome.failure is not None:
            if outcome.failure.kind in (Kind.RAISED, Kind.UNUSABLE, Kind.MISSING_NAME):
                asked.verdict = FAILED
            self.give_up(outcome, asked.probe, arguments)
        return outcome.observation

    def outcome_of(self, probe: Probe, arguments: dict[str, Any]) -> Outcome:
        """What came of asking the submission.  Raises CheckFailed where a file that it needs can't be imported."""
        files = probe.files(arguments)
        if not self.exercises >= {*files}:
            raise RuntimeError(
                f"{self.name} asks {' and '.join(files)}: name those that are not its own in @pytest.mark.also."
            )
        try:
            for exercise in files:
                self.run.require_importable(exercise)
        except SubmissionProblem as error:
            raise NotImportable("failed", error.problem.told, explain(error.problem)) from None
        call = self.call(probe, arguments, self.cpu_s * self.run.time_share(self.exercise))
        outcome = self.run.ask_submission(call)
        self.output += outcome.output
        self.notes += [note for note in outcome.notes if note not in self.notes]
        if outcome.failure is not None:
            self.run.count_failure(self.exercise, outcome.failure)
        return outcome

    def expect(self, probe: Probe, **arguments: Any) -> Any:
        """The reference's observation: live beside the staff's folder, recorded elsewhere."""
        self.expected += 1
        return self.observe(str(self.expected), probe, arguments)

    def observe(self, place: str, probe: Probe, arguments: dict[str, Any]) -> Any:
        call = self.call(probe, arguments, self.cpu_s)
        if self.run.settings.calibrating:
            call = replace(call, seed=call.seed + 1)  # else the reference would be compared with itself, chance and all
        return self.run.reference.observe(self.key(place), call)

    def key(self, place: str) -> str:
        return f"{self.name}:{self.attempt}:{place}"

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
        asked = self.note(str(self.expected), probe, arguments, keys=only, rtol=rtol, up_to_scale=up_to_scale)
        try:
            got, expected = self.ask_both(asked, arguments)
        except Raised:
            self.judge_only_if(needs, asked)
            raise
        found = compare(part(expected, only), part(got, only), rtol=rtol, up_to_scale=up_to_scale)
        asked.verdict = FAILED if found else AGREED
        if found or self.run.settings.recording:
            self.judge_only_if(needs, asked)
        if found:
            meaning = NOT_A_NUMBER if "nan" in found.sentence.partition("got ")[2] else ""
            details = "\n".join(filter(None, [found.sentence, meaning, layer_table(expected, got)]))
            raise self.failure(CheckFailed, f"Not as it should be: {gist(found.place)}.", details)
        return got

    def ask_both(self, asked: Asked, arguments: dict[str, Any]) -> tuple[Any, Any]:
        """The submission's observation and the reference's: at the same time, once the submission is known to answer at all."""
        place = str(self.expected)
        if not self.run.in_parallel:
            return self.ask_noting(asked, arguments), self.observe(place, asked.probe, arguments)
        expected = self.run.background.submit(self.observe, place, asked.probe, arguments)
        try:
            got = self.ask_noting(asked, arguments)
        finally:
            wait([expected])
        return got, expected.result()

    def judge_only_if(self, needs: Iterable[Question], asked: Asked | None = None) -> None:
        """Raise CheckFailed, blocked, unless the submission answers these questions as the reference does: then `asked` is not judged."""
        if self.run.settings.calibrating or self.attempt:
            return  # a second attempt follows a first that was judged
        for place, (probe, arguments, only) in enumerate(needs):
            self.run.asked.append(Asked(self.name, "", probe, self.call(probe, arguments, self.cpu_s), only_here=True))
            expected = self.observe(f"{self.expected}.{place}", probe, arguments)
            if not self.answers(probe, arguments, part(expected, only), only):
                what = f"{probe.target(arguments)}'s {', '.join(only)}"
                sentence = f"{what} must be right first: then this can be judged."
                if asked is not None:
                    asked.verdict = OPEN
                raise CheckFailed("blocked", sentence, output=self.output)

    def answers(self, probe: Probe, arguments: dict[str, Any], expected: Any, only: Collection[str]) -> bool:
        """Whether the submission observes what is expected.  Raises CheckFailed where it is to do or can't be imported."""
        outcome = self.outcome_of(probe, arguments)
        if outcome.failure is None:
            return compare(expected, part(outcome.observation, only)) is None
        if self.to_do(outcome.failure) == probe.target(arguments):
            self.give_up(outcome, probe, arguments)
        return False

    def require(
        self, met: bool, sentence: str, details: str = "", only: Collection[str] = (), rtol: float = RTOL
    ) -> None:
        """Raise CheckFailed, with where to look, unless a condition on the last observation is met.

        `only` names the keys that the condition is about, and `rtol` how far apart two may be that show the same mistake.
        """
        last = self.asked[-1]
        if only and last.keys != only:
            self.keep(replace(last, key=f"{last.key}, {', '.join(only)}", keys=only, rtol=rtol, verdict=OPEN))
        if not met:
            raise self.failure(CheckFailed, sentence, details)

    def ask_staff(self, probe: Probe, sentence: str, **arguments: Any) -> Any:
        """What the staff's own worker observes of plain data that came of the last observation.

        Raises CheckFailed with the sentence where it can't, since the data are the submission's.
        """
        outcome = self.run.kit.ask(self.run.kit_folder, self.call(probe, arguments, self.cpu_s))
        if outcome.failure is not None:
            raise self.failure(CheckFailed, sentence, problem_of(outcome.failure).told)
        return outcome.observation

    @property
    def data(self) -> str:
        """The key of the thresholds that go with the data in use."""
        return "full" if self.run.settings.full else data_name()

    def show(self, name: str, value: float, documents: float | None = None, order: str = "") -> None:
        """Keep a figure for the run's table and, with an order ("desc": more is better, "asc"), Gradescope's leaderboard."""
        self.run.figures[name] = Figure(name, float(value), documents, order)

    def at_least(self, value: float, threshold: Threshold, what: str) -> None:
        """Raise MissedThreshold, with where to look, unless a value measured on the last observation reaches its threshold."""
        if self.judges(value, threshold, is_least=True) and not value >= threshold.value:
            details = f"{what}: expected at least {threshold.value:.4g}, got {value:.4g}"
            raise self.failure(MissedThreshold, f"{what} is too low.", details)

    def at_most(self, value: float, threshold: Threshold, what: str) -> None:
        """Raise MissedThreshold, with where to look, unless a value measured on the last observation stays below its threshold."""
        if self.judges(value, threshold, is_least=False) and not value <= threshold.value:
            details = f"{what}: expected at most {threshold.value:.4g}, got {value:.4g}"
            raise self.failure(MissedThreshold, f"{what} is too high.", details)

    def judges(self, value: float, threshold: Threshold, is_least: bool) -> bool:
        """Keep a measured value; whether it is judged, which it is not while thresholds are calibrated."""
        self.run.measured.append(Measured(threshold, float(value), is_least))
        return not self.run.settings.calibrating

    def failure(self, kind: type[CheckFailed], sentence: str, details: str) -> CheckFailed:
        """A failure of what the last observation showed."""
        asked = self.asked[-1]
        asked.verdict = FAILED
        where = self.run.where(asked.probe.exercise.format(**asked.call.arguments), asked.function)
        return kind("failed", sentence, "\n".join(filter(None, [details, where])), self.output)

    def is_misshapen(self) -> bool:
        """Whether the last observation has another form than the reference's, live: an error over it is then the submission's."""
        last = self.asked[-1] if self.asked else None
        if last is None or last.answer.raised or not self.run.settings.live:
            return False
        expected = self.run.kit.ask(self.run.kit_folder, last.call)
        return bool(form(expected.observation) != form(last.answer.observation))

    def call(self, probe: Probe, arguments: dict[str, Any], cpu_s: float) -> Call:
        return Call(probe.name, arguments, self.run.derived_seed(self.name, self.attempt, "worker"), cpu_s)

    def give_up(self, outcome: Outcome, probe: Probe, arguments: dict[str, Any]) -> None:
        """Raise CheckFailed for a call that brought no observation."""
        assert outcome.failure is not None
        problem, subject = problem_of(outcome.failure), probe.target(arguments)
        todo = self.to_do(outcome.failure)
        if todo == subject:
            raise CheckFailed("to do", f"{subject} is still to do.", subject=subject)
        if todo:
            raise CheckFailed("blocked", f"{todo} is still to do: {subject} needs it.", subject=todo)
        if outcome.exception is not None and self.run.settings.debugging:
            raise outcome.exception
        call = ""
        if not problem.frames:
            solution = solution_file(probe.exercise.format(**arguments))
            call = advice_on_call(problem.details, subject, solution)
        said = {"sentence": problem.told, "public": problem.public}
        sentences = {name: "  ".join(filter(None, [f"{subject}: {text}", call])) for name, text in said.items()}
        kind = Raised if problem.kind in (Kind.RAISED, Kind.UNUSABLE) else CheckFailed
        raise kind("failed", details=explain(problem), output=self.output, **sentences)

    def to_do(self, failure: Failure) -> str:
        """The function whose untouched stub raised, "" where something else did."""
        if failure.exception != "NotImplementedError" or not failure.frames:
            return ""
        last = failure.frames[-1]
        stub = STUB_LINE.fullmatch(self.run.submission.line(last.file, last.line).strip())
        return stub[1].split(".")[0] if stub else ""


def form(observation: Any) -> Any:
    """What an observation is made of, without its values."""
    if isinstance(observation, dict):
        return {key: form(value) for key, value in observation.items()}
    if isinstance(observation, list):
        return [form(value) for value in observation]
    if isinstance(observation, np.ndarray):
        return observation.shape, observation.dtype.kind
    return float if type(observation) is int else type(observation)


def gist(place: str) -> str:
    """Which part of two observations differs, without any value: it may be shown with a hidden check."""
    return top(place) or "what it returned"


def explain(problem: Problem) -> str:
    """A problem's details with the lines of the submission that it passed through."""
    frames = [f"{f.file}:{f.line}: in {f.function}\n    {f.text}" for f in problem.frames]
    return "\n".join(filter(None, [*frames, problem.details]))
