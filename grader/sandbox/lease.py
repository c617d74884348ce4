"""A user for a run's workers that nobody else has, and the folder that this user may read."""

import os
import random
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import jail
from grader.sandbox.frames import SandboxError
from grader.sandbox.leftovers import GUARDS

USERS = range(60600, 60600 + GUARDS)  # nobody's: systemd and Debian leave 60578 to 61183 free
LOCKS = (Path("/run/grader-users"), Path("/var/lib/grader-users"))


@dataclass(frozen=True)
class Lease:
    """An unprivileged user that nobody else gets as long as the file `lock` is open.

    This process has it open, and the servers that inherit it.  Submissions are staged in `folder`:
    workers can read that, and nothing else of the kit or of other runs.
    """

    user: int
    lock: int
    folder: Path
    jailed: bool

    def seen(self, path: Path) -> Path:
        """Where workers see a path in the lease's folder."""
        return Path(jail.SHOWN) / path.relative_to(self.folder) if self.jailed else path

    def show(self, path: Path) -> None:
        """Let workers read a staged submission, and everything in it."""
        for entry in (path, *path.rglob("*")):
            entry.chmod(0o755 if entry.is_dir() else 0o644)

    def end(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def lease_user() -> Lease:
    """Lock a free user of USERS, and make the folder that it may read.

    Raises SandboxError if none is free, or if no folder for locks can be made.
    """
    folder = lock_folder()
    for user in filter(is_nobodys, random.sample(USERS, len(USERS))):
        lock = os.open(folder / str(user), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if try_to_lock(lock):
            return Lease(user, lock, folder_for(user), jail.is_possible())
        os.close(lock)
    raise SandboxError(f"All {len(USERS)} users for workers are in use ({folder}): run fewer graders at a time.")


def folder_for(user: int) -> Path:
    """A new folder that only this user and root can enter.  Those of killed runs are removed."""
    prefix = f"grader-shown-{user}-"
    for stale in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if stale.lstat().st_uid == 0:  # anybody may make a folder with this name
            shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    os.chown(folder, 0, user)
    folder.chmod(0o710)
    return folder


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other run of this machine's has its turn, and have it."""
    import fcntl

    descriptor = os.open(lock_folder() / "turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_nobodys(user: int) -> bool:
    """Whether no person has this user's number.

    A university that assigns numbers itself may have given it to a person.
    """
    import pwd

    try:
        return pwd.getpwuid(user).pw_name.startswith("grader-worker")  # Gradescope's container names them
    except KeyError:
        return True


def try_to_lock(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_folder() -> Path:
    for folder in LOCKS:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            continue
        status = folder.lstat()
        if stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022:
            return folder
    places = " and ".join(map(str, LOCKS))
    raise SandboxError(f"No folder for locks can be made ({places}): root must be able to write to one of them.")
