"""Grade one submission in a process of its own: bytes in, bytes out, to run anywhere."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.assignment import KIT, VARIABLE
from grader.intake.class_downloads.upload import Packed
from grader.texts import safe

PREFIX = "grader-job-"  # of temporary folders; the id of the process that made it comes next
LOG, RESULTS = "log.txt", "results.json"
LONGEST_LOG = 1_000_000  # characters
RUNNING: set[subprocess.Popen[bytes]] = set()


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
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as temporary:
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
            status, cpu_s, memory = run(command, environment, log.fileno())
        seconds = time.monotonic() - started
        files = {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}
        files[LOG] = safe(files[LOG].decode("utf-8", errors="replace"), LONGEST_LOG).encode()
    return Result(files, status, seconds, cpu_s, memory)


def run(command: list[str], environment: Mapping[str, str], log: int) -> tuple[int, float | None, int | None]:
    """Run a process until it ends: its exit status, CPU seconds, and memory in bytes.

    It stops by itself when its standard input closes: if this process is killed, it doesn't stay.
    """
    process = subprocess.Popen(
        command, cwd=KIT, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
    )
    RUNNING.add(process)
    try:
        if not hasattr(os, "wait4"):
            return process.wait(), None, None
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit
    finally:
        RUNNING.discard(process)
        close_input(process)


def close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def remove_leftovers() -> None:
    """Remove the temporary folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def stop_all() -> None:
    """End the processes that run now."""
    for process in list(RUNNING):
        close_input(process)
