"""What a running worker uses and no limit of the kernel's counts.

That is disk space, and the CPU time of all the worker's processes together.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.leftovers import files_of, open_folders, processes_of

BLOCK = 512  # bytes: the unit of st_blocks


@dataclass(frozen=True)
class Usage:
    """Bytes and files on disk."""

    size: int = 0
    files: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.size + other.size, self.files + other.files)

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.size - other.size, self.files - other.files)

    def exceeds(self, limit: "Usage") -> bool:
        return self.size > limit.size or self.files > limit.files


LIMIT = Usage(512 * 2**20, 20_000)  # of one worker


class Disk:
    """Watches what is written to disk while a worker runs.

    The free space quickly shows whether to look closer.
    """

    def __init__(self, user: int, scratch: str) -> None:
        self.user, self.scratch = user, scratch
        self.free_before = self.free()

    def free(self) -> dict[str, Usage]:
        """What is free on each file system that the user can write to."""
        free = {}
        for place in (self.scratch, *open_folders()):
            with contextlib.suppress(OSError):
                status = os.statvfs(place)
                free[place] = Usage(status.f_bavail * status.f_frsize, status.f_favail)
        return free

    def is_flooded(self) -> bool:
        """Whether the user has written more than LIMIT."""
        free = self.free()
        taken = [self.free_before[place] - free[place] for place in free.keys() & self.free_before.keys()]
        return any(usage.exceeds(LIMIT) for usage in taken) and self.is_over_limit()

    def is_over_limit(self) -> bool:
        """Whether the user's own files exceed LIMIT: other processes take free space too."""
        written = Usage(unlinked(self.user))
        for place in (self.scratch, *files_of(self.user)):
            try:
                written += usage_of(place)
            except RecursionError:
                return True  # deeper than honest folders are
        return written.exceeds(LIMIT)


def usage_of(path: str) -> Usage:
    """What a file, or all in a folder, takes on disk."""
    total = Usage()
    for root, folders, files in os.walk(path):
        for name in (*folders, *files, "."):
            with contextlib.suppress(OSError):
                total += Usage(BLOCK * Path(root, name).lstat().st_blocks, 1)
    if not total.files:
        with contextlib.suppress(OSError):
            return Usage(BLOCK * Path(path).lstat().st_blocks, 1)
    return total


def unlinked(user: int) -> int:
    """Bytes of the files without a name that the user's processes hold open."""
    size = 0
    for process in processes_of(user):
        with contextlib.suppress(OSError):
            files = [file.stat() for file in (process / "fd").iterdir()]
            size += sum(BLOCK * status.st_blocks for status in files if status.st_nlink == 0)
    return size


def cpu_seconds(user: int) -> float:
    """CPU seconds of the processes that the user has now, and of those that they waited for."""
    ticks = 0
    for process in processes_of(user):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, (process / "stat").read_bytes().rpartition(b")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
