"""A process that imports torch once, for all runs of a batch (systems with fork).

It never runs a call, and learns nothing of the runs that it starts: it gets only sockets, and what
was asked through them is read by its children.  A run's servers are such children, so a submission
finds in its worker's memory nothing of the batch, of the staff or of other submissions.  The
processes:

    the batch
      the fork server: imports torch
        a holder for each run: waits for its end, and tells the batch what it cost
          the run's trusted side: another program
            the run's servers: copies of the fork server
"""

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from grader.assignment import KIT
from grader.sandbox import descriptors, leftovers, packages, server
from grader.sandbox.launch import CHEAP_TO_FORK, OPTIONS, scrubbed_environment

BOOTSTRAP = (
    "import sys; sys.path.insert(0, sys.argv[1]); from grader.sandbox.fork_server import main; main(sys.argv[2])"
)
ERRORS = "errors"
BEGUN = b"begun\n"
KILLED = -9  # the status of a run of which nobody can tell how it ended


class Ended(NamedTuple):
    """How a process ended: its exit status, and what it cost, if the system tells.

    `cpu_s` counts the processes that it started; `memory` is that of the largest, in bytes.
    """

    status: int
    cpu_s: float | None = None
    memory: int | None = None


def wait_for(pid: int) -> Ended:
    """Wait for a child process's end."""
    _, status, usage = os.wait4(pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return Ended(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


class ForkServer:
    """The batch's end of a fork server, whose errors are written into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control, theirs = socket.socketpair()
        with theirs, (folder / ERRORS).open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *OPTIONS, "-c", BOOTSTRAP, str(KIT), str(theirs.fileno())],
                cwd=KIT,  # its copies remember it, and submissions can read it there
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=scrubbed_environment(folder) | CHEAP_TO_FORK,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the batch
            )

    @property
    def is_retired(self) -> bool:
        return self.control.fileno() < 0 or self.process.poll() is not None

    def run(self, command: Sequence[str], environment: Mapping[str, str], stdin: int, out: int) -> Ended | None:
        """Run a program until it ends; None if it could not begin.

        It gets the option ``--server=N``: at the other end of that socket, a server that has
        imported torch waits for its plan.
        """
        begun, told = b"", b""
        ours, theirs = socket.socketpair()
        with ours, contextlib.suppress(OSError):
            with theirs:
                socket.send_fds(self.control, [b"\0"], [theirs.fileno()])
            descriptors.send(ours, {"command": command, "environment": dict(environment)}, [stdin, out])
            with ours.makefile("rb") as stream:
                begun, told = stream.readline(), stream.readline()
        if told:
            return Ended(*json.loads(told))
        return Ended(KILLED) if begun else None

    def errors(self) -> str:
        return (self.folder / ERRORS).read_text(encoding="utf-8", errors="replace")

    def retire(self) -> None:
        """Start no more runs. Those that have begun go on."""
        self.control.close()

    def close(self) -> None:
        """End the fork server, once the runs that it started have ended."""
        self.retire()
        self.process.wait()


def main(descriptor: str) -> None:
    """Start runs until nobody can ask for one any more."""
    control = socket.socket(fileno=int(descriptor))
    packages.hide_others()
    server.preload()
    gc.freeze()
    signal.signal(signal.SIGCHLD, collect)
    while (asked := socket.recv_fds(control, 1, 1))[0]:
        with socket.socket(fileno=asked[1][0]) as connection:
            fork(partial(hold, connection, control))
    with contextlib.suppress(ChildProcessError):  # there are none any more
        while True:
            os.wait()


def collect(number: int, frame: object) -> None:
    """Collect holders that have ended: what their runs cost then counts as this process's."""
    leftovers.reap()


def fork(run: Callable[[], None]) -> int:
    """Run something in a child process, and nothing else; the child's pid."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            run()
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    return pid


def hold(connection: socket.socket, control: socket.socket) -> None:
    """Start a run, wait for its end, and tell that through the connection."""
    control.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    run = fork(partial(start_run, connection))
    connection.sendall(BEGUN)
    connection.sendall(json.dumps(wait_for(run)).encode() + b"\n")


def start_run(connection: socket.socket) -> None:
    """Become the program that is asked for, once a child process waits to be its servers.

    The child comes first: what is asked for is then not in its memory.
    """
    ours, theirs = socket.socketpair()
    fork(partial(wait_to_serve, theirs))
    request, (stdin, out) = descriptors.receive(connection) or sys.exit("The batch has ended.")
    for source, target in ((stdin, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    descriptors.close_from(3, kept=ours.fileno())
    ours.set_inheritable(True)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; another program expects what is usual
        signal.signal(number, signal.SIG_DFL)
    os.chdir(KIT)
    os.execve(request["command"][0], [*request["command"], f"--server={ours.fileno()}"], request["environment"])


def wait_to_serve(asked: socket.socket) -> None:
    descriptors.close_from(3, kept=asked.fileno())
    server.serve_when_asked(asked)
