"""A forked worker for every call: the server's part where there is fork.  What shuts the worker in is in hardening.py."""

import contextlib
import fcntl
import os
import select
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from grader.sandbox import hardening, wire

Run = Callable[[bytes, str], bytes]


class Pipe:
    """What has come through a pipe: the first `limit` bytes are kept, the rest is read and dropped."""

    def __init__(self, limit: int) -> None:
        self.kept, self.limit, self.open, self.overflows = bytearray(), limit, True, False

    def read(self, descriptor: int) -> None:
        chunk = os.read(descriptor, 1 << 20)
        self.open, self.overflows = bool(chunk), self.overflows or len(self.kept) + len(chunk) > self.limit
        self.kept += chunk[: self.limit - len(self.kept)]


class Worker:
    """One call's worker: a child process with a scratch folder, and pipes for its answer, for what it prints, and for the word that it is shut in.

    `user` is the unprivileged user that it becomes, None where there is none.  The request goes straight from the pipe into the worker: the
    server, out of which all workers are forked, never holds one.
    """

    def __init__(self, header: dict[str, Any], size: int, requests: BinaryIO, user: int | None, run: Run) -> None:
        self.header, self.user, self.requests = header, user, requests
        self.scratch = tempfile.mkdtemp(prefix="grader-")
        if user is not None:
            os.chown(self.scratch, user, user)
        pipes = [os.pipe() for _ in range(3)]
        self.pid = os.fork()
        if self.pid == 0:
            self.work(size, [write for _, write in pipes], run)
        for _, write in pipes:
            os.close(write)
        self.answer, self.output, self.shut_in = (read for read, _ in pipes)
        self.next_look = time.monotonic() + 1
        self.pipes = {self.answer: Pipe(wire.MAX_BYTES), self.output: Pipe(hardening.MAX_OUTPUT)}

    def work(self, size: int, ends: list[int], run: Run) -> None:
        """The forked child: cut off from the server's pipes, shut in, then one call.  Never returns."""
        status = 1
        try:
            os.setsid()
            payload = wire.read_exactly(self.requests, size)
            answer, output, shut_in = (fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in ends)
            for descriptor, end in ((1, output), (2, output), (3, answer), (4, shut_in)):
                os.dup2(end, descriptor)
            close_from(5)
            os.environ.update(HOME=self.scratch, TMPDIR=self.scratch, TORCHINDUCTOR_CACHE_DIR=self.scratch)
            tempfile.tempdir = None
            hardening.set_limits(self.header["cpu_s"], self.header["memory_bytes"])
            if self.user is not None:
                hardening.become(self.user)
            os.write(4, b"1")
            os.close(4)
            reply = run(payload, self.scratch)
            with os.fdopen(3, "wb") as stream:
                stream.write(reply)
            status = 0
        except Exception as error:
            with contextlib.suppress(OSError):
                os.write(2, str(error).encode())
        finally:
            os._exit(status)

    def is_shut_in(self) -> bool:
        """Wait for the worker's word that it has given up its rights; whether it came."""
        return bool(os.read(self.shut_in, 1))

    def watch(self) -> dict[str, Any]:
        """Read the worker's pipes until it has ended, time is up, or the trusted side has gone (then the server will too); how it ended."""
        deadline, stopped_for = time.monotonic() + self.header["wall_s"], ""
        disk = hardening.Disk(self.user, self.scratch) if self.user is not None else None
        trusted = select.poll()
        trusted.register(self.requests, 0)  # its hanging up, whatever is in the pipe
        while True:
            self.read_pipes(0.2)
            done, status, usage = os.wait4(self.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline or self.is_overworked():
                stopped_for = "time"
            elif self.pipes[self.answer].overflows:
                stopped_for = "answer"
            elif disk is not None and disk.is_flooded():
                stopped_for = "disk"
            if stopped_for or trusted.poll(0):
                kill_group(self.pid)
                _, status, usage = os.wait4(self.pid, 0)
                break
        ended = os.waitstatus_to_exitcode(status)
        cpu_s = usage.ru_utime + usage.ru_stime
        if ended == -signal.SIGXCPU:
            cpu_s = max(cpu_s, self.header["cpu_s"])  # the limit strikes a few milliseconds early
        return {"exit": ended, "stopped_for": stopped_for, "cpu_s": cpu_s}

    def is_overworked(self) -> bool:
        """Whether all that the worker started has computed for longer than one process may; looked at once a second, since it takes a while."""
        if self.user is None or time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + 1
        return hardening.cpu_seconds(self.user) > 1.5 * float(self.header["cpu_s"]) + 1

    def read_pipes(self, seconds: float) -> None:
        """Read what is there, waiting so long for it; shortly when the worker has closed one, since it is about to end."""
        listening = [descriptor for descriptor, pipe in self.pipes.items() if pipe.open]
        for descriptor in select.select(listening, [], [], seconds if len(listening) == 2 else min(seconds, 0.02))[0]:
            self.pipes[descriptor].read(descriptor)

    def clear_up(self) -> None:
        """End all that the worker started, take what is left in the pipes, and remove its files."""
        kill_group(self.pid)
        if self.user is not None:
            hardening.clear_up(self.user)
        self.drain()
        for descriptor in (*self.pipes, self.shut_in):
            os.close(descriptor)
        hardening.remove(self.scratch)
        hardening.reap()

    def drain(self) -> None:
        """Read what the ended worker left in its pipes, without waiting for (or listening long to) a process that outlived it."""
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            ready, _, _ = select.select([d for d, pipe in self.pipes.items() if pipe.open], [], [], 0)
            if not ready:
                break
            for descriptor in ready:
                self.pipes[descriptor].read(descriptor)


def serve_forked(
    header: dict[str, Any], size: int, requests: BinaryIO, user: int | None, run: Run
) -> tuple[dict[str, Any], bytes]:
    """Answer a call, whose request of `size` bytes is still in the pipe, in a worker of its own that is gone afterwards."""
    worker = Worker(header, size, requests, user, run)
    try:
        shut_in = worker.is_shut_in()
        report = worker.watch()
    finally:
        worker.clear_up()
    report["output"] = bytes(worker.pipes[worker.output].kept).decode(errors="replace")
    if not shut_in:
        return {"unprotected": report["output"]}, b""
    return report, b"" if report["exit"] else bytes(worker.pipes[worker.answer].kept)


def close_from(least: int) -> None:
    """Close every descriptor from this one on."""
    listing = Path("/proc/self/fd")  # there may be a limit of a thousand million descriptors, too many to try
    for descriptor in [int(entry.name) for entry in listing.iterdir()] if listing.is_dir() else range(4096):
        if descriptor >= least:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(descriptor)


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
