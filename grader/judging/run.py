"""One run over one submission: what is staged, asked through the sandboxes, and noted."""

import copy
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.intake.sources import SubmissionError
from grader.intake.submission import Staged, make_folder, stage, stage_files
from grader.judging.advice import AT_IMPORT
from grader.judging.clock import AGAIN_S, MOST_S, Clock
from grader.judging.data import data_dir, data_in_words, require_data
from grader.judging.exchange import Exchange
from grader.judging.live_mistakes import LiveMistakes
from grader.judging.mistakes import Mistakes
from grader.judging.opening import Folders, lease_for, open_sandboxes, walls_in_words
from grader.judging.problems import Problem, problem_of
from grader.judging.record import Figure
from grader.judging.recorded_mistakes import RecordedMistakes
from grader.judging.reference import (
    GoldenReference,
    LiveReference,
    RecordingReference,
    Reference,
    read_golden,
    reference_files,
)
from grader.judging.seeds import LAPTOP_SEED, derived_seed, run_seed
from grader.judging.settings import Settings
from grader.judging.thresholds import Measured
from grader.judging.timeouts import TimeOuts, with_lines
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.common import digits, importable, whole_mnist
from grader.sandbox.frames import Workers
from grader.sandbox.outcome import Failure, Kind, Outcome

LOAD_S = 60.0  # CPU seconds for loading data
MOST_KEPT = 2**23  # bytes of the answers that are not right, until mistakes are named; all of the reference's have 6 MB


# Starts at the beginning of a path, so that a long text takes linear time
PACKAGES = re.compile(r"""(?<![^\s"'])[^\s"']*[/\\](?:site|dist)-packages[/\\]""")


def without_folders(output: str, folder: Path) -> str:
    """What was printed, with short paths.

    Warnings print the whole paths of the submission's files and of packages.
    """
    return PACKAGES.sub("", output.replace(f"{folder}{os.sep}", ""))


