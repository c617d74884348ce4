"""What a check is made of: ask the submission and the reference the same, and compare."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from grader.judging.advice import NOT_A_NUMBER
from grader.judging.compare import RTOL, Difference, compare
from grader.judging.conversation import Conversation, without_more
from grader.judging.data import data_name
from grader.judging.exchange import Answer, Exchange, Verdict, answer_of, part, require_keys
from grader.judging.explain import function_to_do, is_to_do
from grader.judging.failures import Blocked, Failed, MissedThreshold, Raised, ToDo
from grader.judging.forward import Shown, shown
from grader.judging.picture import Look, Picture, matrices_at, pictures_of
from grader.judging.record import Figure
from grader.judging.sentences import Sentences, is_sentence, sentences_for
from grader.judging.thresholds import Measured, Threshold
from grader.judging.values import Value, also, label_of, values_of
from grader.sandbox.probe import Probe

Sketch = Callable[[Any, Any], Picture | None]


class Question(NamedTuple):
    """A probe, its arguments, and the keys of its observation that count; see Check.agree."""

    probe: Probe
    arguments: dict[str, Any]
    only: Collection[str]
    up_to_scale: Collection[str] = ()


class Check(Conversation):
    """What a check uses to ask, compare and measure.

    It raises CheckFailed with words for a student.
    """

    def agree(
        self,
        probe: Probe,
        *,
        only: Collection[str] = (),
        up_to_scale: Collection[str] = (),
        needs: Iterable[Question] = (),
        rtol: float = RTOL,
        explain: Callable[[Difference], str] | None = None,
        picture: Sketch | None = None,
        look: Look | None = None,
        **arguments: Any,
    ) -> Any:
        """Ask submission and reference; return the submission's observation if they agree.

        Args:
            probe: what to ask.
            arguments: the probe's arguments.
            only: keys of the observation that this check is about (default: all).
            up_to_scale: keys under which each list of numbers may be a positive multiple of the
                reference's: how to average is judged elsewhere.
            needs: questions that must agree first; else this one is not asked.
            rtol: relative tolerance.
            explain: gives a sentence for a difference that says more than the usual one, or "".
            picture: makes a picture of a difference, from the submission's observation and the
                expected one; None if there is nothing to see.
            look: what else to ask after a difference, for a picture alone.

        Raises CheckFailed if they differ, or if there is no observation.
        """
        self.n_questions += 1
        place = str(self.n_questions)
        self.block_unless(needs)
        exchange = self.note(place, probe, arguments, keys=only, rtol=rtol, up_to_scale=up_to_scale)
        try:
            got, expected = self.ask_both(exchange, place)
        except Raised as error:
            exchange.expected = Answer(self.observe(place, probe, arguments))
            raise error.with_forward(self.forward(exchange, place)) from None
        return self.judged(exchange, place, got, expected, explain, picture, look)

    def judged(
        self,
        exchange: Exchange,
        place: str,
        got: Any,
        expected: Any,
        explain: Callable[[Difference], str] | None,
        picture: Sketch | None = None,
        look: Look | None = None,
    ) -> Any:
        """The submission's observation if it agrees with the expected one; see agree."""
        exchange.expected = Answer(expected)
        differences = differences_in(exchange, expected)
        exchange.verdict = Verdict.FAILED if differences else Verdict.AGREED
        if differences or self.run.settings.recording:
            forward = self.forward(exchange, place, expected, got)
            if look is not None:
                self.look(f"{place}.look", look)
        if differences:
            if picture is not None:
                self.draw(lambda: picture(got, expected))
            elif not forward.rows:
                self.draw(lambda: matrices_at(differences[0].place, exchange.probe.label, expected, got))
            raise self.different(differences, forward, explain)
        exchange.answer = Answer(without_more(got, expected, exchange.keys))
        return exchange.answer.observation

    def ask_both(self, exchange: Exchange, place: str) -> tuple[Any, Any]:
        """The submission's observation and the reference's."""
        with self.observing(place, exchange.probe, exchange.call.arguments) as expected:
            return self.answer_to(exchange), expected()

    @contextmanager
    def observing(self, place: str, probe: Probe, arguments: dict[str, Any]) -> Iterator[Callable[[], Any]]:
        """Ask the reference meanwhile; what is given waits for its observation.

        It is asked afterwards, if at all, until the submission is known to answer anything.
        """
        if self.of_reference or not self.run.in_parallel:  # one sandbox can't be asked twice at a time
            yield lambda: self.observe(place, probe, arguments)
            return
        expected = self.run.background.submit(self.observe, place, probe, arguments)
        try:
            yield expected.result
        finally:
            wait([expected])

    def forward(self, exchange: Exchange, place: str, *observations: Any) -> Shown:
        """How the network's forward differs from the reference's, step by step, if it is known.

        The `observations`, if there are any, may tell the numbers of parameters.
        """
        probe, arguments = exchange.probe.forward, exchange.call.arguments
        if probe is None:
            return Shown()
        expected = self.observe(f"{place}.forward", probe, arguments)
        if self.run.settings.recording:
            return Shown()
        found = self.run.ask_submission(self.call(probe, arguments)).observation
        counts = [seen["parameters"] for seen in observations if isinstance(seen, dict) and "parameters" in seen]
        told = shown(expected, found, counts)
        if told.rows:
            self.pictures += pictures_of(told)
        return told

    def different(
        self, differences: list[Difference], forward: Shown, explain: Callable[[Difference], str] | None = None
    ) -> Failed:
        """The failure of a comparison: what is said first is the first difference."""
        difference, *others = differences
        full, public = self.sentences_about(difference)
        meaning = NOT_A_NUMBER if difference.is_not_a_number else ""
        shown = Shown() if "raised" in difference.place else forward
        explained = explain(difference) if explain else ""
        sentence = f"{explained or public}  {shown.sentence}" if shown.sentence else explained or full
        told = [also(self.sentences_about(other).full) for other in others]
        failure = self.failed(sentence, "\n".join(filter(None, [meaning, *told, shown.table])), public)
        last = self.exchanges[-1]
        return failure.with_values(values_of(differences, last.probe, last.function))

    def sentences_about(self, difference: Difference) -> Sentences:
        """What is said of a difference in the last answer."""
        last = self.exchanges[-1]
        return sentences_for(difference, last.function, label_of(difference, last.probe))

    def require(
        self, met: bool, sentence: str, details: str = "", only: Collection[str] = (), rtol: float = RTOL
    ) -> None:
        """Raise CheckFailed unless a condition on the last observation is met.

        `only` names the keys that the condition is about, and `rtol` how far apart two observations
        may be that show the same mistake.
        """
        last = self.exchanges[-1]
        require_keys(last.answer.observation, only)
        if only and last.keys != only:
            key = f"{last.key}, {', '.join(only)}"
            self.keep(replace(last, key=key, keys=only, rtol=rtol, verdict=Verdict.OPEN))
        if not met:
            raise self.failed(sentence, details)

    # What must be right first

    def block_unless(self, needs: Iterable[Question]) -> None:
        """Raise Blocked unless the submission answers these questions as the reference does.

        They are asked first: an answer that looks right is worth nothing if what it is built on
        is still to do.
        """
        if self.run.settings.calibrating or self.attempt:
            return  # a second attempt follows a first that was judged
        for place, question in enumerate(Question(*need) for need in needs):
            probe, arguments, only, scaled = question
            call = self.call(probe, arguments)
            asked = Exchange(self.name, "", probe, call, only, up_to_scale=scaled, only_here=True)
            self.run.exchanges.append(asked)
            with self.observing(f"{self.n_questions}.{place}", probe, arguments) as expected:
                wrong = self.what_is_wrong(question, expected, asked)
            if wrong is not None:
                raise Blocked(f"Not checked yet: first fix {wrong}.", printed=self.printed)

    def what_is_wrong(self, question: Question, expects: Callable[[], Any], asked: Exchange) -> str | None:
        """What the submission answers wrongly, as in "evaluate's loss", None if nothing.

        Raises CheckFailed if the function is to do, if it can't be imported, or if it is the one
        that the check is about and gives no answer.
        """
        probe, arguments, only, scaled = question
        function, outcome = probe.target(arguments), self.outcome_of(probe, arguments)
        if outcome.failure is not None:
            if function == self.function:
                asked.answer, asked.verdict = answer_of(outcome), Verdict.FAILED
                self.give_up(outcome, probe, arguments)
            if function_to_do(outcome.failure, self.run.submission) == function:
                self.wait_for(function)
            return function
        got, expected = outcome.observation, expects()
        require_keys(expected, only)
        if compare(part(expected, only), part(got, only), up_to_scale=scaled) is None:
            return None
        wrong = [key for key in only if compare(part(expected, [key]), part(got, [key]), up_to_scale=scaled)]
        labels = [probe.label(key) for key in wrong if not is_sentence(probe.label(key))]
        return f"{function}'s {' and '.join(labels)}" if labels else function

    def wait_for(self, function: str) -> NoReturn:
        """Raise Blocked, since a function is to do; if the check's own one is too, raise ToDo."""
        if is_to_do(self.function, self.exercise, self.run.submission):
            raise ToDo(f"{self.function} is still to do.", subject=self.function)
        sentence = f"{function} is still to do: {self.function} needs it."
        raise Blocked(sentence, printed=self.printed, subject=function)

    # Measuring

    @property
    def full(self) -> bool:
        """Whether to train with the whole budget."""
        return self.run.settings.full

    def folder(self) -> Path:
        """The folder with the submission's files, as they were staged."""
        return self.run.submission.folder / "src"

    def digits(self, examples_per_class: int, fraction: float, seed: int) -> dict[str, Any]:
        """Handwritten digits; see Run.digits."""
        return self.run.digits(examples_per_class, fraction, seed)

    def whole_mnist(self) -> dict[str, Any]:
        """All of MNIST; see Run.whole_mnist."""
        return self.run.whole_mnist()

    @property
    def data(self) -> str:
        """The key of the thresholds that go with the data in use."""
        return "full" if self.full else data_name()

    def show(self, name: str, value: float, documents: float | None = None, order: str = "") -> None:
        """Keep a figure for the run's table and, with an order, for Gradescope's leaderboard."""
        self.run.figures[name] = Figure(name, float(value), documents, order)

    def at_least(self, value: float, threshold: Threshold, what: str) -> None:
        """Raise MissedThreshold if a value from the last observation is below its threshold."""
        if self.judges(value, threshold, is_least=True) and not value >= threshold.value:
            raise self.missed(what, "low", f"at least {threshold.value:.4g}", f"{value:.4g}")

    def at_most(self, value: float, threshold: Threshold, what: str) -> None:
        """Raise MissedThreshold if a value from the last observation is above its threshold."""
        if self.judges(value, threshold, is_least=False) and not value <= threshold.value:
            raise self.missed(what, "high", f"at most {threshold.value:.4g}", f"{value:.4g}")

    def judges(self, value: float, threshold: Threshold, is_least: bool) -> bool:
        """Keep a measured value; whether to judge it: not while thresholds are calibrated."""
        self.run.measured.append(Measured(threshold, float(value), is_least))
        return not self.run.settings.calibrating

    def missed(self, what: str, how: str, expected: str, found: str) -> Failed:
        public = f"{what} is too {how}"
        of_call = (one for one in reversed(self.exchanges) if one.call is self.exchanges[-1].call)
        whole = next((one for one in of_call if not one.keys), None)
        full = f"{public}: expected {expected}, got {found}."
        failure = self.failed(full, public=f"{public}.", kind=MissedThreshold, exchange=whole)
        return failure.with_values((Value(what, expected, found),))


def differences_in(exchange: Exchange, expected: Any) -> list[Difference]:
    """How the submission's answer differs from the reference's, in what the exchange is about.

    Each key of an observation may have one difference.
    """
    keys, scaled = exchange.keys, exchange.up_to_scale
    require_keys(expected, keys)
    require_keys(expected, scaled)
    wanted, got = part(expected, keys), part(exchange.answer.observation, keys)
    if isinstance(wanted, dict) and isinstance(got, dict) and wanted.keys() == got.keys():
        found = [compare(wanted[key], got[key], (key,), exchange.rtol, scaled) for key in wanted]
    else:
        found = [compare(wanted, got, rtol=exchange.rtol, up_to_scale=scaled)]
    return [difference for difference in found if difference is not None]
