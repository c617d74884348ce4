"""Ask a submission a probe: the trusted side of the sandbox.  See server.py for the process on the other side.

This module never imports torch and never runs a submission's code, save in `InProcess`, which is for debugging.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from grader.assignment import GraderError
from grader.sandbox import wire
from grader.sandbox.launch import Frame, Lease, Server, launch
from grader.sandbox.outcome import Outcome, interpret_each
from grader.sandbox.probe import PROBES

MEMORY_BYTES = 4 * 2**30  # of address space; CPU torch needs 0.6 GB, training 0.95 GB
WALL_FACTOR = 4  # a call may take this many times its CPU budget by the clock: machines are shared
START_S = 120  # a cold import of torch on half a processor


@dataclass(frozen=True)
class Call:
    """One question: the probe's name, its arguments (plain data), the worker's seed, its budget in CPU seconds and torch's threads."""

    probe: str
    arguments: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    cpu_s: float = 10.0
    threads: int = 1

    @property
    def wall_s(self) -> float:
        return self.cpu_s * WALL_FACTOR

    def request(self, folders: Sequence[Path]) -> dict[str, Any]:
        """What a worker needs to know of this call on the submissions staged in `folders`."""
        where = [str(folder) for folder in folders]
        probe = PROBES[self.probe]
        asked = {"probe": probe.name, "module": probe.module, "source": probe.source, "arguments": self.arguments}
        return {"folders": where, **asked, "seed": self.seed, "threads": self.threads}


class SandboxError(GraderError):
    """The sandbox itself failed: the grader's error, never the submission's."""


class Asker(Protocol):
    """Something that a staged submission can be asked through."""

    def ask(self, folder: Path, call: Call) -> Outcome:
        """The outcome of one call for one submission."""
        return self.ask_each([folder], call)[0]

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        """The outcomes of one call for each of several: in one worker, so only for submissions of the staff's own."""

    def close(self) -> None: ...


class Sandbox(Asker):
    """A server process and its workers.

    `fork` False asks for the persistent child (macOS and Windows have nothing else); with a `lease`, forked workers are shut in as that
    user; `tick` is called about twice a second while a call runs, with the seconds it has taken; `preload` names modules that workers find imported.
    """

    def __init__(
        self,
        fork: bool | None = None,
        lease: Lease | None = None,
        tick: Callable[[float], None] = lambda seconds: None,
        server: Server | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        self.fork = can_fork() if fork is None else fork
        self.lease, self.tick, self.preload = lease, tick, preload
        self.server, self.ready, self.calls = server, False, 0

    @classmethod
    def pair(
        cls,
        fork: bool | None,
        lease: Lease | None = None,
        tick: Callable[[float], None] = lambda seconds: None,
        preload: Sequence[str] = (),
    ) -> list["Sandbox"]:
        """A sandbox for submissions and one for the staff's own code, already starting where they can share an import."""
        if fork is False or not can_fork():
            return [cls(False, tick=tick, preload=preload), cls(False, preload=preload)]
        staff, submissions = launch(True, lease, sibling=True, preload=preload)
        return [cls(True, lease, tick, submissions, preload), cls(True, server=staff, preload=preload)]

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        """The outcomes of one call, whose budget counts for each folder.  Raises SandboxError when the sandbox itself fails."""
        report, payload = self.exchange(folders, call)
        return interpret_each(report, payload, len(folders), call.cpu_s * len(folders), call.wall_s * len(folders))

    def exchange(self, folders: Sequence[Path], call: Call) -> Frame:
        """The server's report and the worker's answers, as they arrive.  Raises SandboxError as `ask_each`."""
        server = self.started()
        whole = replace(call, cpu_s=call.cpu_s * len(folders))
        limits = {"cpu_s": whole.cpu_s, "wall_s": whole.wall_s, "memory_bytes": MEMORY_BYTES}
        self.calls += 1
        try:
            server.send({"call": self.calls, **limits}, wire.encode(call.request(folders)))
        except OSError:  # it died between two calls
            self.server = None
            raise SandboxError(f"The sandbox's server has died: {server.last_words()}") from None
        report, payload = self.await_reply(server, whole)
        if report.get("call", self.calls) != self.calls:
            self.server = None
            server.kill()
            raise SandboxError("The sandbox's server answered another call than the one that was asked.")
        if "unprotected" in report:
            self.close()
            raise SandboxError(f"A worker could not be shut in, so nothing was run in it: {report['unprotected']}.")
        return report, payload

    def started(self) -> Server:
        """The server, ready for a call; a new one after the last one was killed."""
        if self.server is None:
            self.server, self.ready = launch(self.fork, self.lease, preload=self.preload)[0], False
        if not self.ready:
            self.wait_until_ready(self.server)
        return self.server

    def wait_until_ready(self, server: Server) -> None:
        try:
            frame = server.receive(START_S)
        except TimeoutError:
            frame = None
        if frame is None:
            self.server = None
            raise SandboxError(f"The sandbox's server did not start: {server.last_words()}")
        server.pid, self.ready = frame[0]["pid"], True

    def await_reply(self, server: Server, call: Call) -> Frame:
        """The server's reply; where the server is the worker too, a silence or an end is the submission's, and it starts anew."""
        margin = 30.0 if self.fork else 0.0
        try:
            reply, out_of_time = server.receive(call.wall_s + margin, self.tick), False
        except TimeoutError:
            reply, out_of_time = None, True
        if reply is not None:
            return reply
        self.server = None
        if self.fork:
            raise SandboxError(f"The sandbox's server {'hangs' if out_of_time else 'has died'}: {server.last_words()}")
        status = server.kill() if out_of_time else server.wait()
        return {"exit": status, "stopped_for": "time" if out_of_time else ""}, b""

    def close(self) -> None:
        """End the server."""
        server, self.server = self.server, None
        if server is not None:
            server.close()


class InProcess(Asker):
    """Probes run in this very process, with no limits and no isolation: for debuggers, and to measure what isolation costs."""

    def __init__(self) -> None:
        from grader.sandbox import server

        path = sys.path[:]
        server.preload()
        sys.path[:] = path

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        from grader.sandbox import worker

        payload, error = worker.answer(wire.encode(call.request(folders)))
        outcomes = interpret_each({}, payload, len(folders), call.cpu_s, call.wall_s)
        for outcome in outcomes:
            outcome.exception = error
        return outcomes

    def close(self) -> None:
        pass


def can_fork() -> bool:
    """Whether workers can be forked: macOS has fork, but its frameworks do not survive it."""
    return hasattr(os, "fork") and sys.platform != "darwin"
