"""Finds the known mistake that answers every question as the submission does."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from grader.judging.exchange import BUILT_ON, Answer, Exchange, Verdict, answer_of
from grader.judging.mutants import Mutant, read_mutants
from grader.judging.record import Status
from grader.sandbox.client import Asker

# Kinds of problem that no mutant has: to ask them all would only take time.
NO_MISTAKE_GIVES = ("timeout: ", "memory: ", "disk: ", "crash: ", "garbled: ")


class Mistakes(Protocol):
    """The known mistakes, and what each would have answered."""

    known: list[Mutant]

    def fitting(self, exchange: Exchange, candidates: Sequence[Mutant]) -> list[Mutant]:
        """Those of the candidates that give the submission's answer."""


class LiveMistakes(Mistakes):
    """Asks the mutants themselves, in the staff's own sandbox, several in one worker.

    Their `recorded` answers to other inputs make most questions unnecessary. If a mutant gave the
    reference's answer there, it can't be the cause of a failure in that check. If the submission
    gave the reference's answer too, the mutant need not be asked.
    """

    def __init__(
        self,
        sandbox: Asker,
        reference: Path,
        folder: Path,
        exercises: tuple[str, ...],
        recorded: dict[str, Any] | None = None,
    ) -> None:
        self.sandbox, self.reference, self.folder = sandbox, reference, folder
        self.known = [m for m in read_mutants() if not m.equivalent and m.exercise in exercises]
        self.differs = {name: set(entry["answers"]) for name, entry in (recorded or {}).items()}
        self.recorded_keys = set().union(*self.differs.values())
        self.staged: dict[str, Path] = {}

    def fitting(self, exchange: Exchange, candidates: Sequence[Mutant]) -> list[Mutant]:
        if exchange.answer.raised.startswith(NO_MISTAKE_GIVES):
            return []
        unsure = [mutant for mutant in candidates if self.may_differ(exchange, mutant)]
        answers = zip(unsure, self.answers(exchange, unsure), strict=True)
        fitting = [mutant for mutant, answer in answers if exchange.is_answered_by(answer)]
        if exchange.verdict == Verdict.FAILED:
            return fitting
        return [mutant for mutant in candidates if mutant in fitting or mutant not in unsure]

    def may_differ(self, exchange: Exchange, mutant: Mutant) -> bool:
        """Whether the mutant may have another answer than the reference's, by what was recorded."""
        differs = self.differs.get(mutant.name)
        return differs is None or exchange.key in differs or exchange.key not in self.recorded_keys

    def answers(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Answer]:
        """What these mutants answer."""
        outcomes = self.sandbox.ask_each([self.place(mutant) for mutant in mutants], exchange.call) if mutants else []
        return [answer_of(outcome) for outcome in outcomes]

    def place(self, mutant: Mutant) -> Path:
        """The folder where the mutant is staged; done when it is first needed."""
        if mutant.name not in self.staged:
            folder = self.staged[mutant.name] = self.folder / mutant.name
            shutil.copytree(self.reference, folder, copy_function=os.link)  # a tenth of a copy's time
            file = folder / "src" / f"{mutant.exercise}.py"
            text = file.read_text(encoding="utf-8")
            file.unlink()
            file.write_text(mutant.apply(text), encoding="utf-8")
        return self.staged[mutant.name]


class RecordedMistakes(Mistakes):
    """The mutants' recorded answers in the visible checks, if they differ from the reference's."""

    def __init__(self, recorded: dict[str, Any]) -> None:
        self.known = [Mutant(name, entry["exercise"], (), entry["hint"]) for name, entry in recorded.items()]
        self.answers = {name: entry["answers"] for name, entry in recorded.items()}

    def fitting(self, exchange: Exchange, candidates: Sequence[Mutant]) -> list[Mutant]:
        return [mutant for mutant in candidates if self.fits(exchange, mutant)]

    def fits(self, exchange: Exchange, mutant: Mutant) -> bool:
        recorded = self.answers[mutant.name].get(exchange.key)
        if recorded is None:
            return exchange.verdict != Verdict.FAILED
        return exchange.is_answered_by(Answer(**recorded))


def diagnose(exchanges: Iterable[Exchange], statuses: Mapping[str, Status], mistakes: Mistakes) -> dict[str, Mutant]:
    """The mistake behind each failed check, by the check's name, if it is a known one.

    A mistake is told if it answers like the submission in everything that was compared of its
    function.  If several do, the first is told.  A function that is built on others is taken to
    fail because of their mistakes, if those explain it.

    Args:
        exchanges: what all checks asked the submission.
        statuses: how each check ended, by its name.
        mistakes: the known mistakes.
    """
    settled = (Status.FAILED, Status.PASSED)
    judged = [one for one in exchanges if one.verdict == Verdict.AGREED or statuses.get(one.check) in settled]
    failed = [one for one in judged if one.verdict == Verdict.FAILED and statuses.get(one.check) == Status.FAILED]
    told = mistakes_of_functions(judged, failed, mistakes)
    hints: dict[str, Mutant] = {}
    for exchange in failed:
        mutant = mistake_behind(exchange, told, mistakes)
        if mutant is not None:
            hints.setdefault(exchange.check, mutant)
    return hints


def mistakes_of_functions(judged: list[Exchange], failed: list[Exchange], mistakes: Mistakes) -> dict[str, Mutant]:
    """The mistake in each function that a failed exchange asked, if a known one explains it all."""
    told: dict[str, Mutant] = {}
    functions = {one.function for one in failed if not one.only_here}
    for function in sorted(functions, key=lambda name: name in BUILT_ON):
        own = [one for one in judged if one.function == function]
        below = [told[name] for name in BUILT_ON.get(function, ()) if name in told]
        known = [mutant for mutant in mistakes.known if mutant.function == function]
        mutant = first(explaining(below, own, mistakes)) or first(explaining(known, own, mistakes))
        if mutant is not None:
            told[function] = mutant
    return told


def mistake_behind(exchange: Exchange, told: dict[str, Mutant], mistakes: Mistakes) -> Mutant | None:
    """The mistake of the exchange's own function, or one below it that explains the exchange."""
    if exchange.function in told:
        return told[exchange.function]
    below = [mutant for mutant in told.values() if exchange.may_show(mutant)]
    return first(explaining(below, [exchange], mistakes))


def first(mutants: list[Mutant]) -> Mutant | None:
    return mutants[0] if mutants else None


def explaining(candidates: list[Mutant], exchanges: list[Exchange], mistakes: Mistakes) -> list[Mutant]:
    """The candidates that give every one of these answers.

    Answers that were not compared with the reference's, because chance plays a part in them, only
    choose between the candidates that are left.
    """
    judged = [one for one in exchanges if not one.only_here]
    for one in sorted(judged, key=lambda one: one.verdict):
        if not candidates or (one.verdict == Verdict.OPEN and len(candidates) == 1):
            break
        fitting = mistakes.fitting(one, candidates)
        candidates = fitting if one.verdict != Verdict.OPEN else fitting or candidates
    return candidates
