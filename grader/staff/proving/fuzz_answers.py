"""Judges answers that keep the structure of the reference's and are wrong.

Whatever a submission answers, no check may end as the grader's error, and no check may give points
for an answer in which every value is wrong.
"""

import json
import random
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.assignment import read_assignment
from grader.feedback.progress import Progress
from grader.items import new_record, run_check
from grader.judging.naming import diagnose
from grader.judging.record import Record, Status
from grader.judging.recorded_mistakes import RecordedMistakes
from grader.judging.reference import read_golden
from grader.judging.run import MOST_KEPT, Run
from grader.judging.settings import Settings
from grader.sandbox import wire
from grader.sandbox.call import Call
from grader.sandbox.client import Asker, Sandbox
from grader.sandbox.common import importable
from grader.sandbox.outcome import Outcome, garbled
from grader.staff.grading.trial import collect_checks, trains
from grader.staff.proving.altered import alter_all, alter_one
from grader.staff.proving.cases import place
from grader.staff.proving.lanes import CONTEXT, in_lanes
from grader.staff.proving.memory import question_key

SEED = b"the inputs that every altered answer is judged with"
SHARE_OF_ALL = 0.3  # of answers in which every value is wrong
MAX_TEXT = 50_000  # characters of a check's record: each text in it is cut at 10,000
PER_TASK = 200


@dataclass
class AnswersJudged:
    """How many answers were altered, and a sentence for each that was judged wrongly."""

    one: int = 0
    all: int = 0
    odd: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "AnswersJudged") -> None:
        self.one, self.all = self.one + other.one, self.all + other.all
        self.odd.update(other.odd)
        self.problems += other.problems


class AskedOnce(Asker):
    """Asks the reference each question once, whoever asks: a run does it in two threads."""

    def __init__(self, asker: Asker) -> None:
        self.asker, self.lock = asker, threading.Lock()
        self.answers: dict[str, list[Outcome]] = {}

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        key = question_key(call)
        with self.lock:
            if key not in self.answers:
                self.answers[key] = self.asker.ask_each(folders, call)
            return self.answers[key]

    def close(self) -> None:
        self.asker.close()


class Altering(Asker):
    """Alters the reference's answers as `rng` says; `altered` counts them."""

    def __init__(self, asker: Asker) -> None:
        self.asker, self.rng, self.everything, self.altered = asker, random.Random(0), False, 0

    def start(self, number: int) -> None:
        """Alter the next answers as this number says."""
        self.rng, self.altered = random.Random(number), 0
        self.everything = self.rng.random() < SHARE_OF_ALL

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        outcomes = self.asker.ask_each(folders, call)
        return outcomes if call.probe == importable.name else list(map(self.alter, outcomes))

    def alter(self, outcome: Outcome) -> Outcome:
        """What arrives if a worker sends the altered answer."""
        if outcome.failure is not None:
            return outcome
        self.altered += 1
        answer = (alter_all if self.everything else alter_one)(outcome.observation, self.rng)
        try:
            return Outcome(wire.decode(wire.encode(answer)))
        except wire.WireError as error:
            return Outcome(failure=garbled(error))

    def close(self) -> None:
        self.asker.close()


class AnswersLane:
    """What one process has that judges altered answers."""

    def __init__(self, sandbox: Sandbox, reference: Path, progress: Progress, with_training: bool) -> None:
        asker = AskedOnce(sandbox)
        self.altering, self.progress = Altering(asker), progress
        self.checks = [item for item in collect_checks() if with_training or not trains(item)]
        settings = Settings(reference, seed=SEED, asks=self.altering, staff_asks=asker)
        self.run = Run(settings)
        self.run.clock = None  # one run judges what thousands of submissions might answer
        golden = read_golden(read_assignment().exercises)
        self.mistakes = RecordedMistakes(golden)

    def judge(self, number: int, judged: AnswersJudged) -> None:
        """Judge a check's answers, altered as this number says."""
        item = self.checks[number % len(self.checks)]
        record = new_record(item, self.run.assignment)
        self.altering.start(number)
        self.run.exchanges.clear()
        self.run.room = MOST_KEPT
        try:
            run_check(item, self.run, record)
            diagnose(self.run.exchanges, {record.name: record}, self.mistakes)
        except Exception as error:
            judged.problems.append(f"{number}: {item.name} ended with {type(error).__name__}: {error}")
        else:
            if problem := self.problem_with(record):
                judged.problems.append(f"{number}: {item.name} {problem}")
        judged.one += 0 if self.altering.everything else self.altering.altered
        judged.all += self.altering.altered if self.altering.everything else 0
        judged.odd.update(text.partition(":")[0] for text in self.run.odd_answers)
        self.run.odd_answers.clear()

    def problem_with(self, record: Record) -> str:
        """What is wrong with how a check judged its answers, or ""."""
        if record.status is Status.ERROR:
            return "counts as the grader's error"
        if self.altering.everything and self.altering.altered and record.points:
            return f"gives {record.points:g} points for answers in which every value is wrong"
        texts = {name: value for name, value in vars(record).items() if name != "pictures"}  # which are bounded data
        if len(json.dumps(texts, default=str)) > MAX_TEXT:
            return f"says more than {MAX_TEXT} characters"
        return ""


@dataclass(frozen=True)
class JudgeAnswers:
    """A lane's task: to judge checks of these numbers."""

    numbers: range

    def __call__(self, lane: AnswersLane) -> AnswersJudged:
        judged = AnswersJudged()
        for number in self.numbers:
            lane.judge(number, judged)
        lane.progress.step(f"answers to {self.numbers.start}")
        return judged


def judge_answers(numbers: range, with_training: bool = True) -> AnswersJudged:
    """Judge the checks of these numbers, two processes at a time.

    Each number stands for a check and for how its answers are altered.  To ask the reference all
    questions takes about a minute; without the checks that train it takes some seconds.
    """
    total = AnswersJudged()
    with tempfile.TemporaryDirectory(prefix="grader-fuzz-") as temporary:
        folder = Path(temporary)
        tasks = [JudgeAnswers(numbers[start : start + PER_TASK]) for start in range(0, len(numbers), PER_TASK)]
        progress = Progress(len(tasks), CONTEXT.Value("i", 0))
        given: tuple[Any, ...] = place(folder, "reference", ()), progress, with_training
        for judged in in_lanes(AnswersLane, given, tasks, folder):
            total.add(judged)
    return total


def report(judged: AnswersJudged) -> str:
    """What was found, for the terminal."""
    lines = [f"{judged.one} answers were altered in one place, {judged.all} in all places."]
    if judged.odd:
        lines.append(f"{sum(judged.odd.values())} raised an exception in a check, which counted as a wrong answer:")
        lines += [f"{count:>7}  {name}" for name, count in judged.odd.most_common()]
    lines += judged.problems
    lines.append(f"{len(judged.problems)} were judged wrongly.")
    return "\n".join(lines)
