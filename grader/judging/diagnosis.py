"""Which known mistake a submission has: the one that gives the submission's own answers to everything that was asked of the function."""

import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.judging.compare import RTOL, compare
from grader.judging.mutants import Mutant, read_mutants
from grader.judging.problems import problem_of
from grader.sandbox.client import Asker, Call
from grader.sandbox.outcome import Outcome
from grader.sandbox.probe import Probe

# What is written with what: a mistake in train_epoch shows in run_model too.
BUILT_ON = {"run_model": ("train_epoch", "evaluate"), "InversionInvariantLeNet5": ("LeNet5",)}
OPEN, AGREED, FAILED = "open", "agreed", "failed"
# Kinds of problem that no mutant has: to ask them all would only take time.
NO_MISTAKE_GIVES = ("timeout: ", "memory: ", "disk: ", "crash: ", "garbled: ")


@dataclass(frozen=True)
class Answer:
    """What came of a call: an observation, or else what was raised, in words."""

    observation: Any = None
    raised: str = ""


@dataclass
class Asked:
    """A question that a check asked the submission, the answer, and what became of it.

    `verdict` is OPEN until the answer has been compared with the reference's (AGREED) or made the check fail (FAILED).  `keys`, `rtol`
    and `up_to_scale` say what of an observation counts, as in Check.agree.  `only_here`: not asked of mutants too, since it is too dear
    or no more than what the check needs.
    """

    check: str
    key: str
    probe: Probe
    call: Call
    keys: Collection[str] = ()
    rtol: float = RTOL
    up_to_scale: Collection[str] = ()
    only_here: bool = False
    answer: Answer = Answer()
    verdict: str = OPEN

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
        """The functions that the answer depends on, and the files, as "src/NAME.py", of which it depends on all."""
        files = (f"src/{exercise}.py" for exercise in self.probe.also)
        return {self.function, *BUILT_ON.get(self.function, ()), *files}

    def may_show(self, mutant: Mutant) -> bool:
        """Whether the answer depends on the function whose mistake the mutant has."""
        return not self.depends_on.isdisjoint(mutant.places)


def part(observation: Any, keys: Collection[str]) -> Any:
    """The named keys of an observation, all of it where none are named."""
    if not keys or not isinstance(observation, dict):
        return observation
    return {key: value for key, value in observation.items() if key in keys}


def answer_of(outcome: Outcome) -> Answer:
    """An outcome as far as it can be compared: of an exception its kind and text, not its line."""
    if outcome.failure is None:
        return Answer(outcome.observation)
    problem = problem_of(outcome.failure)
    return Answer(raised=f"{problem.kind}: {problem.details or problem.sentence}")


class Mistakes(Protocol):
    """The known mistakes, and what each would have answered."""

    known: list[Mutant]

    def fitting(self, asked: Asked, candidates: Sequence[Mutant]) -> list[Mutant]:
        """Those of the candidates that give the submission's answer."""


