"""What a check asks: the submission, the reference, and the staff's own worker."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.judging.exchange import Answer, Exchange, Verdict, answer_of, part
from grader.judging.explain import details_of, failure_without_observation, origin_of
from grader.judging.failures import Blocked, Failed, NotImportable
from grader.judging.picture import NO_PICTURE, Look, NotDrawn, Picture, require_small
from grader.judging.problems import problem_of
from grader.judging.run import Run, SubmissionProblem
from grader.sandbox import wire
from grader.sandbox.call import Call
from grader.sandbox.client import SandboxError
from grader.sandbox.outcome import Kind, Outcome
from grader.sandbox.probe import Probe
from grader.texts import safe

MOST_MORE = 2**17  # bytes of a right answer, more than four times the reference's
TOO_LARGE = "garbled: the answer is too large to be kept"


def without_more(got: Any, expected: Any, keys: Collection[str]) -> Any:
    """An answer that agrees with the reference's in these keys, without what makes it larger.

    Keys that the reference's answer lacks mean nothing.  If the others take much more memory than
    the reference's, only what was compared is kept.
    """
    if not isinstance(got, dict) or not isinstance(expected, dict):
        return got
    known = {key: value for key, value in got.items() if key in expected}
    most = 4 * wire.size_of(expected) + MOST_MORE
    return known if wire.size_of(known) <= most else part(known, keys)


@dataclass
class Conversation:
    """What one run of one check asks, and the answers.

    `cpu_s` are the submission's CPU seconds for a call.  `attempt` counts runs of the same check;
    each draws its own inputs.  `trains` marks a check that trains for long.  `exercises` are those
    whose files it may ask.  `function` is what the check is about.  `of_reference`: the reference
    is asked in the submission's place, to see whether the check can judge it.
    """

    run: Run
    name: str
    exercise: str
    cpu_s: float
    attempt: int = 0
    trains: bool = False
    exercises: frozenset[str] = frozenset()
    function: str = ""
    of_reference: bool = False

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.printed = ""
        self.n_questions = 0
        self.exchanges: list[Exchange] = []
        self.pictures: list[Picture] = []
        self.rng = np.random.default_rng(self.run.derived_seed(self.name, self.attempt, "inputs"))

    def ask(self, probe: Probe, **arguments: Any) -> Any:
        """The submission's observation.  Raises CheckFailed if there is none."""
        return self.answer_to(self.note(f"asked.{len(self.exchanges)}", probe, arguments))

    def note(self, place: str, probe: Probe, arguments: dict[str, Any], **compared: Any) -> Exchange:
        """Keep what is asked, for the diagnosis."""
        compared.setdefault("only_here", self.trains)
        return self.keep(Exchange(self.name, self.key(place), probe, self.call(probe, arguments), **compared))

    def keep(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        if self.attempt == 0 and not self.of_reference:
            self.run.exchanges.append(exchange)
        return exchange

    def answer_to(self, exchange: Exchange) -> Any:
        """The submission's observation, kept as the answer.

        If the submission raises or returns something unusable, the exchange counts as failed.
        """
        arguments, started = exchange.call.arguments, time.perf_counter()
        outcome = self.outcome_of(exchange.probe, arguments)
        exchange.seconds = outcome.cpu_s or time.perf_counter() - started
        exchange.answer = answer_of(outcome)
        if outcome.failure is not None:
            if outcome.failure.kind in (Kind.RAISED, Kind.UNUSABLE, Kind.MISSING_NAME):
                exchange.verdict = Verdict.FAILED
            self.give_up(outcome, exchange.probe, arguments)
        return outcome.observation

    def timed(self, probe: Probe, **arguments: Any) -> tuple[Any, float]:
        """The submission's observation, and how long it took.

        That is the worker's CPU time, measured from outside; time by the clock if there is none.
        """
        exchange = self.note(f"asked.{len(self.exchanges)}", probe, arguments)
        return self.answer_to(exchange), exchange.seconds

    def timed_reference(self, probe: Probe, **arguments: Any) -> tuple[Any, float]:
        """The same of the reference, which only the staff's machines have."""
        started = time.perf_counter()
        outcome = self.run.staff_sandbox.ask(self.run.reference_folder, self.call(probe, arguments))
        if outcome.failure is not None:
            raise SandboxError(f"The reference can't answer {probe.name}: {outcome.failure}.")
        return outcome.observation, outcome.cpu_s or time.perf_counter() - started

    def outcome_of(self, probe: Probe, arguments: dict[str, Any]) -> Outcome:
        """Ask the submission.

        Raises CheckFailed if a file that it needs can't be imported, or if the function is known
        never to end.
        """
        if self.of_reference:
            return self.run.staff_sandbox.ask(self.run.reference_folder, self.call(probe, arguments))
        self.require_files(probe.files(arguments))
        self.require_end(probe, arguments)
        outcome = self.in_time(probe, arguments)
        self.printed += outcome.output
        self.notes += [note for note in outcome.notes if note not in self.notes]
        return outcome

    def in_time(self, probe: Probe, arguments: dict[str, Any]) -> Outcome:
        """Ask the submission, in less time if the call will probably not end: see TimeOuts."""
        call, question, timeouts = self.call(probe, arguments), probe.question(arguments), self.run.timeouts
        share = timeouts.share(question)
        outcome = self.run.ask_submission(replace(call, cpu_s=call.cpu_s * share))
        if share < 1 and timeouts.deserves_more(question, outcome.failure):
            outcome = self.run.ask_submission(call)
        if outcome.failure is not None and outcome.failure.is_over:
            return outcome
        return replace(outcome, failure=timeouts.note(question, outcome.failure))

    def forget_large(self) -> None:
        """Once the check has ended, keep no answer for which the run has no room left.

        What agrees was made small before: see without_more.
        """
        for exchange in self.exchanges:
            if exchange.verdict != Verdict.AGREED and not exchange.answer.raised:
                size = wire.size_of(exchange.answer.observation)
                if size > self.run.room:
                    exchange.answer = Answer(raised=TOO_LARGE)
                else:
                    self.run.room -= size

    def require_end(self, probe: Probe, arguments: dict[str, Any]) -> None:
        """Raise Blocked for a question that is known never to be answered."""
        failure = self.run.timeouts.endless.get(probe.question(arguments))
        if failure is not None:
            problem = problem_of(failure, probe.target(arguments))
            public = f"Not checked yet: {problem.subject} never ended in other checks.  First fix that."
            told = "  ".join(filter(None, [public, problem.where]))
            raise Blocked(told, details_of(problem), public=public, origin=origin_of(problem))

    def require_files(self, files: tuple[str, ...]) -> None:
        if not self.exercises >= {*files}:
            raise RuntimeError(
                f"{self.name} asks {' and '.join(files)}: name those that are not its own in @pytest.mark.also."
            )
        try:
            for exercise in files:
                self.run.require_importable(exercise)
        except SubmissionProblem as error:
            problem, file = error.problem, f"src/{exercise}.py"
            raise NotImportable(problem.told, details_of(problem), origin=origin_of(problem, file)) from None

    def give_up(self, outcome: Outcome, probe: Probe, arguments: dict[str, Any]) -> None:
        """Raise CheckFailed for a call that gave no observation."""
        if outcome.exception is not None and self.run.settings.debugging:
            raise outcome.exception
        assert outcome.failure is not None
        exercise, function = probe.exercise.format(**arguments), probe.target(arguments)
        raise failure_without_observation(outcome.failure, exercise, function, self.run.submission, self.printed)

    def expect(self, probe: Probe, **arguments: Any) -> Any:
        """The reference's observation: live on the staff's machines, recorded elsewhere."""
        self.n_questions += 1
        return self.observe(str(self.n_questions), probe, arguments)

    def observe(self, place: str, probe: Probe, arguments: dict[str, Any]) -> Any:
        call = self.call(probe, arguments)
        if self.run.settings.calibrating:
            # with the same seed, chance would do the same to submission and reference
            call = replace(call, seed=call.seed + 1)
        return self.run.reference.observe(self.key(place), call)

    def ask_staff(self, probe: Probe, sentence: str, **arguments: Any) -> Any:
        """Ask the staff's own worker about plain data that the last observation held.

        Raises CheckFailed with the sentence if it has no answer: the data are the submission's.
        """
        outcome = self.run.staff_sandbox.ask(self.run.reference_folder, self.call(probe, arguments))
        if outcome.failure is not None:
            raise self.failed(sentence, outcome.failure.message or problem_of(outcome.failure).told)
        return outcome.observation

    def picture(self, kind: str, title: str, **data: Any) -> None:
        """Hand over plain data to be drawn on the feedback page: see grader/feedback/pictures."""
        self.draw(lambda: Picture(kind, title, data))

    def draw(self, sketch: Callable[[], Picture | None]) -> None:
        """Keep the picture that a sketch makes of what a submission returned.

        That may be anything: if the sketch fails, a sentence stands in its place.
        """
        try:
            picture = sketch()
            if picture is not None:
                require_small(picture.data)
                self.pictures.append(picture)
        except NotDrawn as error:
            self.pictures.append(Picture("", "", problem=str(error)))
        except Exception as error:
            self.pictures.append(Picture("", "", problem=NO_PICTURE))
            self.run.not_drawn.append(f"{self.name}: {type(error).__name__}: {safe(str(error), 500)}")

    def look(self, place: str, look: Look) -> None:
        """Ask both sides for something to look at.  A picture never decides over points."""
        arguments = look.arguments()
        if self.run.settings.recording:
            self.observe(place, look.probe, arguments)
            return

        def sketch() -> Picture | None:
            found = self.run.ask_submission(self.call(look.probe, arguments)).observation
            return None if found is None else look.sketch(found, self.observe(place, look.probe, arguments))

        self.draw(sketch)

    def key(self, place: str) -> str:
        return f"{self.name}:{self.attempt}:{place}"

    def call(self, probe: Probe, arguments: dict[str, Any]) -> Call:
        return Call(probe.name, arguments, self.run.derived_seed(self.name, self.attempt, "worker"), self.cpu_s)

    def failed(
        self,
        sentence: str,
        details: str = "",
        public: str = "",
        kind: type[Failed] = Failed,
        exchange: Exchange | None = None,
    ) -> Failed:
        """A failure that an exchange showed, the last one by default, with where to look."""
        last = exchange or self.exchanges[-1]
        last.verdict = Verdict.FAILED
        where = self.run.where(last.probe.exercise.format(**last.call.arguments), last.function)
        return kind(sentence, "\n".join(filter(None, [details, where])), self.printed, public)
