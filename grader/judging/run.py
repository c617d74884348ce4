"""One run over one submission: what is staged, who is asked through what, and the seed that everything is drawn from."""

import hashlib
import hmac
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data.load_data import source_of
from grader.assignment import KIT, STAFF, Assignment, read_assignment, with_every_exercise
from grader.intake.submission import Staged, SubmissionError, make_folder, stage, stage_files
from grader.judging.advice import AT_IMPORT
from grader.judging.diagnosis import Asked, LiveMistakes, Mistakes, RecordedMistakes
from grader.judging.problems import Problem, problem_of
from grader.judging.record import Figure
from grader.judging.reference import (
    GoldenReference,
    LiveReference,
    RecordingReference,
    Reference,
    read_golden,
    reference_files,
)
from grader.judging.thresholds import Measured
from grader.sandbox import boundary
from grader.sandbox.client import Asker, Call, InProcess, Sandbox, SandboxError
from grader.sandbox.common import digits, importable, whole_mnist
from grader.sandbox.launch import Lease
from grader.sandbox.outcome import Failure, Kind, Outcome

LAPTOP_SEED = b"the same on every laptop"
IMPORT_S = 10.0  # CPU seconds for importing one file
TIMEOUTS_BEFORE_HURRY = 2


@dataclass(frozen=True)
class Settings:
    """How to run: `secret` makes it a graded run, `fork` False asks for the persistent child, `recording` keeps the reference's answers.

    `full` trains with the whole budget, on all of MNIST.  `calibrating` measures what has a threshold and judges nothing.  `seed` stands in place of the one that follows from the submission, and
    `asks` (with `kit_asks` for the reference, where that is another) in place of the sandboxes: for many runs one after the other.
    """

    submission: Path = KIT
    secret: bytes | None = field(default=None, repr=False)
    fork: bool | None = None
    in_process: bool = False
    debugging: bool = False
    recording: bool = False
    full: bool = False
    calibrating: bool = False
    seed: bytes | None = field(default=None, repr=False)
    asks: Asker | None = None
    kit_asks: Asker | None = None
    live: bool = STAFF.is_dir()

    def assignment(self) -> Assignment:
        """What is handed out; for recording all exercises, so that any of them can be handed out afterwards."""
        return with_every_exercise(read_assignment()) if self.recording else read_assignment()