class LiveMistakes(Mistakes):
    """The mutants themselves, asked through the staff's own sandbox: all that a question is for in one worker.

    `recorded`, what was recorded of them for other inputs, spares most questions: a mutant that gave the reference's answer there
    can't be behind a failure of that check, and need not be asked where the submission gave it too.
    """

    def __init__(
        self,
        sandbox: Asker,
        kit: Path,
        folder: Path,
        exercises: tuple[str, ...],
        recorded: dict[str, Any] | None = None,
    ) -> None:
        self.sandbox, self.kit, self.folder = sandbox, kit, folder
        self.known = [m for m in read_mutants() if not m.equivalent and m.exercise in exercises]
        self.differs = {name: set(entry["answers"]) for name, entry in (recorded or {}).items()}
        self.recorded_keys = set().union(*self.differs.values())
        self.staged: dict[str, Path] = {}

    def fitting(self, asked: Asked, candidates: Sequence[Mutant]) -> list[Mutant]:
        if asked.answer.raised.startswith(NO_MISTAKE_GIVES):
            return []
        unsure = [mutant for mutant in candidates if self.may_differ(asked, mutant)]
        answers = zip(unsure, self.answers(asked, unsure), strict=True)
        fitting = [mutant for mutant, answer in answers if asked.is_answered_by(answer)]
        if asked.verdict == FAILED:
            return fitting
        return [mutant for mutant in candidates if mutant in fitting or mutant not in unsure]

    def may_differ(self, asked: Asked, mutant: Mutant) -> bool:
        """Whether the mutant may have another answer than the reference's, by what was recorded."""
        differs = self.differs.get(mutant.name)
        return differs is None or asked.key in differs or asked.key not in self.recorded_keys

    def answers(self, asked: Asked, mutants: Sequence[Mutant]) -> list[Answer]:
        """What these mutants answer."""
        outcomes = self.sandbox.ask_each([self.place(mutant) for mutant in mutants], asked.call) if mutants else []
        return [answer_of(outcome) for outcome in outcomes]

    def place(self, mutant: Mutant) -> Path:
        """The folder where the mutant is staged; done when it is first needed."""
        if mutant.name not in self.staged:
            folder = self.staged[mutant.name] = self.folder / mutant.name
            shutil.copytree(self.kit, folder, copy_function=os.link)  # a tenth of a copy's time
            file = folder / "src" / f"{mutant.exercise}.py"
            text = file.read_text(encoding="utf-8")
            file.unlink()
            file.write_text(mutant.apply(text), encoding="utf-8")
        return self.staged[mutant.name]


class RecordedMistakes(Mistakes):
    """What the mutants answered in the visible checks when the golden observations were recorded, where it was not the reference's answer."""

    def __init__(self, recorded: dict[str, Any]) -> None:
        self.known = [Mutant(name, entry["exercise"], (), entry["hint"]) for name, entry in recorded.items()]
        self.answers = {name: entry["answers"] for name, entry in recorded.items()}

    def fitting(self, asked: Asked, candidates: Sequence[Mutant]) -> list[Mutant]:
        return [mutant for mutant in candidates if self.fits(asked, mutant)]

    def fits(self, asked: Asked, mutant: Mutant) -> bool:
        recorded = self.answers[mutant.name].get(asked.key)
        if recorded is None:
            return asked.verdict != FAILED
        return asked.is_answered_by(Answer(**recorded))


def diagnose(asked: Iterable[Asked], statuses: Mapping[str, str], mistakes: Mistakes) -> dict[str, Mutant]:
    """The mistake behind each failed check, by the check's name, where it is a known one.  `statuses` are the checks' by name.

    It answers like the submission in everything that was compared of its function; of several the first is told.  What is built on
    other functions is taken to fail by their mistakes where those explain it.
    """
    asked = [one for one in asked if one.verdict == AGREED or statuses.get(one.check) in ("failed", "passed")]
    failed = [one for one in asked if one.verdict == FAILED and statuses.get(one.check) == "failed"]
    found: dict[str, Mutant] = {}
    for function in sorted({one.function for one in failed if not one.only_here}, key=lambda name: name in BUILT_ON):
        own = [one for one in asked if one.function == function]
        below = [found[name] for name in BUILT_ON.get(function, ()) if name in found]
        for candidates in (below, [mutant for mutant in mistakes.known if mutant.function == function]):
            for mutant in explaining(candidates, own, mistakes)[:1]:
                found.setdefault(function, mutant)
    hints: dict[str, Mutant] = {}
    for one in failed:
        below = [mutant for mutant in found.values() if one.may_show(mutant)]
        behind = [found[one.function]] if one.function in found else explaining(below, [one], mistakes)
        for mutant in behind[:1]:
            hints.setdefault(one.check, mutant)
    return hints


def explaining(candidates: list[Mutant], asked: list[Asked], mistakes: Mistakes) -> list[Mutant]:
    """The candidates that give every one of these answers; what failed is asked first, since it leaves few.

    Answers that were not compared with the reference's, because chance has a part in them, only choose between those that are left.
    """
    judged = [one for one in asked if not one.only_here]
    for one in sorted(judged, key=lambda one: [FAILED, AGREED, OPEN].index(one.verdict)):
        if not candidates or (one.verdict == OPEN and len(candidates) == 1):
            break
        fitting = mistakes.fitting(one, candidates)
        candidates = fitting if one.verdict != OPEN else fitting or candidates
    return candidates
