"""Grade one submission in a process of its own: bytes in, bytes out, to run anywhere."""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import VARIABLE
from grader.intake.class_downloads.upload import Packed
from grader.staff.grading.processes import prefix, run
from grader.texts import safe

LOG, RESULTS = "log.txt", "results.json"
LONGEST_LOG = 1_000_000  # characters


@dataclass(frozen=True)
class Job:
    """One submission to be graded with an assignment file.

    `environment` is added to that of the machine.
    """

    name: str
    packed: Packed
    assignment: bytes
    full: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What grading wrote, by the names of its files, and what it cost.

    `status` is the exit status of the process. `memory` is that of its largest process, in bytes;
    None if the system doesn't tell.
    """

    files: Mapping[str, bytes]
    status: int
    seconds: float
    cpu_s: float | None = None
    memory: int | None = None


def grade_job(job: Job) -> Result:
    """Grade a submission in a fresh folder that no other user can enter."""
    with tempfile.TemporaryDirectory(prefix=prefix()) as temporary:
        out = Path(temporary) / "out"
        out.mkdir()
        (Path(temporary) / "in").mkdir()
        submission = job.packed.write(Path(temporary) / "in")
        assignment = Path(temporary) / "assignment.toml"
        assignment.write_bytes(job.assignment)
        command = [sys.executable, "-m", "grader.staff.grading.grade_one", str(submission), str(out / RESULTS)]
        command += ["--page", "--while-open", *(["--full"] if job.full else [])]
        started = time.monotonic()
        with (out / LOG).open("wb") as log:
            environment = os.environ | job.environment | {VARIABLE: str(assignment)}
            ended = run(command, environment, log.fileno())
        seconds = time.monotonic() - started
        files = {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}
        files[LOG] = safe(files[LOG].decode("utf-8", errors="replace"), LONGEST_LOG).encode()
    return Result(files, ended.status, seconds, ended.cpu_s, ended.memory)