class SubmissionProblem(Exception):
    """A whole file of the submission can't be used; the Problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass
class Run:
    """Everything that the checks of one run share; close it at the end."""

    settings: Settings
    tick: Callable[[float], None] = lambda seconds: None
    imported: dict[str, Problem | None] = field(default_factory=dict)
    timeouts: dict[str, int] = field(default_factory=dict)
    answered: bool = False
    asked: list[Asked] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cleanup = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="grader-run-"))
        self.cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.background = ThreadPoolExecutor(1)
        self.cleanup.callback(self.background.shutdown, wait=False, cancel_futures=True)
        self.lease: Lease | None = None
        try:
            require_data(self.settings.full)
            self.assignment = self.settings.assignment()
            self.exercises = self.assignment.exercises
            self.submission = self.stage_submission()
            self.digest = self.submission.digest()
            self.seed = self.settings.seed or run_seed(self.settings.secret, self.digest)
            self.open_sandboxes()
        except BaseException:
            self.close()
            raise

    def stage_submission(self) -> Staged:
        """The staged submission; one without any file that can be graded is staged empty, with a problem for every exercise."""
        folder = self.folder / "submission"
        self.not_gradable = ""
        try:
            return stage(self.settings.submission, folder, self.exercises)
        except SubmissionError as error:
            self.not_gradable = str(error)
            return Staged(folder, self.settings.submission, problems=dict.fromkeys(self.exercises, str(error)))

    def open_sandboxes(self) -> None:
        """Start what submissions and the reference are asked through."""
        settings, staff = self.settings, self.folder / "staff"
        staff.mkdir(mode=0o700)  # from before anything lies in it
        self.kit_folder, self.mutants_folder = staff / "kit", staff / "mutants"
        recorded = None if settings.live else read_golden(self.exercises)
        if settings.live:
            stage_files(reference_files(self.exercises), self.kit_folder)
        else:
            make_folder(self.kit_folder)
        self.sandbox: Asker
        self.kit: Asker
        if settings.asks is not None:
            self.sandbox, self.kit = settings.asks, settings.kit_asks or settings.asks
            if isinstance(self.sandbox, Sandbox) and self.sandbox.lease is not None:
                self.let_in(self.sandbox.lease)
        elif settings.in_process:
            self.sandbox = self.kit = InProcess()
        elif settings.live and not settings.recording and settings.fork is not False and boundary.can_harden():
            self.open_hardened()
        else:
            self.sandbox, self.kit = self.opened(
                Sandbox.pair(settings.fork, tick=self.tick, preload=probe_modules(self.exercises))
            )
        asked = RecordingReference if settings.recording else LiveReference
        self.reference: Reference = (
            GoldenReference(recorded.observations) if recorded else asked(self.kit, self.kit_folder)
        )
        self.recorded = recorded

    def open_hardened(self) -> None:
        """Start sandboxes of which the submission's is shut in, with all that is the staff's closed to it.  Raises SandboxError where that fails."""
        closed = [STAFF, *boundary.histories(KIT), self.kit_folder.parent]
        boundary.require_way(self.folder)
        boundary.close(closed)
        lease = self.lease = boundary.lease_user()
        self.cleanup.callback(lease.end)
        self.let_in(lease)
        sandbox, self.kit = self.opened(Sandbox.pair(True, lease, self.tick, probe_modules(self.exercises)))
        self.sandbox = sandbox
        kept = [
            path for folder in (".", "grader", "tests", "data") for path in (KIT / folder, *(KIT / folder).glob("*.py"))
        ]
        boundary.require_boundary(sandbox, self.submission.folder, closed, kept)

    def let_in(self, lease: Lease) -> None:
        """Let the leased user pass through to the staged submission and read it; no other, such as another grader's.

        What a run that was killed let the same user into goes first.
        """
        for stale in self.folder.parent.glob("grader-run-*"):
            with suppress(FileNotFoundError):  # another run has just ended
                if stale.stat().st_gid == lease.user:
                    shutil.rmtree(stale, ignore_errors=True)
        boundary.show(self.submission.folder)
        os.chown(self.folder, 0, lease.user)
        self.folder.chmod(0o710)

    def opened(self, sandboxes: list[Sandbox]) -> list[Sandbox]:
        """The sandboxes, to be closed at the end."""
        for sandbox in sandboxes:
            self.cleanup.callback(sandbox.close)
        return sandboxes

    def mistakes(self) -> Mistakes:
        """The known mistakes: asked live beside the staff's folder, recorded elsewhere."""
        if self.recorded is not None:
            return RecordedMistakes(self.recorded.mistakes)
        recorded = {} if self.settings.recording else read_golden().mistakes
        return LiveMistakes(self.kit, self.kit_folder, self.mutants_folder, self.exercises, recorded)

    @property
    def in_parallel(self) -> bool:
        """Whether the reference is asked while the submission is: not before an answer of its has shown that there is need."""
        return self.answered and not self.settings.in_process and self.settings.asks is None

    def ask_submission(self, call: Call) -> Outcome:
        outcome = self.sandbox.ask(self.submission.folder, call)
        outcome.output = outcome.output.replace(
            f"{self.submission.folder}{os.sep}", ""
        )  # warnings and debuggers print paths
        self.answered |= outcome.failure is None and call.probe != importable.name
        return outcome

    def require_importable(self, exercise: str) -> None:
        """Raise SubmissionProblem unless the exercise's file was handed in and imports; it is imported alone, once a run."""
        if exercise not in self.imported:
            self.imported[exercise] = self.import_problem(exercise)
        problem = self.imported[exercise]
        if problem is not None:
            raise SubmissionProblem(problem)

    def import_problem(self, exercise: str) -> Problem | None:
        if exercise in self.submission.problems:
            return Problem(Kind.MISSING_FILE, self.submission.problems[exercise])
        outcome = self.ask_submission(Call(importable.name, {"exercise": exercise}, cpu_s=IMPORT_S))
        if outcome.failure is None:
            return None
        problem = problem_of(outcome.failure)
        if problem.kind in (Kind.TIMEOUT, Kind.CRASH, Kind.MEMORY):
            sentence = f"src/{exercise}.py can't be imported.  {problem.sentence}"
            advice = AT_IMPORT if problem.kind == Kind.TIMEOUT else problem.advice
            return replace(problem, sentence=sentence, advice=advice)
        return problem

    def time_share(self, exercise: str) -> float:
        """The share of its time that a check of an exercise gets: less after two that never ended, so that the rest is still judged."""
        return 0.25 if self.timeouts.get(exercise, 0) >= TIMEOUTS_BEFORE_HURRY else 1.0

    def count_failure(self, exercise: str, failure: Failure) -> None:
        if failure.kind == Kind.TIMEOUT:
            self.timeouts[exercise] = self.timeouts.get(exercise, 0) + 1

    def digits(self, examples_per_class: int, fraction: float, seed: int) -> dict[str, Any]:
        """Handwritten digits, loaded by the kit's code in the kit's sandbox: MNIST where DATA_DIR has it, else the offline digits."""
        arguments = {
            "examples_per_class": examples_per_class,
            "fraction": fraction,
            "seed": seed % 2**32,
            "data_dir": data_dir(),
        }
        return self.loaded(Call(digits.name, arguments, cpu_s=60))

    def whole_mnist(self) -> dict[str, Any]:
        """All of MNIST in DATA_DIR, for `--full`: {"train": [images, labels], "test": ...}, images of uint8 and of shape (N, 28, 28)."""
        return self.loaded(Call(whole_mnist.name, {"data_dir": data_dir()}, cpu_s=60))

    def loaded(self, call: Call) -> dict[str, Any]:
        """What the kit's own code loads in the kit's sandbox."""
        outcome = self.kit.ask(self.kit_folder, call)
        if outcome.failure is not None:
            raise SandboxError(f"The data can't be loaded: {outcome.failure}.")
        return dict(outcome.observation)

    def derived_seed(self, *words: object) -> int:
        """A seed that follows from the run's seed and the words, and from which the run's can't be found."""
        text = ":".join(map(str, words)).encode()
        return int.from_bytes(hmac.new(self.seed, text, hashlib.sha256).digest()[:6], "big")

    def where(self, exercise: str, function: str) -> str:
        """Where to look: the function's file and line in the submission."""
        found = re.search(
            rf"^[ \t]*(?:def|class)\s+{re.escape(function)}\b", self.submission.text(exercise), re.MULTILINE
        )
        line = f", line {self.submission.text(exercise).count(chr(10), 0, found.start()) + 1}" if found else ""
        return f"Look at {function} in src/{exercise}.py{line}."

    def describe(self) -> str:
        """How this run works, for its header."""
        kind = "graded run" if self.settings.secret is not None else "fixed seed"
        if self.settings.in_process:
            return f"{kind}, in pytest's own process: no limits, no isolation"
        how = "one worker process, limited in time"
        if self.lease is not None:
            how = f"hardened: a worker process a call, as user {self.lease.user}, without network"
        elif isinstance(self.sandbox, Sandbox) and self.sandbox.fork:
            how = "plain: a worker process a call, limited in time and memory"
        reference = "live reference" if self.settings.live else "recorded reference"
        data = "all of MNIST, full budget" if self.settings.full else "MNIST" if data_dir() else "offline digits"
        return f"{kind}, {how}, {reference}, {data}"

    def close(self) -> None:
        """End what runs and remove what was staged."""
        self.cleanup.close()


