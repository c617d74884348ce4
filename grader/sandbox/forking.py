"""Answer each call in a forked worker: the server's part on systems that have fork.

walls.py keeps the worker apart from everything else, and clears up after it.
"""

import contextlib
import fcntl
import os
import select
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from resource import struct_rusage
from typing import IO, BinaryIO, NoReturn

from grader.sandbox import descriptors, hardening, leftovers, samples, wire
from grader.sandbox.frames import Limits, ServerReport, Stop
from grader.sandbox.usage import cpu_seconds
from grader.sandbox.walls import Walls

RunCall = Callable[[bytes, str], bytes]  # of a request and a scratch folder; returns the answers
ANSWER, READY, SAMPLES = 3, 4, 5  # a worker's descriptors


@dataclass(frozen=True)
class Job:
    """A call for a worker.

    The request, `size` bytes, is still in the pipe `requests`.  It goes straight into the worker:
    the server never holds one, because all later workers are copies of the server.
    """

    limits: Limits
    size: int
    requests: BinaryIO
    walls: Walls
    run: RunCall


class Pipe:
    """The reading end of a worker's pipe: keeps the first `limit` bytes, and drops the rest."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor, self.limit, self.kept = descriptor, limit, bytearray()
        self.is_open, self.overflows = True, False

    def read(self) -> None:
        chunk = os.read(self.descriptor, 1 << 20)
        self.is_open, self.overflows = bool(chunk), self.overflows or len(self.kept) + len(chunk) > self.limit
        self.kept += chunk[: self.limit - len(self.kept)]


class Worker:
    """The server's end of one worker: a child process, its scratch folder, and its pipes.

    Three pipes come from the worker: its answer, what it prints, and one byte when it is sandboxed
    and ready to run. It writes samples of its stack to a file without a name.
    """

    def __init__(
        self, job: Job, pid: int, scratch: str, samples_file: IO[bytes], answer: int, output: int, ready: int
    ) -> None:
        self.limits, self.walls, self.trusted_side = job.limits, job.walls, job.requests
        self.pid, self.scratch, self.samples_file, self.ready_pipe = pid, scratch, samples_file, ready
        self.answer, self.output = Pipe(answer, job.limits.answer_bytes), Pipe(output, hardening.MAX_OUTPUT)
        self.next_look = time.monotonic() + 1
        self.ends = descriptors.of_end(pid)

    @classmethod
    @contextmanager
    def start(cls, job: Job) -> Iterator["Worker"]:
        """A worker that has the job.

        At the end all its processes and files are gone, and its pipes are read.
        """
        scratch = job.walls.new_scratch()
        pipes = [os.pipe() for _ in range(3)]
        with tempfile.TemporaryFile() as samples_file:
            pid = os.fork()
            if pid == 0:
                work(job, scratch, [*(write for _, write in pipes), samples_file.fileno()])
            for _, write in pipes:
                os.close(write)
            worker = cls(job, pid, scratch, samples_file, *(read for read, _ in pipes))
            try:
                yield worker
            finally:
                worker.clear_up()

    def wait_until_ready(self) -> bool:
        """Wait until the worker has given up its rights; False if it ended before that."""
        return bool(os.read(self.ready_pipe, 1))

    def wait(self) -> ServerReport:
        """Read the worker's pipes until it ends; how it ended, without what it printed.

        It is killed when it reaches a limit.  It is also killed when the trusted side has gone, as
        this server soon is.
        """
        deadline = time.monotonic() + self.limits.wall_s
        hang_up = select.poll()
        hang_up.register(self.trusted_side, 0)  # reports only that the other end is closed
        while True:
            self.read_pipes(0.2)
            ended, status, usage = os.wait4(self.pid, os.WNOHANG)
            if ended:
                return self.report(status, usage, Stop.DISK if self.walls.is_flooded() else None)
            stop = self.limit_reached(deadline)
            if stop or hang_up.poll(0):
                leftovers.kill_group(self.pid)
                _, status, usage = os.wait4(self.pid, 0)
                return self.report(status, usage, stop)

    def report(self, status: int, usage: struct_rusage, stop: Stop | None) -> ServerReport:
        code, cpu_s = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        if code == -signal.SIGXCPU:
            cpu_s = max(cpu_s, self.limits.cpu_s)  # the limit strikes a few milliseconds early
        return ServerReport(code, stop, cpu_s)

    def limit_reached(self, deadline: float) -> Stop | None:
        if self.is_overworked():
            return Stop.CPU_TIME
        if time.monotonic() > deadline:
            return Stop.TIME
        if self.answer.overflows:
            return Stop.ANSWER
        if self.walls.is_flooded():
            return Stop.DISK
        return None

    def is_overworked(self) -> bool:
        """Whether all the worker's processes together used more CPU time than one may.

        It is checked once a second, because it is slow.
        """
        if self.walls.user is None or time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + 1
        return cpu_seconds(self.walls.user) > 1.5 * self.limits.cpu_s + 1

    def read_pipes(self, seconds: float) -> None:
        """Read what the pipes have, and wait up to `seconds` for it or for the worker's end."""
        pipes = self.open_pipes()
        if len(pipes) < 2 and not self.ends:  # the worker will soon end, and nothing will tell
            seconds = min(seconds, 0.02)
        for descriptor in select.select([*pipes, *self.ends], [], [], seconds)[0]:
            if descriptor in pipes:
                pipes[descriptor].read()

    def open_pipes(self) -> dict[int, Pipe]:
        return {pipe.descriptor: pipe for pipe in (self.answer, self.output) if pipe.is_open}

    def clear_up(self) -> None:
        """End all that the worker started, read what is left in the pipes, and remove its files."""
        leftovers.kill_group(self.pid)
        self.walls.end_processes()
        self.drain()
        leftovers.close_all([self.answer.descriptor, self.output.descriptor, self.ready_pipe, *self.ends])
        self.walls.remove_files(self.scratch)
        leftovers.reap()

    def drain(self) -> None:
        """Read what the ended worker left in its pipes.

        It does not wait, and it stops after half a second: without a user of its own, a process may
        have outlived the worker.
        """
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            pipes = self.open_pipes()
            ready, _, _ = select.select(pipes, [], [], 0)
            if not ready:
                break
            for descriptor in ready:
                pipes[descriptor].read()


