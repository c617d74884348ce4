"""Ask a submission a probe: the trusted side of the sandbox.  See server.py for the process on the other side.

This module never imports torch and never runs a submission's code, save in `InProcess`, which is for debugging.
"""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader import wire
from grader.outcome import Outcome, interpret

KIT = Path(__file__).resolve().parent.parent
MEMORY_BYTES = 4 * 2**30  # of address space; CPU torch needs 0.6 GB, training 0.95 GB
WALL_FACTOR = 4  # a call may take this many times its CPU budget by the clock: machines are shared
START_S = 120  # a cold import of torch on half a processor
BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from grader.server import main; main(sys.argv[2:])"


@dataclass(frozen=True)
class Call:
    """One question: the probe's name, its arguments (plain data), the worker's seed and its budget in CPU seconds."""

    probe: str
    arguments: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    cpu_s: float = 10.0

    @property
    def wall_s(self) -> float:
        return self.cpu_s * WALL_FACTOR


class SandboxError(RuntimeError):
    """The sandbox itself failed: the grader's error, never the submission's."""


class Asks(Protocol):
    """Something that a staged submission can be asked through."""

    def ask(self, folder: Path, call: Call) -> Outcome: ...

    def close(self) -> None: ...


class Sandbox:
    """A server process and its workers.  It starts with the first call, or earlier with `start`.

    `fork` False asks for the persistent child (macOS and Windows have nothing else); `probe_files` are imported by the server beside
    grader/probes.py; `environment` is all that the workers see besides the path; `tick` is called about twice a second
    while a call runs, with the seconds it has taken.
    """

    def __init__(
        self,
        fork: bool | None = None,
        probe_files: tuple[Path, ...] = (),
        environment: dict[str, str] | None = None,
        tick: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.fork = can_fork() if fork is None else fork
        self.probe_files, self.environment, self.tick = probe_files, environment or {}, tick
        self.process: subprocess.Popen[bytes] | None = None
        self.replies: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue()
        self.ready = False

    def start(self) -> None:
        """Start the server if it does not run; returns at once, while it imports."""
        if self.process is not None:
            return
        mode = "fork" if self.fork else "persistent"
        command = [sys.executable, "-I", "-c", BOOTSTRAP, str(KIT), mode, *map(str, self.probe_files)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=scrubbed_environment() | self.environment,
            start_new_session=True,  # Ctrl-C is for the trusted side, which then closes the server
        )
        self.ready = False
        self.replies = queue.Queue()
        threading.Thread(target=read_replies, args=(self.process, self.replies), daemon=True).start()

    def ask(self, folder: Path, call: Call) -> Outcome:
        """The submission's outcome for one call.  Raises SandboxError when the sandbox itself fails."""
        self.start()
        assert self.process is not None and self.process.stdin is not None
        if not self.ready:
            self.wait_until_ready()
        request = {"folder": str(folder), "probe": call.probe, "arguments": call.arguments, "seed": call.seed}
        limits = {"cpu_s": call.cpu_s, "wall_s": call.wall_s, "memory_bytes": MEMORY_BYTES}
        try:
            wire.send(self.process.stdin, limits, wire.encode(request))
        except BrokenPipeError:
            raise SandboxError(f"The sandbox's server has died: {self.last_words()}") from None
        report, payload = self.await_reply(call)
        return interpret(report, payload, call.cpu_s, call.wall_s)

    def await_reply(self, call: Call) -> tuple[dict[str, Any], bytes]:
        """The server's reply; where the server is the worker too, a silence or an end is the submission's, and it starts anew."""
        margin = 30.0 if self.fork else 0.0
        try:
            reply, out_of_time = self.next_reply(call.wall_s + margin), False
        except TimeoutError:
            reply, out_of_time = None, True
        if reply is not None:
            return reply
        status = self.kill() if out_of_time else self.wait()
        if self.fork:
            raise SandboxError("The sandbox's server " + ("hangs." if out_of_time else f"died with status {status}."))
        return {"exit": status, "out_of_time": out_of_time, "wall_s": call.wall_s if out_of_time else 0.0}, b""

    def next_reply(self, seconds: float) -> tuple[dict[str, Any], bytes] | None:
        """The next reply, None when the server has ended.  Raises TimeoutError when neither happens in time."""
        started = time.monotonic()
        while (taken := time.monotonic() - started) < seconds:
            try:
                return self.replies.get(timeout=min(0.5, seconds - taken))
            except queue.Empty:
                self.tick(time.monotonic() - started)
        raise TimeoutError

    def wait_until_ready(self) -> None:
        try:
            self.ready = self.next_reply(START_S) is not None
        except TimeoutError:
            self.ready = False
        if not self.ready:
            raise SandboxError(f"The sandbox's server did not start: {self.last_words()}")

    def last_words(self) -> str:
        """Kill the server; what it wrote to its standard error."""
        assert self.process is not None and self.process.stderr is not None
        errors = self.process.stderr
        self.kill()
        return errors.read().decode(errors="replace").strip()[-2000:]

    def kill(self) -> int:
        """Kill the server and what it started; its exit status."""
        assert self.process is not None
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        return self.wait()

    def wait(self) -> int:
        """The exit status of the server, which has ended or is about to."""
        process, self.process = self.process, None
        assert process is not None
        return process.wait()

    def close(self) -> None:
        """End the server: it kills its worker and leaves when its input ends."""
        if self.process is None:
            return
        process, self.process = self.process, None
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stderr.close()


class InProcess:
    """Probes run in this very process, with no limits and no isolation: for debuggers, and to measure what isolation costs."""

    def __init__(self, probe_files: tuple[Path, ...] = ()) -> None:
        from grader import server

        path = sys.path[:]
        server.preload([str(file) for file in probe_files])
        sys.path[:] = path

    def ask(self, folder: Path, call: Call) -> Outcome:
        from grader import worker

        started, cpu_started = time.monotonic(), time.process_time()
        request = {"folder": str(folder), "probe": call.probe, "arguments": call.arguments, "seed": call.seed}
        payload, error = worker.answer(request)
        seconds = {"wall_s": time.monotonic() - started, "cpu_s": time.process_time() - cpu_started}
        outcome = interpret(seconds, payload, call.cpu_s, call.wall_s)
        outcome.exception = error
        return outcome

    def close(self) -> None:
        pass


def can_fork() -> bool:
    """Whether workers can be forked: macOS has fork, but its frameworks do not survive it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def scrubbed_environment() -> dict[str, str]:
    """What a server and its workers see of the environment: nothing of the teacher's, one thread, no bytecode files."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
    }
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return kept | threads | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}


def read_replies(process: subprocess.Popen[bytes], replies: "queue.Queue[tuple[dict[str, Any], bytes] | None]") -> None:
    """Move frames from the server's output into a queue (pipes can't be waited on with a time limit everywhere); None at the end."""
    assert process.stdout is not None
    try:
        while (frame := wire.receive(process.stdout)) is not None:
            replies.put(frame)
    except (OSError, ValueError):
        pass  # the server was killed while it wrote
    replies.put(None)