def probe_modules(exercises: Iterable[str]) -> list[str]:
    """The modules beside which workers run the code of these exercises."""
    folders = [KIT / "grader" / "exercises" / exercise for exercise in exercises]
    own = [folder / f"{name}.py" for folder in folders for name in ("probes", "instruments")]
    return [
        "grader.exercises.instruments",
        *(f"grader.exercises.{file.parent.name}.{file.stem}" for file in own if file.is_file()),
    ]


def run_seed(secret: bytes | None, digest: str) -> bytes:
    """The run's seed: of a graded run HMAC(secret, hash of the staged files), so that handing in again re-rolls nothing."""
    if secret is None:
        return LAPTOP_SEED
    return hmac.new(secret, digest.encode(), hashlib.sha256).digest()


def data_dir() -> str | None:
    """The folder of real data that the environment names, as an absolute path, or None."""
    value = os.environ.get("DATA_DIR", "")
    return str(Path(value).expanduser().resolve()) if value else None


def require_data(full: bool) -> None:
    """Raise SandboxError, with a sentence, when DATA_DIR names a folder without MNIST, or none where all of MNIST is needed: at once."""
    folder = data_dir()
    if folder is None:
        if full:
            raise SandboxError("--full trains on all of MNIST: name the folder that holds it in DATA_DIR.")
        return
    try:
        source_of("MNIST", folder)
    except (FileNotFoundError, ValueError) as error:
        raise SandboxError(f"DATA_DIR: {error}") from None


def data_name() -> str:
    """The key of the thresholds that go with the data in use."""
    return "mnist" if data_dir() else "digits"
