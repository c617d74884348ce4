"""Start the sandbox's server processes (server.py) and exchange frames with them."""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from grader.assignment import KIT
from grader.sandbox import wire
from grader.sandbox.frames import Workers
from grader.sandbox.leftovers import kill_group, remove

# No package of the user's own is imported.  (-I would also ignore the environment set here.)
OPTIONS = ("-X", "utf8", "-s", "-P")
BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from grader.sandbox.server import main; main(sys.argv[2:])"
# Use huge pages, if Linux has them: a fork copies the whole table of pages.
CHEAP_TO_FORK = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
Frame = tuple[dict[str, Any], bytes]


@dataclass(frozen=True)
class Lease:
    """An unprivileged user that nobody else gets as long as the file `lock` is open.

    This process has it open, and the servers that inherit it.
    """

    user: int
    lock: int

    def end(self) -> None:
        os.close(self.lock)


class ServerHandle:
    """The trusted side's end of one server.

    `process` is None for a copy of another server, because it is the other server's child.
    """

    def __init__(
        self,
        requests: IO[bytes],
        replies: IO[bytes],
        folder: "SharedFolder",
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.requests, self.replies, self.folder, self.process = requests, replies, folder, process
        self.pid = process.pid if process else None  # a copy tells its own when it is ready
        self.frames: queue.Queue[Frame | None] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        """Move frames into a queue, since not every system can wait for a pipe with a time limit.

        None marks the end.
        """
        with contextlib.suppress(OSError, ValueError):  # it was killed while it wrote
            while (frame := wire.receive(self.replies)) is not None:
                self.frames.put(frame)
        self.frames.put(None)

    def send(self, header: dict[str, Any], payload: bytes) -> None:
        wire.send(self.requests, header, payload)

    def receive(self, seconds: float, tick: Callable[[float], None] = lambda seconds: None) -> Frame | None:
        """The next frame, None if the server has ended.

        Raises TimeoutError if neither happens in time.
        """
        started = time.monotonic()
        while (taken := time.monotonic() - started) < seconds:
            try:
                return self.frames.get(timeout=min(0.5, seconds - taken))
            except queue.Empty:
                tick(time.monotonic() - started)
        raise TimeoutError

    def kill(self) -> int:
        """Kill the server and the processes that it started; its exit status (0 for a copy's)."""
        if self.process is not None:
            if self.process.poll() is None:
                kill_group(self.process.pid)
                self.process.kill()
        elif self.pid is not None:
            kill_group(self.pid)
        return self.wait()

    def wait(self) -> int:
        """The exit status of a server that has ended or is about to (0 for a copy's)."""
        status = self.process.wait() if self.process else 0
        self.folder.release()
        return status

    def last_words(self) -> str:
        """Kill the server; what it wrote to its standard error."""
        errors = self.folder.errors()
        self.kill()
        return errors

    def close(self) -> None:
        """End the server. When its input ends, it kills its worker, closes replies and exits."""
        with contextlib.suppress(OSError):
            self.requests.close()
        try:
            while self.receive(5) is not None:
                pass
            self.wait()
        except TimeoutError:
            self.kill()


class SharedFolder:
    """A folder for the scratch files and the standard error of a server and its copy.

    It is removed when the last of its `users` (servers) has released it.
    """

    def __init__(self, users: int) -> None:
        self.path, self.users = Path(tempfile.mkdtemp(prefix="grader-room-")), users
        self.path.chmod(0o711)  # workers of another user pass through to their scratch folders

    def errors(self) -> str:
        log = self.path / "errors"
        return log.read_text(encoding="utf-8", errors="replace").strip()[-2000:] if log.exists() else ""

    def release(self) -> None:
        self.users -= 1
        if self.users <= 0:
            remove(self.path)


class Servers(NamedTuple):
    """Two servers that share no pipe and no process group."""

    submissions: ServerHandle
    staff: ServerHandle


def launch(workers: Workers, lease: Lease | None = None, preload: Sequence[str] = ()) -> ServerHandle:
    """Start a server, which imports torch and the modules in `preload` while this returns.

    Its workers become the leased user.
    """
    folder = SharedFolder(users=1)
    return start(folder, workers, lease, preload)


def launch_pair(lease: Lease | None = None, preload: Sequence[str] = ()) -> Servers:
    """Start a server for the staff's code and, as a copy of it, one for submissions.

    The server copies itself when it has done nothing but import, which saves half the time and most
    of the memory of a second import.  Only the copy's workers become the leased user.
    """
    (their_requests, requests), (replies, their_replies) = os.pipe(), os.pipe()
    folder = SharedFolder(users=2)
    staff = start(folder, Workers.FORKED, lease, preload, copy=(their_requests, their_replies))
    for end in (their_requests, their_replies):
        os.close(end)
    return Servers(ServerHandle(os.fdopen(requests, "wb"), os.fdopen(replies, "rb"), folder), staff)


def start(
    folder: SharedFolder, workers: Workers, lease: Lease | None, preload: Sequence[str], copy: tuple[int, ...] = ()
) -> ServerHandle:
    """Start a server.  `copy` are the descriptors of its copy's pipes, if it makes a copy."""
    user = str(lease.user) if lease else ""
    with (folder.path / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [
                sys.executable,
                *OPTIONS,
                "-c",
                BOOTSTRAP,
                str(KIT),
                workers.value,
                user,
                ",".join(map(str, copy)),
                *preload,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=scrubbed_environment(folder.path) | (CHEAP_TO_FORK if workers is Workers.FORKED else {}),
            pass_fds=(*copy, *([lease.lock] if lease else [])),
            start_new_session=True,  # Ctrl-C is for the trusted side, which then closes the server
        )
    assert process.stdin is not None and process.stdout is not None
    return ServerHandle(process.stdin, process.stdout, folder, process)


def scrubbed_environment(folder: Path) -> dict[str, str]:
    """The environment of a server: nothing of the teacher's, a temporary home, one thread."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    homes = {name: str(folder) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "TORCHINDUCTOR_CACHE_DIR")}
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return kept | homes | threads | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
