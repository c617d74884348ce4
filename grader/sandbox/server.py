"""The sandbox's own process: it imports torch once, then runs one worker for each call.

Calls arrive on its standard input.  With fork (Linux) a worker is a child process, gone after its
call (forking.py).  Without fork (macOS, Windows) this process is itself the worker, call after
call, and the trusted side starts it again after a crash or a time-out.  It only imports: a fork
after a parallel tensor operation would hang.
"""

import gc
import importlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from grader.assignment import KIT
from grader.sandbox import descriptors, guard, hardening, leftovers, packages, samples, vision, wire
from grader.sandbox.frames import Limits, ServerReport, Workers
from grader.sandbox.plan import Pipes, Plan

if TYPE_CHECKING:
    from grader.sandbox.walls import Walls

NUMPYS_PARTS = ("numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing")
# Parts of Python's library with compiled code.  A file that imports one keeps its other points.
STANDARD = (
    *("array", "bisect", "cmath", "collections", "copy", "csv", "dataclasses", "datetime", "decimal", "fractions"),
    *("functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "pickle", "queue", "random"),
    *("secrets", "statistics", "struct", "time", "typing", "unicodedata", "zlib"),
)
# Takes the limits of a call, the size of its request and the pipe that the request is in.
ServeCall = Callable[[Limits, int, BinaryIO], tuple[ServerReport, bytes]]


def main(arguments: list[str]) -> None:
    """Serve until standard input ends.  The argument is a Plan."""
    plan = Plan.read(arguments[0])
    requests, replies = os.dup(0), os.dup(1)
    quiet(0, 1)  # only frames may travel on the pipes to the trusted side, whatever a library prints
    packages.hide_others()  # first: torch imports what it can use
    preload_numpy() if plan.numpy_alone else preload()
    serve_plan(plan, Pipes(requests, replies))


def serve_when_asked(asked: socket.socket) -> None:
    """Serve with a plan that arrives through a socket, as a process that has imported torch.

    Once the socket's other end is closed, all ends.
    """
    message = descriptors.receive(asked)
    if message is None:
        return  # the trusted side has ended
    content, (requests, replies, errors, *further) = message
    os.dup2(errors, 2)
    os.environ.update(content["environment"])
    tempfile.tempdir = None
    plan = replace(Plan.read(content["plan"]), pipes=Pipes(*further[:3]))
    serve_plan(plan, Pipes(requests, replies, asked.detach()))


def serve_plan(plan: Plan, pipes: Pipes) -> None:
    """Serve until requests end, through these pipes or those of the plan: see Plan.divides."""
    preload_modules(plan.preload)
    gc.freeze()  # objects that the collector never touches stay in pages shared with all workers
    if plan.pipes is not None and plan.divides and os.fork():
        leftovers.close_all(plan.pipes.descriptors)
        plan = plan.for_staff()
    elif plan.pipes is not None:
        leftovers.close_all(pipes.descriptors)
        pipes = plan.pipes
    limited = pipes.control is not None and guard.divide_from_guard(pipes.control, plan, pipes[:2])
    streams = os.fdopen(pipes.requests, "rb", buffering=0), os.fdopen(pipes.replies, "wb")
    if plan.workers is Workers.FORKED:
        serve_call, facts = serving_forked(plan)
        serve(*streams, serve_call, facts | {"limited": limited})
    else:
        serve(*streams, serve_here, {})


def serving_forked(plan: Plan) -> tuple[ServeCall, dict[str, bool]]:
    """How to answer calls in forked workers, and which walls there are: see frames.Facts."""
    from grader.sandbox.forking import Job, serve_forked

    walls, facts = walls_of(plan)
    return lambda limits, size, requests: serve_forked(Job(limits, size, requests, walls, run_call)), facts


def walls_of(plan: Plan) -> tuple["Walls", dict[str, bool]]:
    """Put up the walls that a plan asks for.  Raises OSError if that fails."""
    from grader.sandbox import jail, needed, walls

    if plan.user is None:
        leftovers.adopt_orphans()
        return walls.Plain(), {}
    view = needed.view_of_python(["numpy"] if plan.numpy_alone else None)
    if plan.jailed:
        jail.enter(view, Path(plan.shown))
        os.environ.update(HOME=jail.SCRATCH, TMPDIR=jail.ROOM)
        tempfile.tempdir = None
        return walls.Jail(plan.user, plan.numpy_alone), {"jailed": True}
    container = walls.container(plan.user, Path(plan.shown), plan.numpy_alone, view)
    return container, {"landlocked": container.rules is not None}


def serve(requests: BinaryIO, replies: BinaryIO, serve_call: ServeCall, facts: dict[str, bool]) -> None:
    """Answer calls.  `requests` must not read ahead, since forked workers read from it too."""
    wire.send(replies, facts)
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


def preload() -> None:
    """Import what workers need.

    That includes the parts that torch loads when they are first used: the first optimizer would
    import 800 modules in every worker.
    """
    import torch._dynamo
    import torch.utils.data

    vision.install()
    torch.backends.cpu.get_cpu_capability()  # it reads the processor's features from files that a jail does not have


def preload_numpy() -> None:
    """Import what workers need that may use NumPy alone: later they can't load compiled modules."""
    for module in [*NUMPYS_PARTS, *STANDARD]:
        importlib.import_module(module)


def preload_modules(modules: Iterable[str]) -> None:
    """Import the kit's own modules, which workers can't read."""
    for module in ["grader.sandbox.common", "grader.sandbox.worker", *modules]:
        importlib.import_module(module)
    sys.path[:] = [entry for entry in sys.path if entry != str(KIT)]  # a submission finds its own `data`


def serve_here(limits: Limits, size: int, requests: BinaryIO) -> tuple[ServerReport, bytes]:
    """Answer a call in this process (no fork).  What the submission prints goes to a file first."""
    payload = wire.read_exactly(requests, size)
    hardening.limit_memory(limits.memory_bytes)
    scratch = tempfile.mkdtemp(prefix="grader-")
    cpu_started = time.process_time()
    with tempfile.TemporaryFile() as output, samples.file_in(tempfile.gettempdir()).open("wb") as samples_file:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        sampler = samples.Sampler(samples_file.fileno(), limits.cpu_s)
        reply = run_call(payload, scratch)
        sampler.stop()
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
