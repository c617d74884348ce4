"""What shuts a worker in: limits for everyone and, on Linux as root, an unprivileged user of its own; and what clears up after it.

Hardened, a server's workers run as a user that nobody else has (see boundary.py).  All that such a user can leave behind are processes and
files, and both are found by their owner.
"""

import contextlib
import ctypes
import math
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox import seccomp

MAX_OUTPUT = 64 * 1024  # bytes kept of what a worker printed
MAX_FILE = 64 * 2**20  # bytes
MAX_PROCESSES, MAX_DESCRIPTORS = 64, 256
MAX_WRITTEN, MAX_FILES = 512 * 2**20, 20_000  # bytes and files on disk, of one worker
GUARDS = 128  # a user's guard is the user this far above it
PR_SET_CHILD_SUBREAPER = 36
REAP_S = 10.0  # to wait for processes that have been killed
OPEN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/var/lock", "/var/crash")


def set_limits(cpu_s: float, memory_bytes: int) -> None:
    """Resource limits of a worker; the processes limit does not bind root, the others do."""
    import resource

    seconds = max(1, math.ceil(cpu_s))
    set_limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    set_limit(resource.RLIMIT_FSIZE, MAX_FILE, MAX_FILE)
    set_limit(resource.RLIMIT_NPROC, MAX_PROCESSES, MAX_PROCESSES)
    set_limit(resource.RLIMIT_NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS)
    set_limit(resource.RLIMIT_CORE, 0, 0)
    limit_memory(memory_bytes)


def limit_memory(memory_bytes: int) -> None:
    """Limit this process's address space, where the system can."""
    try:
        import resource
    except ImportError:
        return  # Windows
    set_limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)


def set_limit(name: int, soft: int, hard: int) -> None:
    """Set a resource limit, as far as the one in force allows."""
    import resource

    most = resource.getrlimit(name)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    if sys.platform == "linux":
        resource.setrlimit(name, (soft, hard))
        return
    with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
        resource.setrlimit(name, (soft, hard))


def become(user: int) -> None:
    """Turn this process of root's into the user's, for good: the first to go when memory runs out, no groups, privileges or network.

    Raises OSError for a step that the system refuses.
    """
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123  quicker than Path, in every worker
        score.write("1000")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    seccomp.lock()


def adopt_orphans() -> None:
    """Make this process the parent of all that its workers start and leave behind, so that it can wait for their end (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def clear_up(user: int, strangers: bool = False) -> None:
    """End every process of the user's and remove every file of its.  Raises OSError where that can't be done.

    What a worker started is, once the worker has ended, this process's child or a child's child (adopt_orphans): without children there is
    nothing to end, but for `strangers`, which did not come from this process.
    """
    if strangers or reap():
        end_all(user)
    for path in list(files_of(user)):
        remove(path)
        if os.path.lexists(path):
            raise OSError(f"{path}, which user {user} left, can't be removed")


def end_all(user: int) -> None:
    """Kill all that the user runs, at one stroke, and wait for it.

    The process that does so has the user as its effective user, which lets it kill just these, and its guard as the others, which keeps these
    from killing it first.
    """
    helper = os.fork()
    if helper == 0:
        try:
            os.setgroups([])
            os.setresuid(user + GUARDS, user, user + GUARDS)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    until = time.monotonic() + REAP_S
    while reap():
        if time.monotonic() > until:
            raise OSError(f"processes of user {user} can't be ended")
        time.sleep(0.0005)


def reap() -> bool:
    """Take note of children that have ended; whether others are still to end."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


def files_of(user: int) -> Iterator[str]:
    """The user's files and folders in the folders that are open to all, and in root's folders open to all within those."""
    for place in open_folders():
        yield from files_in(place, user, deeper=True)


def open_folders() -> list[str]:
    """Where any user may leave files: the usual places, and where temporary files go (in a server, the folder above its own)."""
    return list(dict.fromkeys([*OPEN_FOLDERS, str(Path(tempfile.gettempdir()).parent), tempfile.gettempdir()]))


def files_in(place: str, user: int, deeper: bool = False) -> Iterator[str]:
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):  # it is gone, or a mounted folder that is closed even to root
            status = entry.stat(follow_symlinks=False)
            if status.st_uid == user:
                yield entry.path
            # another user might put a link in the folder's place while this goes on
            elif deeper and stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_IWOTH and status.st_uid == 0:
                yield from files_in(entry.path, user)


def remove(path: str | Path) -> None:
    """Remove a file, or a folder however deep; nothing of the user's may run any more."""
    path = Path(path)
    if path.is_dir() and not path.is_symlink():
        with contextlib.suppress(RecursionError):
            shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
    if os.path.lexists(path):  # deeper than Python can go, or marked as not to be removed
        subprocess.run(["rm", "-rf", "--", path], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def processes_of(user: int) -> Iterator[Path]:
    """The user's processes, as folders of /proc."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if b"\nUid:\t%d\t" % user in (process / "status").read_bytes():
                yield process


def cpu_seconds(user: int) -> float:
    """Seconds of computing by the processes that the user has now, and by those that they waited for."""
    ticks = 0
    for process in processes_of(user):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, (process / "stat").read_bytes().rpartition(b")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Disk:
    """What is written to disk while a worker runs: the free space tells quickly whether to look closer."""

    def __init__(self, user: int, scratch: str) -> None:
        self.user, self.scratch = user, scratch
        self.free_before = self.free()

    def free(self) -> dict[str, tuple[int, int]]:
        """Free bytes and files of each file system that the user can write to."""
        free = {}
        for place in (self.scratch, *open_folders()):
            with contextlib.suppress(OSError):
                status = os.statvfs(place)
                free[place] = status.f_bavail * status.f_frsize, status.f_favail
        return free

    def is_flooded(self) -> bool:
        """Whether the user has written more than it may."""
        free = self.free().items()
        taken = [(a - b, c - d) for place, (b, d) in free for a, c in [self.free_before.get(place, (b, d))]]
        if all(size < MAX_WRITTEN and count < MAX_FILES for size, count in taken):
            return False
        written = files = 0
        for place in (self.scratch, *files_of(self.user)):
            try:
                size, count = extent(place)
            except RecursionError:
                return True  # deeper than honest folders are
            written, files = written + size, files + count
        return written + unlinked(self.user) > MAX_WRITTEN or files > MAX_FILES


def extent(path: str) -> tuple[int, int]:
    """Bytes on disk of a file or of all in a folder, and how many files and folders."""
    size = count = 0
    for root, folders, files in os.walk(path):
        for name in (*folders, *files, "."):
            with contextlib.suppress(OSError):
                size += 512 * Path(root, name).lstat().st_blocks
                count += 1
    if not count:
        with contextlib.suppress(OSError):
            return 512 * Path(path).lstat().st_blocks, 1
    return size, count


def unlinked(user: int) -> int:
    """Bytes of the files without a name that the user's processes hold open."""
    size = 0
    for process in processes_of(user):
        with contextlib.suppress(OSError):
            held = [file.stat() for file in (process / "fd").iterdir()]
            size += sum(512 * status.st_blocks for status in held if status.st_nlink == 0)
    return size
