"""The sandbox's own process: it imports torch once, then runs one worker for each call.

Calls arrive on its standard input.  With fork (Linux) a worker is a child process, gone after its
call (forking.py).  Without fork (macOS, Windows) this process is itself the worker, call after
call, and the trusted side starts it again after a crash or a time-out.  It only imports: a fork
after a parallel tensor operation would hang.
"""

import gc
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import BinaryIO

from grader.assignment import KIT
from grader.sandbox import hardening, leftovers, packages, wire
from grader.sandbox.frames import Limits, ServerReport, Workers

# Takes the limits of a call, the size of its request and the pipe that the request is in.
ServeCall = Callable[[Limits, int, BinaryIO], tuple[ServerReport, bytes]]


class Role(Enum):
    """Which of two servers this process is."""

    STAFF = auto()  # its workers run the staff's code
    SUBMISSIONS = auto()  # a copy of the staff's, whose workers run submissions


def main(arguments: list[str]) -> None:
    """Serve until standard input ends.

    Arguments: a value of Workers; the user that forked workers become, or ""; two file descriptors
    for the requests and replies of a copy, separated by a comma, or ""; names of further modules to
    import.  If there is a copy, only its workers become the user.
    """
    mode, user, copy, *modules = arguments
    worker_user = int(user) if user else None
    pipes = [os.dup(0), os.dup(1)]
    quiet(0, 1)  # only frames may travel on the pipes to the trusted side, whatever a library prints
    packages.hide_others()  # first: torch imports what it can use
    if worker_user is not None:
        packages.close_others()
    preload(modules)
    gc.freeze()  # objects that the collector never touches stay in pages shared with all workers
    if copy:
        copys_pipes = [int(descriptor) for descriptor in copy.split(",")]
        if divide(pipes, copys_pipes) is Role.SUBMISSIONS:
            pipes = copys_pipes
        else:
            worker_user = None
    serve_call = serving_forked(worker_user) if Workers(mode) is Workers.FORKED else serve_here
    serve(os.fdopen(pipes[0], "rb", buffering=0), os.fdopen(pipes[1], "wb"), serve_call)


def serving_forked(user: int | None) -> ServeCall:
    """How to answer calls in forked workers that become the user."""
    from grader.sandbox.forking import Job, serve_forked

    leftovers.adopt_orphans()
    if user is not None:
        leftovers.clear_up(user, strangers=True)  # an earlier server of this user's may have been killed
    return lambda limits, size, requests: serve_forked(Job(limits, size, requests, user, run_call))


def divide(staffs_pipes: list[int], submissions_pipes: list[int]) -> Role:
    """Become two servers, each with its own pipes and session; which of the two this process is."""
    if os.fork() == 0:
        os.setsid()
        role, others = Role.SUBMISSIONS, staffs_pipes
    else:
        role, others = Role.STAFF, submissions_pipes
    for descriptor in others:
        os.close(descriptor)
    return role


def serve(requests: BinaryIO, replies: BinaryIO, serve_call: ServeCall) -> None:
    """Answer calls.  `requests` must not read ahead, since forked workers read from it too."""
    wire.send(replies, {"pid": os.getpid()})
    while (received := wire.receive_header(requests)) is not None:
        header, size = received
        report, answer = serve_call(Limits.read(header), size, requests)
        wire.send(replies, {"call": header["call"], **report.as_header()}, answer)


def quiet(*descriptors: int) -> None:
    """Point file descriptors at /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    os.close(null)


def preload(modules: Iterable[str] = ()) -> None:
    """Import what workers need.

    That includes the parts that torch loads when they are first used: the first optimizer would
    import 800 modules in every worker.
    """
    import torch._dynamo
    import torch.utils.data  # noqa: F401

    import grader.sandbox.common
    import grader.sandbox.worker  # noqa: F401

    for module in modules:
        importlib.import_module(module)
    sys.path[:] = [entry for entry in sys.path if entry != str(KIT)]  # a submission finds its own `data`


def serve_here(limits: Limits, size: int, requests: BinaryIO) -> tuple[ServerReport, bytes]:
    """Answer a call in this process (no fork).  What the submission prints goes to a file first."""
    payload = wire.read_exactly(requests, size)
    hardening.limit_memory(limits.memory_bytes)
    scratch = tempfile.mkdtemp(prefix="grader-")
    cpu_started = time.process_time()
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        reply = run_call(payload, scratch)
        quiet(1, 2)
        output.seek(0)
        printed = output.read(hardening.MAX_OUTPUT)
    leftovers.remove(scratch)
    return ServerReport(cpu_s=time.process_time() - cpu_started, output=printed.decode(errors="replace")), reply


def run_call(payload: bytes, scratch: str) -> bytes:
    from grader.sandbox import worker

    os.chdir(scratch)
    try:
        reply, _ = worker.answer(payload)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return reply
    finally:
        os.chdir(os.sep)
