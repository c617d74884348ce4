"""What a worker leaves behind, and how it is cleared up.

A worker in a container runs as a user that nobody else has (see lease.py).  Such a user can leave
behind only processes and files, and both are found by their owner.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

GUARDS = 128  # a user's guard is the user this far above it
PR_SET_CHILD_SUBREAPER = 36
REAP_S = 10.0  # how long to wait for killed processes to end
OPEN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/var/lock", "/var/crash")


def kill_group(pid: int) -> None:
    """Kill a process group, if the system has such groups."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def adopt_orphans() -> None:
    """Make this process the parent of all processes that its workers leave behind (Linux).

    So it can wait for their end.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_processes(user: int, strangers: bool = False) -> None:
    """End the user's processes.  Raises OSError if that fails.

    Once a worker has ended, all processes that it started are this process's descendants
    (adopt_orphans).  So if this process has no children, there is nothing to end, except
    `strangers`: processes that another server left.
    """
    if strangers or reap():
        end_all(user)


def remove_files(user: int) -> None:
    """Remove the user's files.  Raises OSError if that fails."""
    for path in list(files_of(user)):
        remove(path)
        if os.path.lexists(path):
            raise OSError(f"{path}, which user {user} left, can't be removed")


def end_everything() -> None:
    """End all other processes of a PID namespace whose first process this is.

    Raises OSError if that fails.
    """
    if reap():
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        wait_for_their_end("processes")


def end_all(user: int) -> None:
    """Kill all processes of the user's in one system call, and wait for their end.

    A helper process does so.  Its effective user is the worker's, so it may kill the worker's
    processes.  Its real and saved user are the guard's, so they can't kill it first.
    """
    helper = os.fork()
    if helper == 0:
        try:
            os.setgroups([])
            os.setresuid(user + GUARDS, user, user + GUARDS)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    wait_for_their_end(f"processes of user {user}")


def wait_for_their_end(processes: str) -> None:
    until = time.monotonic() + REAP_S
    while reap():
        if time.monotonic() > until:
            raise OSError(f"{processes} can't be ended")
        time.sleep(0.0005)


def reap() -> bool:
    """Collect children that have ended; whether others still run."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def processes_of(user: int) -> Iterator[Path]:
    """The user's processes, as folders of /proc."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if b"\nUid:\t%d\t" % user in (process / "status").read_bytes():
                yield process


def files_of(user: int) -> Iterator[str]:
    """The user's files and folders in the folders that all users may write to."""
    for place in open_folders():
        yield from files_in(place, user, deeper=True)


def open_folders() -> list[str]:
    """Where any user may leave files: the usual places, and the folder of temporary files.

    A server has a temporary folder of its own, within that folder.
    """
    return list(dict.fromkeys([*OPEN_FOLDERS, str(Path(tempfile.gettempdir()).parent), tempfile.gettempdir()]))


def files_in(place: str, user: int, deeper: bool = False) -> Iterator[str]:
    """The user's files and folders in one folder, and in root's open folders in it if `deeper`."""
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):  # it is gone, or a mounted folder that is closed even to root
            status = entry.stat(follow_symlinks=False)
            if status.st_uid == user:
                yield entry.path
            # only root's: another user might replace its own folder by a link meanwhile
            elif deeper and stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_IWOTH and status.st_uid == 0:
                yield from files_in(entry.path, user)


def remove(path: str | Path) -> None:
    """Remove a file, or a folder however deep, as far as possible.

    No process of its owner may run any more.
    """
    path = Path(path)
    if path.is_dir() and not path.is_symlink():
        with contextlib.suppress(RecursionError):
            shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
    if os.name == "posix" and os.path.lexists(path):  # deeper than Python can go
        subprocess.run(["rm", "-rf", "--", path], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
