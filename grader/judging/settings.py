"""How to run checks on a submission."""

from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

from grader.assignment import KIT, STAFF, Assignment, read_assignment, with_every_exercise
from grader.judging.record import Apart
from grader.sandbox.client import Asker
from grader.sandbox.frames import USUAL_WORKERS, Workers


@dataclass(frozen=True)
class Settings:
    """How to run.

    Attributes:
        submission: folder or zip.
        secret: makes it a graded run: all inputs follow from it and from the submitted files.
        seed: what all inputs follow from, in place of that.
        workers: how to run the submission's code.
        in_process: run probes in this process, without limits: for debuggers.
        debugging: raise the submission's own exceptions.
        recording: keep the reference's answers.
        calibrating: measure what has a threshold, and judge nothing.
        full: train with the whole budget, on all of MNIST.
        live: ask the reference and the mutants; else their recorded answers stand in.
        asks, staff_asks: what the submission and the reference are asked through, in place of
            sandboxes of the run's own: for many runs, one after the other.
        has_clock: whether the submission's time by the clock is limited as a whole: not if the time
            in which others are asked would count too.
        import_s: CPU seconds for importing one file.
        apart: what was graded apart from the checks, such as a written report.
        waiting: at its other end, a process that has imported torch waits to be the run's servers.
        is_packed: this is the run of `grader check`, which packs what is handed in.
    """

    submission: Path = KIT
    secret: bytes | None = field(default=None, repr=False)
    seed: bytes | None = field(default=None, repr=False)
    workers: Workers = USUAL_WORKERS
    in_process: bool = False
    debugging: bool = False
    recording: bool = False
    calibrating: bool = False
    full: bool = False
    live: bool = field(default_factory=STAFF.is_dir)
    asks: Asker | None = None
    staff_asks: Asker | None = None
    has_clock: bool = True
    import_s: float = 10.0
    apart: Apart | None = None
    waiting: socket | None = None
    is_packed: bool = False

    def assignment(self) -> Assignment:
        """What is handed out; for recording all exercises, so that any can be handed out later."""
        return with_every_exercise(read_assignment()) if self.recording else read_assignment()
