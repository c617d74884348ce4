"""The sandbox's own process: it imports torch once, then runs one worker for every call that arrives on its standard input.

With fork (Linux) a worker is a child process under limits, gone after its call.  Without (macOS, Windows) this process
is itself the worker, call after call, and the trusted side restarts it after a crash or a timeout.  It imports only: a fork after a
parallel tensor operation would hang.
"""

import contextlib
import gc
import importlib.util
import math
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from grader import wire

MAX_OUTPUT = 64 * 1024  # bytes kept of what a worker printed
MAX_FILE = 64 * 2**20
ServeCall = Callable[[dict[str, Any], bytes, BinaryIO], tuple[dict[str, Any], bytes]]


def main(arguments: list[str]) -> None:
    """Serve until standard input ends.

    Arguments: "fork" or "persistent"; two file descriptors for a sibling's requests and replies, or ""; files of further probes.
    """
    mode, sibling, *probe_files = arguments
    requests, replies = os.dup(0), os.dup(1)
    quiet(0, 1)  # nothing but frames may travel on the pipes to the trusted side, whatever a library prints
    preload(probe_files)
    gc.freeze()  # objects that the collector never touches stay in pages shared with every worker
    if sibling:
        requests, replies = divide((requests, replies), tuple(map(int, sibling.split(","))))
    serve(os.fdopen(requests, "rb"), os.fdopen(replies, "wb"), serve_forked if mode == "fork" else serve_here)


def divide(ours: tuple[int, ...], siblings: tuple[int, ...]) -> tuple[int, ...]:
    """Become two servers, each with pipes and a session of its own; the pipes of the one that returns."""
    if os.fork() == 0:
        os.setsid()
        ours, siblings = siblings, ours
    for descriptor in siblings:
        os.close(descriptor)
    return ours


def serve(requests: BinaryIO, replies: BinaryIO, serve_call: ServeCall) -> None:
    wire.send(replies, {"ready": True, "pid": os.getpid()})
    while (frame := wire.receive(requests)) is not None:
        report, answer = serve_call(*frame, requests)
        wire.send(replies, {"call": frame[0]["call"], **report}, answer)


def quiet(*descriptors: int) -> None:
    """Point file descriptors at nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    os.close(null)


def preload(probe_files: list[str]) -> None:
    """Import what workers need, torch's lazily loaded parts too: the first optimizer would import 800 modules in each worker."""
    import torch._dynamo
    import torch.utils.data  # noqa: F401

    import grader.instruments
    import grader.worker  # noqa: F401

    for file in probe_files:
        spec = importlib.util.spec_from_file_location(Path(file).stem, file)
        assert spec is not None and spec.loader is not None, file
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent.parent)]


