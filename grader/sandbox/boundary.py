"""The boundary of a hardened run: a user that the submission's workers alone have, and folders that are closed to it, checked at the start."""

import os
import random
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.sandbox import common
from grader.sandbox.client import Call, Sandbox, SandboxError
from grader.sandbox.hardening import GUARDS
from grader.sandbox.launch import Lease

USERS = range(60600, 60600 + GUARDS)  # belong to no one: systemd and Debian leave 60578 to 61183 free
LOCKS = (Path("/run/grader-users"), Path("/var/lib/grader-users"))


def lease_user() -> Lease:
    """Lock a free user out of USERS.  Raises SandboxError where none is free, or no folder for locks can be made."""
    folder = lock_folder()
    for user in filter(is_nobodys, random.sample(USERS, len(USERS))):
        lock = os.open(folder / str(user), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if try_to_lock(lock):
            return Lease(user, lock)
        os.close(lock)
    raise SandboxError(f"All {len(USERS)} users for workers are in use ({folder}): fewer graders must run at a time.")


def is_nobodys(user: int) -> bool:
    """Whether no person has this user's number: where a university gives numbers out, one may."""
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


def can_harden() -> bool:
    """Whether workers can be shut in as another user: Linux, as root."""
    return sys.platform == "linux" and os.geteuid() == 0


def close(paths: Iterable[Path]) -> None:
    """Take other users' rights to these folders or files away, where they have any.  Raises SandboxError where that can't be done."""
    for path in paths:
        mode = stat.S_IMODE(path.stat().st_mode)
        try:
            if mode & 0o077:
                path.chmod(mode & ~0o077)
        except OSError as error:
            raise SandboxError(f"{path} can't be closed to other users ({error.strerror}): chmod go-rwx it.") from None


@contextmanager
def closed_for_now(paths: Iterable[Path]) -> Iterator[None]:
    """Close these folders or files to other users, where this user may, and open them again as they were."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()}
    opened = {path: mode for path, mode in modes.items() if mode & 0o077}
    try:
        close(opened)
        yield
    finally:
        for path, mode in opened.items():
            with suppress(OSError):  # it has been moved away
                path.chmod(mode)


def require_way(folder: Path) -> None:
    """Raise SandboxError unless every user may pass through all folders above this one."""
    for place in folder.resolve().parents:
        if not place.stat().st_mode & stat.S_IXOTH:
            raise SandboxError(
                f"Workers run as an unprivileged user, which can't enter {place}, where temporary files go: "
                "set TMPDIR to a folder that all users can enter, such as /tmp."
            )


def show(folder: Path) -> None:
    """Let every user read a folder and all in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def histories(folder: Path) -> Iterator[Path]:
    """The git folders in which a folder's files can be found, its own or those of the folders that it is in."""
    for place in (folder, *folder.parents):
        entry = place / ".git"
        if entry.is_dir():
            yield entry
        elif entry.is_file():  # of a work tree: it names a folder, which may name the repository's own in turn
            named = place / entry.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            common = named / "commondir"
            whole = named / common.read_text(encoding="utf-8").strip() if common.is_file() else named
            yield from (path.resolve() for path in {named, whole} if path.is_dir())


def require_boundary(sandbox: Sandbox, folder: Path, closed: Iterable[Path], kept: Iterable[Path] = ()) -> None:
    """Raise SandboxError, with a sentence, unless a worker in this sandbox can read what it needs and nothing of what is closed.

    Nor may it write to what is to be kept as it is, or to Python's environment.
    """
    paths = {"closed": [str(path) for path in closed], "kept": [str(path) for path in kept]}
    outcome = sandbox.ask(folder, Call(common.boundary.name, paths))
    if outcome.failure is not None:
        raise SandboxError(f"Workers can't run at all: {outcome.failure}.")
    found = outcome.observation
    if found["unreadable"]:
        raise SandboxError(
            f"Workers run as an unprivileged user, which can't read {found['unreadable'][0]}: use a Python and an environment in a "
            "folder that all users can read, such as /usr or /opt, not one in root's home (make clean; make PYTHON=/usr/bin/python3)."
        )
    if found["open"]:
        raise SandboxError(
            f"Workers can read {found['open'][0]}, which must be closed to them: chmod go-rwx it.  (Where chmod does nothing, as on "
            "some mounted folders: copy the kit to a file system of Linux's own, or grade as another user than root.)"
        )
    if found["writable"]:
        raise SandboxError(
            f"Workers can write to {found['writable'][0]}, which the next run relies on: chmod -R go-w it."
        )
