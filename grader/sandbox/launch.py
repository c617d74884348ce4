"""Start the sandbox's server processes (server.py) and exchange frames with them.  The trusted side's end of the pipes."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from grader.assignment import KIT
from grader.sandbox import wire

# Nothing of the user's is imported.  (-I would ignore the environment that is made here, too.)
OPTIONS = ("-X", "utf8", "-s", "-P")
BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from grader.sandbox.server import main; main(sys.argv[2:])"
# Memory in huge pages, where Linux has them: a fork copies the table of all pages, which takes longer than many an answer.
CHEAP_TO_FORK = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
Frame = tuple[dict[str, Any], bytes]


@dataclass(frozen=True)
class Lease:
    """An unprivileged user that nobody else has while the file `lock` is open: in this process, and in the servers that inherit it."""

    user: int
    lock: int

    def end(self) -> None:
        os.close(self.lock)


class Server:
    """One server process, by its pipes; `process` is None for a sibling, which is another server's child."""

    def __init__(
        self, requests: IO[bytes], replies: IO[bytes], room: "Room", process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.requests, self.replies, self.room, self.process = requests, replies, room, process
        self.pid = process.pid if process else None  # a sibling's is known when it is ready
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
        if self.process is not None:
            if self.process.poll() is None:
                kill_group(self.process.pid)
                self.process.kill()
        elif self.pid is not None:
            kill_group(self.pid)
        return self.wait()

    def wait(self) -> int:
        """The exit status of a server that has ended or is about to (0 for a sibling's)."""
        status = self.process.wait() if self.process else 0
        self.room.leave()
        return status

    def last_words(self) -> str:
        """Kill the server; what it wrote to its standard error."""
        said = self.room.errors()
        self.kill()
        return said

    def close(self) -> None:
        """End the server: it kills its worker and leaves when its input ends, which ends its replies."""
        with contextlib.suppress(OSError):
            self.requests.close()
        try:
            while self.receive(5) is not None:
                pass
            self.wait()
        except TimeoutError:
            self.kill()


class Room:
    """The folder that a server and its siblings have for scratch and for their standard error; gone when the last one leaves."""

    def __init__(self, inhabitants: int) -> None:
        self.folder, self.inhabitants = Path(tempfile.mkdtemp(prefix="grader-room-")), inhabitants
        self.folder.chmod(0o711)  # workers of another user pass through to their scratch folders

    def errors(self) -> str:
        log = self.folder / "errors"
        return log.read_text(encoding="utf-8", errors="replace").strip()[-2000:] if log.exists() else ""

    def leave(self) -> None:
        self.inhabitants -= 1
        if self.inhabitants <= 0:
            shutil.rmtree(self.folder, ignore_errors=True)


def kill_group(pid: int) -> None:
    """Kill a server's process group, where the system has such groups."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def launch(fork: bool, lease: Lease | None = None, sibling: bool = False, preload: Sequence[str] = ()) -> list[Server]:
    """Start a server, which imports while this returns; with `sibling` (and fork) two, of which the second is a copy of the first.

    The copy is made when nothing but imports has happened, and from then on the two share no pipe and no process group: only half
    the time and most of the memory of a second import are saved.  Workers become the leased user: of the two servers the second's.  The servers
    import the modules in `preload`, so that workers need not.
    """
    ends = [os.pipe(), os.pipe()] if sibling else []
    theirs = (ends[0][0], ends[1][1]) if sibling else ()
    mode, user = "fork" if fork else "persistent", str(lease.user) if lease else ""
    room = Room(inhabitants=1 + sibling)
    with (room.folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *OPTIONS, "-c", BOOTSTRAP, str(KIT), mode, user, ",".join(map(str, theirs)), *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=scrubbed_environment(room.folder) | (CHEAP_TO_FORK if fork else {}),
            pass_fds=(*theirs, *([lease.lock] if lease else [])),
            start_new_session=True,  # Ctrl-C is for the trusted side, which then closes the server
        )
    assert process.stdin is not None and process.stdout is not None
    servers = [Server(process.stdin, process.stdout, room, process)]
    if sibling:
        for end in theirs:
            os.close(end)
        servers.append(Server(os.fdopen(ends[0][1], "wb"), os.fdopen(ends[1][0], "rb"), room))
    return servers


def scrubbed_environment(room: Path) -> dict[str, str]:
    """What a server and its workers see of the environment: nothing of the teacher's, a home that goes away, one thread."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    homes = {name: str(room) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "TORCHINDUCTOR_CACHE_DIR")}
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return kept | homes | threads | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