def serve_here(header: dict[str, Any], payload: bytes, requests: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Answer a call in this process (no fork): the submission's printing goes to a file and back with the answer."""
    limit_memory(header["memory_bytes"])
    scratch = tempfile.mkdtemp(prefix="grader-")
    started, cpu_started = time.monotonic(), time.process_time()
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        reply = run_call(payload, scratch)
        quiet(1, 2)
        output.seek(0)
        printed = output.read(MAX_OUTPUT)
    shutil.rmtree(scratch, ignore_errors=True)
    cpu_s, wall_s = time.process_time() - cpu_started, time.monotonic() - started
    return {"output": printed.decode(errors="replace"), "cpu_s": cpu_s, "wall_s": wall_s}, reply


def run_call(payload: bytes, scratch: str) -> bytes:
    from grader import worker

    os.chdir(scratch)
    try:
        reply, _ = worker.answer(payload)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return reply
    finally:
        os.chdir(os.sep)


def serve_forked(header: dict[str, Any], payload: bytes, requests: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Answer a call in a forked worker, killed with its whole process group when it ends or runs out of time."""
    scratch = tempfile.mkdtemp(prefix="grader-")
    answer_read, answer_write = os.pipe()
    output_read, output_write = os.pipe()
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        be_worker(header, payload, scratch, answer_write, output_write)
    os.close(answer_write)
    os.close(output_write)
    pipes = {answer_read: Pipe(wire.MAX_BYTES), output_read: Pipe(MAX_OUTPUT)}
    ended = watch(pid, pipes, header, requests)
    report = {
        "exit": ended.status,
        "out_of_time": ended.out_of_time,
        "cpu_s": ended.cpu_s,
        "wall_s": time.monotonic() - started,
        "output": bytes(pipes[output_read].kept).decode(errors="replace"),
    }
    for pipe in pipes:
        os.close(pipe)
    shutil.rmtree(scratch, ignore_errors=True)
    return report, bytes(pipes[answer_read].kept)


def be_worker(header: dict[str, Any], payload: bytes, scratch: str, answer_write: int, output_write: int) -> None:
    """The forked child: cut off from the server's pipes, limited, then one call.  Never returns."""
    status = 1
    try:
        os.setsid()
        os.dup2(output_write, 1)
        os.dup2(output_write, 2)
        os.dup2(answer_write, 3)
        os.closerange(4, 4096)
        set_limits(header["cpu_s"], header["memory_bytes"])
        os.environ.update(HOME=scratch, TMPDIR=scratch)
        tempfile.tempdir = None
        reply = run_call(payload, scratch)
        with os.fdopen(3, "wb") as stream:
            stream.write(reply)
        status = 0
    finally:
        os._exit(status)


def set_limits(cpu_s: float, memory_bytes: int) -> None:
    """Resource limits of a worker; the processes limit does not bind root, the others do."""
    import resource

    seconds = max(1, math.ceil(cpu_s))
    set_limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    set_limit(resource.RLIMIT_FSIZE, MAX_FILE, MAX_FILE)
    set_limit(resource.RLIMIT_NPROC, 64, 64)
    set_limit(resource.RLIMIT_NOFILE, 256, 256)
    set_limit(resource.RLIMIT_CORE, 0, 0)
    limit_memory(memory_bytes)


def limit_memory(memory_bytes: int) -> None:
    """Limit this process's address space, where the system can."""
    try:
        import resource
    except ImportError:
        return  # Windows
    set_limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)


def set_limit(name: int, soft: int, hard: int) -> None:
    """Set a resource limit, as far as the one in force allows."""
    import resource

    most = resource.getrlimit(name)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
        resource.setrlimit(name, (soft, hard))


class Pipe:
    """What has come through a pipe: the first `limit` bytes are kept, the rest is read and dropped."""

    def __init__(self, limit: int) -> None:
        self.kept, self.limit, self.open = bytearray(), limit, True

    def read(self, descriptor: int) -> None:
        chunk = os.read(descriptor, 1 << 20)
        self.open = bool(chunk)
        self.kept += chunk[: self.limit - len(self.kept)]


class Ended:
    """How a worker ended: its exit status or signal, whether the clock ran out, and seconds of CPU."""

    def __init__(self, wait_status: int, usage: Any, cpu_limit_s: float, out_of_time: bool) -> None:
        self.status = os.waitstatus_to_exitcode(wait_status)
        self.cpu_s = usage.ru_utime + usage.ru_stime
        if self.status == -signal.SIGXCPU:
            self.cpu_s = max(self.cpu_s, cpu_limit_s)  # the limit strikes a few milliseconds early
        self.out_of_time = out_of_time


def watch(pid: int, pipes: dict[int, Pipe], limits: dict[str, Any], requests: BinaryIO) -> Ended:
    """Read the worker's pipes until it has ended, time is up, or the trusted side has gone (then so does this server)."""
    out_of_time, deadline = False, time.monotonic() + limits["wall_s"]
    while True:
        listening = [descriptor for descriptor, pipe in pipes.items() if pipe.open]
        watched = [*listening, requests.fileno()]
        ready, _, _ = select.select(watched, [], [], 0.02 if len(listening) < 2 else 0.2)
        for descriptor in set(ready) & set(listening):
            pipes[descriptor].read(descriptor)
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            break
        out_of_time = time.monotonic() > deadline
        if out_of_time or requests.fileno() in ready:
            kill_group(pid)
            _, status, usage = os.wait4(pid, 0)
            break
    kill_group(pid)
    drain(pipes)
    return Ended(status, usage, limits["cpu_s"], out_of_time)


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def drain(pipes: dict[int, Pipe]) -> None:
    """Read what the ended worker left in its pipes, without waiting for (or listening long to) a process that outlived it."""
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        ready, _, _ = select.select([d for d, pipe in pipes.items() if pipe.open], [], [], 0)
        if not ready:
            break
        for descriptor in ready:
            pipes[descriptor].read(descriptor)
