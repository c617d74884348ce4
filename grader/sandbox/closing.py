"""Closes folders to other users during a run, on a machine with neither jails nor Landlock.

Several runs may close the same folder at the same time.  The first one notes the folder and its
permissions in a file of the lock folder, and the last one restores them.  If that one was killed,
the next run of any kind does.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from grader.sandbox.frames import SandboxError
from grader.sandbox.lease import lock_folder

OTHERS = 0o077
LONGEST_NOTE = 10_000  # bytes: the permissions, a space, and the path


@contextmanager
def closed(paths: Iterable[Path]) -> Iterator[None]:
    """Close these folders or files to other users until the last run that closed them has ended.

    Raises SandboxError if that fails.
    """
    with ExitStack() as stack:
        for path in paths:
            if path.exists():
                stack.enter_context(closed_path(path.resolve()))
        yield


@contextmanager
def closed_path(path: Path) -> Iterator[None]:
    name = f"closed-{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}"
    with ExitStack() as cleanup:
        with alone():
            note = lock_file(name)
            cleanup.callback(os.close, note)
            fcntl.flock(note, fcntl.LOCK_SH)  # every run that needs the path closed holds this
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & OTHERS:  # nobody has closed it
                write(note, f"{mode:o} {path}")
                close(path, mode)
        try:
            yield
        finally:
            with alone():
                restore_if_last(name, note)


def restore_left() -> None:
    """Restore what runs that were killed have left closed."""
    with alone():
        for place in lock_folder().glob("closed-*"):
            note = lock_file(place.name)
            restore_if_last(place.name, note)
            os.close(note)


def lock_file(name: str) -> int:
    return os.open(lock_folder() / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


@contextmanager
def alone() -> Iterator[None]:
    """Let no other run close or open anything meanwhile."""
    lock = lock_file("closing")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def close(path: Path, mode: int) -> None:
    try:
        path.chmod(mode & ~OTHERS)
    except OSError as error:
        raise SandboxError(f"{path} can't be closed to other users ({error.strerror}): chmod go-rwx it.") from None


def restore_if_last(name: str, note: int) -> None:
    """Restore the permissions that a note holds, unless another run still needs the path closed.

    The note is removed: one process at a time opens and locks notes, so nobody waits for it.
    """
    with suppress(BlockingIOError):
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mode, _, path = os.fsdecode(os.pread(note, LONGEST_NOTE, 0)).partition(" ")
        if path:
            with suppress(OSError):  # it has been moved
                Path(path).chmod(int(mode, 8))
        (lock_folder() / name).unlink()


def write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, os.fsencode(text), 0)
