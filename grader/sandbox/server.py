"""The sandbox's own process: it imports torch once, then runs one worker for every call that arrives on its standard input.

With fork (Linux) a worker is a child process, gone after its call (forking.py).  Without (macOS, Windows) this process is itself
the worker, call after call, and the trusted side restarts it after a crash or a timeout.  It imports only: a fork after a
parallel tensor operation would hang.
"""

import gc
import importlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from grader.assignment import KIT
from grader.sandbox import hardening, wire

ServeCall = Callable[[dict[str, Any], int, BinaryIO], tuple[dict[str, Any], bytes]]


def main(arguments: list[str]) -> None:
    """Serve until standard input ends.

    Arguments: "fork" or "persistent"; the user that forked workers become, or ""; two file descriptors for a sibling's requests and replies, or
    ""; names of further modules to import.  The sibling's workers become the user, this server's own then don't.
    """
    mode, user, sibling, *modules = arguments
    worker_user = int(user) if user else None
    requests, replies = os.dup(0), os.dup(1)
    quiet(0, 1)  # nothing but frames may travel on the pipes to the trusted side, whatever a library prints
    preload(modules)
    gc.freeze()  # objects that the collector never touches stay in pages shared with every worker
    if sibling:
        ours = requests, replies
        requests, replies = divide(ours, tuple(map(int, sibling.split(","))))
        worker_user = None if (requests, replies) == ours else worker_user
    serve_call = serving_forked(worker_user) if mode == "fork" else serve_here
    serve(os.fdopen(requests, "rb", buffering=0), os.fdopen(replies, "wb"), serve_call)


def serving_forked(user: int | None) -> ServeCall:
    """How to answer calls in forked workers that become the user."""
    from grader.sandbox.forking import serve_forked

    hardening.adopt_orphans()
    if user is not None:
        hardening.clear_up(user, strangers=True)  # what an earlier server of this user's left when it was killed
    return lambda header, size, requests: serve_forked(header, size, requests, user, run_call)


def divide(ours: tuple[int, ...], siblings: tuple[int, ...]) -> tuple[int, ...]:
    """Become two servers, each with pipes and a session of its own; the pipes of the one that returns."""
    if os.fork() == 0:
        os.setsid()
        ours, siblings = siblings, ours
    for descriptor in siblings:
        os.close(descriptor)
    return ours


def serve(requests: BinaryIO, replies: BinaryIO, serve_call: ServeCall) -> None:
    """Answer calls; `requests` must not read ahead, since forked workers read from it too."""
    wire.send(replies, {"ready": True, "pid": os.getpid()})
    while (received := wire.receive_header(requests)) is not None:
        header, size = received
        report, answer = serve_call(header, size, requests)
        wire.send(replies, {"call": header["call"], **report}, answer)


def quiet(*descriptors: int) -> None:
    """Point file descriptors at nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    os.close(null)


def preload(modules: Iterable[str] = ()) -> None:
    """Import what workers need, torch's lazily loaded parts too: the first optimizer would import 800 modules in each worker."""
    import torch._dynamo
    import torch.utils.data  # noqa: F401

    import grader.sandbox.common
    import grader.sandbox.worker  # noqa: F401

    for module in modules:
        importlib.import_module(module)
    sys.path[:] = [entry for entry in sys.path if entry != str(KIT)]  # a submission finds its own `data`


def serve_here(header: dict[str, Any], size: int, requests: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Answer a call in this process (no fork): the submission's printing goes to a file and back with the answer."""
    payload = wire.read_exactly(requests, size)
    hardening.limit_memory(header["memory_bytes"])
    scratch = tempfile.mkdtemp(prefix="grader-")
    cpu_started = time.process_time()
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        reply = run_call(payload, scratch)
        quiet(1, 2)
        output.seek(0)
        printed = output.read(hardening.MAX_OUTPUT)
    shutil.rmtree(scratch, ignore_errors=True)
    return {"output": printed.decode(errors="replace"), "cpu_s": time.process_time() - cpu_started}, reply


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
