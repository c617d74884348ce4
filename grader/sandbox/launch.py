"""Start the sandbox's server processes (server.py) and exchange frames with them."""

import contextlib
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from grader.assignment import KIT
from grader.sandbox import descriptors, samples, wire
from grader.sandbox.frames import Workers
from grader.sandbox.lease import Lease
from grader.sandbox.leftovers import close_all, kill_group, remove
from grader.sandbox.plan import Pipes, Plan

# No package of the user's own is imported.  (-I would also ignore the environment set here.)
OPTIONS = ("-X", "utf8", "-s", "-P")
BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from grader.sandbox.server import main; main(sys.argv[2:])"
# Use huge pages, if Linux has them: a fork copies the whole table of pages.
CHEAP_TO_FORK = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
LAST_S = 5  # between the end of a server's pipes and its own
Frame = tuple[dict[str, Any], bytes]


class ServerHandle:
    """The trusted side's end of one server.

    Args:
        requests, replies: its pipes.
        folder: where its errors are.
        process: the process that was started for it; None for a copy of another process.
        control: the end of its guard's control pipe, if it has a guard.
    """

    def __init__(
        self,
        requests: IO[bytes],
        replies: IO[bytes],
        folder: "SharedFolder",
        process: subprocess.Popen[bytes] | None = None,
        control: int | None = None,
    ) -> None:
        self.requests, self.replies, self.folder = requests, replies, folder
        self.process, self.control = process, control
        self.frames: queue.Queue[Frame | None] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        """Move frames into a queue, since not every system can wait for a pipe with a time limit.

        None marks the end.
        """
        with contextlib.suppress(OSError, ValueError), self.replies:  # it may be killed while it writes
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
        self.let_go()
        if self.process is not None and self.process.poll() is None:
            kill_group(self.process.pid)
            self.process.kill()
        return self.wait()

    def let_go(self) -> None:
        """Have the server's guard kill it, unless it has ended."""
        if self.control is not None:
            os.close(self.control)
            self.control = None

    def wait(self) -> int:
        """The exit status of a server that has ended or is about to (0 for a copy's).

        A persistent worker may have closed its pipes and run on: then it is killed.
        """
        self.let_go()
        try:
            status = self.process.wait(LAST_S) if self.process else 0
        except subprocess.TimeoutExpired:
            assert self.process is not None
            self.process.kill()
            status = self.process.wait()
        with contextlib.suppress(OSError):  # nobody reads what is left in it
            self.requests.close()
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

    def samples(self) -> str:
        """The last samples of a persistent worker's stack."""
        with contextlib.suppress(OSError), samples.file_in(self.path).open("rb") as file:
            return samples.tail(file)
        return ""

    def release(self) -> None:
        self.users -= 1
        if self.users <= 0:
            remove(self.path)


class Servers(NamedTuple):
    """Two servers that share no pipe and no process group."""

    submissions: ServerHandle
    staff: ServerHandle


class Ends(NamedTuple):
    """The trusted side's ends of the pipes of a server with a guard."""

    requests: int
    replies: int
    control: int


def launch(plan: Plan, lease: Lease | None = None) -> ServerHandle:
    """Start a server, which imports torch and the plan's modules while this returns.

    Its workers become the leased user.
    """
    folder = SharedFolder(users=1)
    if lease is None:
        return start(folder, plan)
    pipes, ends = new_pipes()
    process = start_process(folder, with_lease(plan, lease, pipes), lease)
    close_all(pipes.descriptors)
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()
    return handle(ends, folder, process)


def launch_pair(plan: Plan, lease: Lease | None = None, waiting: socket.socket | None = None) -> Servers:
    """Start a server for the staff's code and, as a copy of it, one for submissions.

    The server copies itself when it has done nothing but import, which saves half the time and most
    of the memory of a second import.  Only the copy's workers become the leased user.  At the other
    end of the socket `waiting`, if there is one, a process waits to be that server.
    """
    pipes, ends = new_pipes()
    folder = SharedFolder(users=2)
    given = replace(plan, pipes=pipes) if lease is None else with_lease(plan, lease, pipes)
    given = replace(given, divides=True)
    staff = start(folder, given, lease) if waiting is None else let_serve(waiting, folder, given, lease)
    close_all(pipes.descriptors)
    return Servers(handle(ends, folder), staff)


def new_pipes() -> tuple[Pipes, Ends]:
    """Three pipes, as the ends of a server and those of the trusted side."""
    (their_requests, requests), (replies, their_replies), (their_control, control) = (os.pipe() for _ in range(3))
    return Pipes(their_requests, their_replies, their_control), Ends(requests, replies, control)


def with_lease(plan: Plan, lease: Lease, pipes: Pipes) -> Plan:
    return replace(plan, user=lease.user, shown=str(lease.folder), jailed=lease.jailed, pipes=pipes)


def handle(ends: Ends, folder: "SharedFolder", process: subprocess.Popen[bytes] | None = None) -> ServerHandle:
    return ServerHandle(os.fdopen(ends.requests, "wb"), os.fdopen(ends.replies, "rb"), folder, process, ends.control)


def start(folder: SharedFolder, plan: Plan, lease: Lease | None = None) -> ServerHandle:
    """Start a server with pipes at its standard input and output."""
    process = start_process(folder, plan, lease)
    assert process.stdin is not None and process.stdout is not None
    return ServerHandle(process.stdin, process.stdout, folder, process)


def let_serve(waiting: socket.socket, folder: SharedFolder, plan: Plan, lease: Lease | None) -> ServerHandle:
    """Let the process at the other end of a socket be a server: see server.serve_when_asked."""
    (their_requests, requests), (replies, their_replies) = os.pipe(), os.pipe()
    with (folder.path / "errors").open("wb") as errors:
        given = [their_requests, their_replies, errors.fileno(), *descriptors_of(plan, lease)]
        content = {"plan": plan.as_argument(), "environment": homes_in(folder.path)}
        descriptors.send(waiting, content, given)
    close_all((their_requests, their_replies))
    return handle(Ends(requests, replies, waiting.detach()), folder)


def start_process(folder: SharedFolder, plan: Plan, lease: Lease | None) -> subprocess.Popen[bytes]:
    with (folder.path / "errors").open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, *OPTIONS, "-c", BOOTSTRAP, str(KIT), plan.as_argument()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=scrubbed_environment(folder.path) | (CHEAP_TO_FORK if plan.workers is Workers.FORKED else {}),
            pass_fds=descriptors_of(plan, lease),
            start_new_session=True,  # Ctrl-C is for the trusted side, which then closes the server
        )


def descriptors_of(plan: Plan, lease: Lease | None) -> list[int]:
    """What a server holds open besides its own pipes."""
    return [*(plan.pipes.descriptors if plan.pipes else ()), *([lease.lock] if lease else ())]


def scrubbed_environment(folder: Path) -> dict[str, str]:
    """The environment of a server: nothing of the teacher's, a temporary home, one thread."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    plain = {"PYTORCH_JIT": "0"}  # torch.jit.script returns the module that it is given, which probes can look into
    fixed = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
    return kept | homes_in(folder) | threads | plain | fixed


def homes_in(folder: Path) -> dict[str, str]:
    """The variables that name the folder for files which nobody keeps."""
    names = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "TORCHINDUCTOR_CACHE_DIR")
    return dict.fromkeys(names, str(folder))
