"""Start the sandbox's server processes (server.py) and exchange frames with them.  The trusted side's end of the pipes."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from grader import wire
from grader.assignment import KIT

BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from grader.server import main; main(sys.argv[2:])"
Frame = tuple[dict[str, Any], bytes]


class Server:
    """One server process, by its pipes; `process` is None for a sibling, which is another server's child."""

    def __init__(self, requests: IO[bytes], replies: IO[bytes], process: subprocess.Popen[bytes] | None = None) -> None:
        self.requests, self.replies, self.process = requests, replies, process
        self.pid = process.pid if process else 0
        self.frames: queue.Queue[Frame | None] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        """Move frames into a queue: pipes can't be waited on with a time limit on every system.  None marks the end."""
        with contextlib.suppress(OSError, ValueError):  # it was killed while it wrote
            while (frame := wire.receive(self.replies)) is not None:
                self.frames.put(frame)
        self.frames.put(None)

    def send(self, header: dict[str, Any], payload: bytes) -> None:
        wire.send(self.requests, header, payload)

    def receive(self, seconds: float, tick: Callable[[float], None] = lambda seconds: None) -> Frame | None:
        """The next frame, None when the server has ended.  Raises TimeoutError when neither happens in time."""
        started = time.monotonic()
        while (taken := time.monotonic() - started) < seconds:
            try:
                return self.frames.get(timeout=min(0.5, seconds - taken))
            except queue.Empty:
                tick(time.monotonic() - started)
        raise TimeoutError

    def kill(self) -> int:
        """Kill the server and what it started, if it still runs; its exit status (0 for a sibling's)."""
        if self.process is None or self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL) if hasattr(os, "killpg") else os.kill(self.pid, signal.SIGTERM)
        return self.process.wait() if self.process else 0

    def wait(self) -> int:
        """The exit status of a server that has ended or is about to (0 for a sibling's)."""
        return self.process.wait() if self.process else 0

    def last_words(self) -> str:
        """Kill the server; what it wrote to its standard error."""
        self.kill()
        errors = self.process.stderr if self.process else None
        return errors.read().decode(errors="replace").strip()[-2000:] if errors else ""

    def close(self) -> None:
        """End the server: it kills its worker and leaves when its input ends."""
        with contextlib.suppress(OSError):
            self.requests.close()
        if self.process is None:
            return
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.kill()


def launch(
    fork: bool, probe_files: tuple[Path, ...] = (), environment: dict[str, str] | None = None, sibling: bool = False
) -> list[Server]:
    """Start a server, which imports while this returns; with `sibling` (and fork) two, of which one is a copy of the other.

    The copy is made when nothing but imports has happened, and from then on the two share no pipe and no process group: only half
    the time and most of the memory of a second import are saved.
    """
    ends = [os.pipe(), os.pipe()] if sibling else []
    theirs = (ends[0][0], ends[1][1]) if sibling else ()
    options = ["fork" if fork else "persistent", ",".join(map(str, theirs)), *map(str, probe_files)]
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", BOOTSTRAP, str(KIT), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=scrubbed_environment() | (environment or {}),
        pass_fds=theirs,
        start_new_session=True,  # Ctrl-C is for the trusted side, which then closes the server
    )
    assert process.stdin is not None and process.stdout is not None
    servers = [Server(process.stdin, process.stdout, process)]
    if sibling:
        for end in theirs:
            os.close(end)
        servers.append(Server(os.fdopen(ends[0][1], "wb"), os.fdopen(ends[1][0], "rb")))
    return servers


def scrubbed_environment() -> dict[str, str]:
    """What a server and its workers see of the environment: nothing of the teacher's, one thread, no bytecode files."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
    }
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return kept | threads | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
