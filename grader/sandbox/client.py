"""Ask a probe of a submission: the trusted side of the sandbox.

server.py is the process on the other side.  This module never imports torch.  It never runs a
submission's code, except in `InProcess`, which is for debugging.
"""

import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from grader.sandbox import wire
from grader.sandbox.call import Call
from grader.sandbox.frames import USUAL_WORKERS, Facts, Limits, ServerReport, Stop, Workers
from grader.sandbox.frames import SandboxError as SandboxError
from grader.sandbox.launch import ServerHandle, launch, launch_pair
from grader.sandbox.lease import Lease
from grader.sandbox.outcome import Outcome, interpret_each
from grader.sandbox.plan import Plan
from grader.sandbox.probe import PROBES

START_S = 120  # a cold import of torch on half a processor
MARGIN_S = 30  # a forked worker's server may answer this much later than the worker's time ends
Tick = Callable[[float], None]


class Asker(Protocol):
    """Anything through which staged submissions can be asked."""

    def ask(self, folder: Path, call: Call) -> Outcome:
        """The outcome of one call for one submission."""
        return self.ask_each([folder], call)[0]

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        """The outcomes of one call for several submissions of the staff's own, in one worker."""

    def close(self) -> None: ...


class Sandbox(Asker):
    """A server process and its workers.

    Args:
        workers: how the server runs a submission's code.
        lease: the user that forked workers become.
        tick: called about twice a second while a call runs, with the seconds since its start.
        server: a server that is already starting; by default one is started for the first call.
        preload: modules that the server imports, so that workers need not.
        runs_submissions: whether it runs what people hand in; then it answers no staff function.
    """

    def __init__(
        self,
        workers: Workers = USUAL_WORKERS,
        lease: Lease | None = None,
        tick: Tick = lambda seconds: None,
        server: ServerHandle | None = None,
        preload: Sequence[str] = (),
        runs_submissions: bool = False,
    ) -> None:
        self.workers, self.lease, self.tick, self.preload = workers, lease, tick, preload
        self.runs_submissions = runs_submissions
        self.server, self.is_ready, self.calls = server, False, 0
        self.numpy_alone: Sandbox | None = None
        self.facts = Facts()  # what the server said of itself

    @property
    def plan(self) -> Plan:
        return Plan(self.workers, tuple(self.preload))

    def seen(self, folder: Path) -> Path:
        """Where workers see a staged submission."""
        return self.lease.seen(folder) if self.lease else folder

    @classmethod
    def pair(
        cls,
        workers: Workers = USUAL_WORKERS,
        lease: Lease | None = None,
        tick: Tick = lambda seconds: None,
        preload: Sequence[str] = (),
        waiting: socket.socket | None = None,
    ) -> "Sandboxes[Self]":
        """A sandbox for submissions and one for the staff's own code.

        Forking servers start at once, from one import: perhaps that of the process at the other end
        of the socket `waiting`.
        """
        submissions, staff = None, None
        if workers is Workers.FORKED:
            submissions, staff = launch_pair(Plan(workers, tuple(preload)), lease, waiting)
        return Sandboxes(
            cls(workers, lease, tick, submissions, preload, runs_submissions=True),
            cls(workers, server=staff, preload=preload),
        )

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        """The outcomes of one call, with its budget for each folder.

        Raises SandboxError if the sandbox itself fails, ValueError for a staff function beside
        submissions.
        """
        if self.runs_submissions and PROBES[call.probe].is_staff_function:
            raise ValueError(f"{call.probe} is a staff function: ask it in the staff's sandbox.")
        report, payload = self.exchange(folders, call)
        return interpret_each(report, payload, len(folders), call.limits(len(folders)))

    def exchange(self, folders: Sequence[Path], call: Call) -> tuple[ServerReport, bytes]:
        """The server's report on one call and the worker's answers, as they arrive.

        Raises SandboxError if the sandbox itself fails.
        """
        if self.needs_numpy_alone(call):
            return self.with_numpy_alone().exchange(folders, call)
        server, limits = self.started(), call.limits(len(folders))
        folders = [self.seen(folder) for folder in folders]
        self.calls += 1
        try:
            server.send({"call": self.calls, **limits.as_header()}, wire.encode(call.request(folders)))
        except OSError:  # it died between two calls
            self.server = None
            raise SandboxError(f"The sandbox's server has died: {server.last_words()}") from None
        report, payload = self.await_reply(server, limits)
        if report.stopped_for is Stop.UNPROTECTED:
            self.close()
            raise SandboxError(f"A worker could not be sandboxed, so nothing was run in it: {report.output}.")
        return report, payload

    def needs_numpy_alone(self, call: Call) -> bool:
        """Whether another server must answer.  On a laptop, the file's text alone decides."""
        return self.lease is not None and PROBES[call.probe].numpy_alone

    def with_numpy_alone(self) -> "Sandbox":
        """The sandbox for files that may import NumPy alone: its server never imports torch."""
        if self.numpy_alone is None:
            modules = [probe.module for probe in PROBES.values() if probe.numpy_alone and not probe.source]
            self.numpy_alone = NumpyAlone(self.workers, self.lease, self.tick, preload=sorted({*modules}))
        return self.numpy_alone

    def started(self) -> ServerHandle:
        """The server, ready for a call; a new one if the last one was killed."""
        if self.server is None:
            self.server, self.is_ready = launch(self.plan, self.lease), False
        if not self.is_ready:
            self.wait_until_ready(self.server)
        return self.server

    def begin(self) -> None:
        """Start a server if there is none.  It gets ready meanwhile."""
        if self.server is None:
            self.server, self.is_ready = launch(self.plan, self.lease), False

    def restart(self) -> None:
        """End the server, whatever it does, and start another."""
        server, self.server = self.server, None
        if server is not None:
            server.kill()
        self.begin()

    def wait_until_ready(self, server: ServerHandle) -> None:
        try:
            frame = server.receive(START_S)
        except TimeoutError:
            frame = None
        if frame is None:
            self.server = None
            raise SandboxError(f"The sandbox's server did not start: {server.last_words()}")
        self.facts, self.is_ready = Facts.read(frame[0]), True

    def await_reply(self, server: ServerHandle, limits: Limits) -> tuple[ServerReport, bytes]:
        """The server's report and the worker's answers.

        A persistent server is the worker too: if it is silent or ends, the submission is why, and
        the next call starts a new server.
        """
        is_forked = self.workers is Workers.FORKED
        try:
            reply, is_late = server.receive(limits.wall_s + (MARGIN_S if is_forked else 0), self.tick), False
        except TimeoutError:
            reply, is_late = None, True
        if reply is not None:
            return self.read_report(server, reply[0]), reply[1]
        self.server = None
        if is_forked:
            raise SandboxError(f"The sandbox's server {'hangs' if is_late else 'has died'}: {server.last_words()}")
        last_samples = server.folder.samples()
        status = server.kill() if is_late else server.wait()
        return ServerReport(status, Stop.TIME if is_late else None, samples=last_samples), b""

    def read_report(self, server: ServerHandle, header: dict[str, Any]) -> ServerReport:
        """The report in a reply's header.  A server that sends anything else is not used again."""
        try:
            if header.get("call") == self.calls:
                return ServerReport.read(header)
            reason = "it belongs to another call"
        except wire.WireError as error:
            reason = str(error)
        self.server = None
        server.kill()
        raise SandboxError(f"The sandbox's server sent a reply that can't be used: {reason}.")

    def close(self) -> None:
        """End the server."""
        server, self.server = self.server, None
        if server is not None:
            server.close()
        if self.numpy_alone is not None:
            self.numpy_alone.close()


class NumpyAlone(Sandbox):
    """A sandbox whose workers have NumPy, and no other package."""

    @property
    def plan(self) -> Plan:
        return replace(super().plan, numpy_alone=True)

    def needs_numpy_alone(self, call: Call) -> bool:
        return False


S = TypeVar("S", bound=Sandbox)


class Sandboxes(NamedTuple, Generic[S]):
    """The two sandboxes of a run.  They share no process, no pipe and no user."""

    submissions: S
    staff: S


class InProcess(Asker):
    """Runs probes in this process, without limits or isolation: for debuggers and benchmarks."""

    def __init__(self) -> None:
        from grader.sandbox import server

        path = sys.path[:]
        server.preload()
        server.preload_modules([])
        sys.path[:] = path

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        from grader.sandbox import worker

        payload, error = worker.answer(wire.encode(call.request(folders)))
        outcomes = interpret_each(ServerReport(), payload, len(folders), call.limits(len(folders)))
        for outcome in outcomes:
            outcome.exception = error
        return outcomes

    def close(self) -> None:
        pass