class SubmissionProblem(Exception):
    """A whole file of the submission can't be used; the Problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


class Run:
    """Everything that the checks of one run share; close it at the end.

    `exchanges`, `measured` and `figures` are what the checks asked, measured and show.
    `odd_answers` are the exceptions that answers caused in checks, `not_drawn` those that they
    caused in pictures: for the staff.  `room` is how many bytes of answers may still be kept.
    """

    def __init__(self, settings: Settings, tick: Callable[[float], None] = lambda seconds: None) -> None:
        self.settings, self.tick = settings, tick
        self.exchanges: list[Exchange] = []
        self.measured: list[Measured] = []
        self.figures: dict[str, Figure] = {}
        self.odd_answers: list[str] = []
        self.not_drawn: list[str] = []
        self.imported: dict[str, Problem | None] = {}
        self.timeouts = TimeOuts()
        self.answered, self.room = False, MOST_KEPT
        self.cleanup = ExitStack()
        try:
            self.open()
        except BaseException:
            self.close()
            raise

    def open(self) -> None:
        """Stage the submission and the reference, and open the sandboxes."""
        require_data(self.settings.full)
        self.background = ThreadPoolExecutor(1)
        self.cleanup.callback(self.background.shutdown, wait=False, cancel_futures=True)
        self.assignment = self.settings.assignment()
        self.exercises = self.assignment.exercises
        settings = self.settings
        unlimited = settings.full or settings.calibrating or settings.debugging or settings.recording
        self.clock = Clock(self.assignment.time_factor) if settings.has_clock and not unlimited else None
        self.folder = Path(tempfile.mkdtemp(prefix="grader-run-"))
        self.cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.lease = lease_for(self.settings, self.cleanup)
        self.submission = self.stage_submission()
        self.digest = self.submission.digest()
        self.seed = self.settings.seed or run_seed(self.settings.secret, self.digest)
        staff = self.folder / "staff"
        staff.mkdir(mode=0o700)  # before anything is in it
        self.reference_folder, self.mutants_folder = staff / "reference", staff / "mutants"
        self.stage_reference()
        folders = Folders(self.submission.folder, staff)
        opened = open_sandboxes(self.settings, self.lease, folders, self.exercises, self.tick, self.cleanup)
        self.sandbox, self.staff_sandbox = opened.submission, opened.staff
        self.reference = self.open_reference()

    def stage_submission(self) -> Staged:
        """The staged submission.

        One without any file that can be graded is staged empty, with a problem for every exercise.
        """
        shown = self.lease.folder / self.folder.name if self.lease else self.folder
        folder = shown / "submission"
        self.cleanup.callback(shutil.rmtree, shown, ignore_errors=True)
        self.not_gradable = ""
        try:
            return stage(self.settings.submission, folder, self.exercises)
        except SubmissionError as error:
            self.not_gradable = str(error)
            return Staged(folder, self.settings.submission, problems=dict.fromkeys(self.exercises, str(error)))

    def stage_reference(self) -> None:
        if self.settings.live:
            stage_files(reference_files(self.exercises), self.reference_folder)
        else:
            make_folder(self.reference_folder)

    def open_reference(self) -> Reference:
        self.recorded = None if self.settings.live else read_golden(self.exercises)
        if self.recorded is not None:
            return GoldenReference(self.recorded.observations)
        kind = RecordingReference if self.settings.recording else LiveReference
        return kind(self.staff_sandbox, self.reference_folder)

    def mistakes(self) -> Mistakes:
        """The known mistakes: asked live on the staff's machines, recorded elsewhere."""
        if self.recorded is not None:
            return RecordedMistakes(self.recorded)
        golden = None if self.settings.recording else read_golden()
        live = LiveMistakes(self.staff_sandbox, self.reference_folder, self.mutants_folder, self.exercises, golden)
        live.ends = self.clock.naming_ends if self.clock else None
        return live

    @property
    def in_parallel(self) -> bool:
        """Whether to ask the reference at the same time.

        Only once the submission has answered something: else the work is wasted.
        """
        is_over = self.clock is not None and self.clock.is_over
        return self.answered and self.sandbox is not self.staff_sandbox and not is_over

    def on_a_laptop(self) -> "Run":
        """This run as it is on a student's machine, with its inputs and recordings.

        The sandboxes are this run's: only this one is closed.  Nothing else that happens there
        changes this one.
        """
        run = copy.copy(self)
        run.settings, run.seed = replace(self.settings, live=False), LAPTOP_SEED
        run.clock = Clock(self.clock.factor, AGAIN_S) if self.clock else None
        run.timeouts, run.imported = copy.deepcopy(self.timeouts), dict(self.imported)
        run.reference = GoldenReference(read_golden().observations)
        run.exchanges, run.measured, run.figures, run.odd_answers, run.not_drawn = [], [], {}, [], []
        return run

    def do_not_count(self, seconds: float) -> None:
        """Give the submission this much more time by the clock."""
        if self.clock is not None:
            self.clock.started += seconds

    def ask_submission(self, call: Call) -> Outcome:
        outcome = self.ask_in_time(call)
        seen = self.lease.seen(self.submission.folder) if self.lease else self.submission.folder
        outcome = replace(
            outcome,
            output=without_folders(outcome.output, seen),
            failure=outcome.failure and with_lines(outcome.failure, self.submission),
        )
        self.answered |= outcome.failure is None and call.probe != importable.name
        return outcome

    def ask_in_time(self, call: Call) -> Outcome:
        """Ask the submission, unless its time by the clock is used up."""
        if self.clock is None:
            return self.sandbox.ask(self.submission.folder, call)
        if self.clock.is_over:
            return Outcome(failure=Failure(Kind.TIMEOUT, seconds=MOST_S * max(self.clock.factor, 1), is_over=True))
        limited, started = self.clock.limited(call), time.monotonic()
        outcome = self.sandbox.ask(self.submission.folder, limited)
        self.clock.note(limited, time.monotonic() - started)
        return outcome

    def require_importable(self, exercise: str) -> None:
        """Raise SubmissionProblem unless the exercise's file was handed in and can be imported.

        Each file is imported alone, once a run.
        """
        if exercise not in self.imported:
            self.imported[exercise] = self.import_problem(exercise)
        problem = self.imported[exercise]
        if problem is not None:
            raise SubmissionProblem(problem)

    def import_problem(self, exercise: str) -> Problem | None:
        if exercise in self.submission.problems:
            return Problem(Kind.MISSING_FILE, self.submission.problems[exercise])
        call = Call(importable.name, {"exercise": exercise}, cpu_s=self.settings.import_s)
        outcome = self.ask_submission(call)
        if outcome.failure is None:
            return None
        problem = problem_of(outcome.failure)
        if problem.kind in (Kind.TIMEOUT, Kind.CRASH, Kind.MEMORY):
            sentence = f"src/{exercise}.py can't be imported.  {problem.sentence}"
            advice = AT_IMPORT if problem.kind == Kind.TIMEOUT else problem.advice
            return replace(problem, sentence=sentence, advice=advice)
        return problem

    def digits(self, examples_per_class: int, fraction: float, seed: int) -> dict[str, Any]:
        """Handwritten digits: MNIST if DATA_DIR names it, else the offline digits.

        Returns {"train": [images, labels], "test": [images, labels]} with images (N, 28, 28),
        float32 in [0, 1], and labels (N,), int64.  The staff's sandbox loads them.
        """
        arguments = {
            "examples_per_class": examples_per_class,
            "fraction": fraction,
            "seed": seed % 2**32,
            "data_dir": data_dir(),
        }
        return self.load(Call(digits.name, arguments, cpu_s=LOAD_S))

    def whole_mnist(self) -> dict[str, Any]:
        """All of MNIST in DATA_DIR, for `--full`: as `digits`, but uint8 images in 0 to 255."""
        return self.load(Call(whole_mnist.name, {"data_dir": data_dir()}, cpu_s=LOAD_S))

    def load(self, call: Call) -> dict[str, Any]:
        outcome = self.staff_sandbox.ask(self.reference_folder, call)
        if outcome.failure is not None:
            raise SandboxError(f"The data can't be loaded: {outcome.failure}.")
        return dict(outcome.observation)

    def derived_seed(self, *words: object) -> int:
        """A seed that follows from the run's seed and these words."""
        return derived_seed(self.seed, *words)

    def where(self, exercise: str, function: str) -> str:
        """Where to look: no line, as only an exception shows the one that matters."""
        return f"Look at {function} in src/{exercise}.py."

    def describe(self) -> str:
        """How this run works, for its header."""
        kind = "graded run" if self.settings.secret is not None else "fixed seed"
        if self.settings.in_process:
            return f"{kind}, in pytest's own process: no limits, no isolation"
        how = "one worker process, limited in time"
        if self.lease is not None and isinstance(self.sandbox, Sandbox):
            how = walls_in_words(self.sandbox.facts, self.lease)
        elif isinstance(self.sandbox, Sandbox) and self.sandbox.workers is Workers.FORKED:
            how = "plain: one worker process for each call, limited in time and memory"
        reference = "live reference" if self.settings.live else "recorded reference"
        return f"{kind}, {how}, {reference}, {data_in_words(self.settings.full)}"

    def close(self) -> None:
        """End what runs and remove what was staged."""
        self.cleanup.close()
