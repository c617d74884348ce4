"""The processes that grade, one for each submission."""

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from grader.assignment import KIT
from grader.sandbox.fork_server import KILLED, Ended, ForkServer, wait_for
from grader.sandbox.frames import USUAL_WORKERS, Workers

PREFIX = "grader-job-"  # of temporary folders; the id of the process that made it comes next
TRIES = 2  # at starting a run: the first server may have been killed
RUNNING: set[IO[bytes]] = set()  # the other ends of their standard inputs


def run(command: Sequence[str], environment: Mapping[str, str], log: int) -> Ended:
    """Run a process until it ends.

    It stops by itself when its standard input closes: if this process is killed, it doesn't stay.
    """
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "wb")
    RUNNING.add(stream)
    try:
        how = TORCH.run if USUAL_WORKERS is Workers.FORKED else run_afresh
        return how(command, environment, reading, log)
    finally:
        RUNNING.discard(stream)
        stream.close()
        os.close(reading)


def run_afresh(command: Sequence[str], environment: Mapping[str, str], stdin: int, log: int) -> Ended:
    """Run a process whose servers import torch themselves."""
    process = subprocess.Popen(command, cwd=KIT, env=environment, stdin=stdin, stdout=log, stderr=subprocess.STDOUT)
    if not hasattr(os, "wait4"):
        return Ended(process.wait())
    ended = wait_for(process.pid)
    process.returncode = ended.status
    return ended


class TorchOnce:
    """Runs processes with this process's fork server, which starts with the first of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.servers: list[ForkServer] = []  # the last one is in use; runs of the others may go on

    def run(self, command: Sequence[str], environment: Mapping[str, str], stdin: int, log: int) -> Ended:
        for _ in range(TRIES):
            server = self.started()
            ended = server.run(command, environment, stdin, log)
            if ended is not None:
                return ended
            self.retire(server)
        os.write(log, f"The process that imports torch has ended.\n{server.errors()}".encode())
        return Ended(KILLED)

    def started(self) -> ForkServer:
        with self.lock:
            if not self.servers or self.servers[-1].is_retired:
                atexit.register(self.close)
                self.servers.append(ForkServer(Path(tempfile.mkdtemp(prefix=prefix()))))
            return self.servers[-1]

    def retire(self, server: ForkServer) -> None:
        """Start further runs with another server: this one could not start one."""
        with self.lock:
            server.retire()

    def close(self) -> None:
        while self.servers:
            server = self.servers.pop()
            try:
                server.close()
            finally:  # also if Ctrl-C is pressed again
                shutil.rmtree(server.folder, ignore_errors=True)


TORCH = TorchOnce()


def prefix() -> str:
    """How the names of this process's temporary folders begin."""
    return f"{PREFIX}{os.getpid()}-"


def remove_leftovers() -> None:
    """Remove the temporary folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def end_runs() -> None:
    """End the processes that run now."""
    for stream in list(RUNNING):
        stream.close()


def stop_all() -> None:
    """End the processes that run now, and the one that they are copies of."""
    end_runs()
    TORCH.close()