def work(job: Job, scratch: str, ends: list[int]) -> NoReturn:
    """The forked child: leaves the server's pipes, sandboxes itself, and runs its one call."""
    status = 1
    try:
        os.setsid()
        payload = wire.read_exactly(job.requests, job.size)
        arrange_descriptors(ends, job.walls.rules)
        os.environ.update(HOME=scratch, TMPDIR=scratch, TORCHINDUCTOR_CACHE_DIR=scratch)
        tempfile.tempdir = None
        hardening.set_limits(job.limits)
        job.walls.confine()
        samples.Sampler(SAMPLES, job.limits.cpu_s)
        os.write(READY, b"1")
        os.close(READY)
        reply = job.run(payload, scratch)
        with os.fdopen(ANSWER, "wb") as stream:
            stream.write(reply)
        status = 0
    except Exception as error:
        with contextlib.suppress(OSError):
            os.write(2, str(error).encode())
    finally:
        os._exit(status)


def arrange_descriptors(ends: list[int], kept: int | None) -> None:
    """Keep only input, output and errors (both to one end), ANSWER, READY, SAMPLES and one more."""
    answer, output, ready, samples_file = (fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in ends)
    for end, descriptor in ((output, 1), (output, 2), (answer, ANSWER), (ready, READY), (samples_file, SAMPLES)):
        os.dup2(end, descriptor)
    descriptors.close_from(SAMPLES + 1, kept)


def serve_forked(job: Job) -> tuple[ServerReport, bytes]:
    """Answer a call in a worker of its own, which is gone afterwards."""
    with Worker.start(job) as worker:
        is_ready = worker.wait_until_ready()
        report = worker.wait()
        report = replace(report, samples=samples.tail(worker.samples_file) if report.exit else "")
    report = replace(report, output=bytes(worker.output.kept).decode(errors="replace"))
    if not is_ready:
        return replace(report, stopped_for=Stop.UNPROTECTED), b""
    return report, b"" if report.exit or report.stopped_for else bytes(worker.answer.kept)
