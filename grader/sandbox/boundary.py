"""The boundary of a hardened run: a user for a submission's workers, and what is closed to it.

The run checks the boundary at its start, from inside a worker.
"""

import os
import random
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.sandbox import common
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.launch import Lease
from grader.sandbox.leftovers import GUARDS
from grader.sandbox.outcome import interpret_each

USERS = range(60600, 60600 + GUARDS)  # nobody's: systemd and Debian leave 60578 to 61183 free
LOCKS = (Path("/run/grader-users"), Path("/var/lib/grader-users"))


def lease_user() -> Lease:
    """Lock a free user of USERS.

    Raises SandboxError if none is free, or if no folder for locks can be made.
    """
    folder = lock_folder()
    for user in filter(is_nobodys, random.sample(USERS, len(USERS))):
        lock = os.open(folder / str(user), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if try_to_lock(lock):
            return Lease(user, lock)
        os.close(lock)
    raise SandboxError(f"All {len(USERS)} users for workers are in use ({folder}): run fewer graders at a time.")


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


def can_harden() -> bool:
    """Whether workers can be sandboxed as another user: only root on Linux can do that."""
    return sys.platform == "linux" and os.geteuid() == 0


def close(paths: Iterable[Path]) -> None:
    """Take away other users' rights to these paths.  Raises SandboxError if that fails."""
    for path in paths:
        mode = stat.S_IMODE(path.stat().st_mode)
        try:
            if mode & 0o077:
                path.chmod(mode & ~0o077)
        except OSError as error:
            raise SandboxError(f"{path} can't be closed to other users ({error.strerror}): chmod go-rwx it.") from None


@contextmanager
def closed_for_now(paths: Iterable[Path]) -> Iterator[None]:
    """Close these folders or files to other users, and restore their permissions at the end."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()}
    opened = {path: mode for path, mode in modes.items() if mode & 0o077}
    try:
        close(opened)
        yield
    finally:
        for path, mode in opened.items():
            with suppress(OSError):  # it has been moved
                path.chmod(mode)


def require_way(folder: Path) -> None:
    """Raise SandboxError unless all users may pass through every folder above this one."""
    for place in folder.resolve().parents:
        if not place.stat().st_mode & stat.S_IXOTH:
            raise SandboxError(
                f"Workers run as an unprivileged user, who can't enter {place}, the folder of temporary files: "
                "set TMPDIR to a folder that all users can enter, such as /tmp."
            )


def show(folder: Path) -> None:
    """Let every user read a folder and everything in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def histories(folder: Path) -> Iterator[Path]:
    """The git folders that may hold a folder's files: its own and those of the folders above it."""
    for place in (folder, *folder.parents):
        entry = place / ".git"
        if entry.is_dir():
            yield entry
        elif entry.is_file():  # of a work tree: it names its folder, which may name the repository's own
            own = place / entry.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            link = own / "commondir"
            repository = own / link.read_text(encoding="utf-8").strip() if link.is_file() else own
            yield from (path.resolve() for path in {own, repository} if path.is_dir())


def require_boundary(sandbox: Sandbox, folder: Path, closed: Iterable[Path], kept: Iterable[Path] = ()) -> None:
    """Raise SandboxError unless a worker here can read what it needs, and nothing that is `closed`.

    Nor may it write to what must be `kept` as it is, or to Python's environment.
    """
    reached = reached_by_worker(sandbox, folder, closed, kept)
    if reached["unreadable"]:
        raise SandboxError(
            f"Workers run as an unprivileged user, who can't read {reached['unreadable'][0]}: use a Python and an "
            "environment in a folder that all users can read, such as /usr or /opt, not one in root's home "
            "(make clean; make PYTHON=/usr/bin/python3)."
        )
    if reached["open"]:
        raise SandboxError(
            f"Workers can read {reached['open'][0]}, which must be closed to them: chmod go-rwx it.  (If chmod has no "
            "effect, as on some mounted folders: copy the kit to a file system of Linux's own, or grade as another user "
            "than root.)"
        )
    if reached["writable"]:
        raise SandboxError(
            f"Workers can write to {reached['writable'][0]}, which the next run relies on: chmod -R go-w it."
        )


def reached_by_worker(
    sandbox: Sandbox, folder: Path, closed: Iterable[Path], kept: Iterable[Path]
) -> dict[str, list[str]]:
    """What common.boundary answers in this sandbox.

    It is a staff function, but only a worker that could run a submission can answer it.
    """
    call = Call(common.boundary.name, {"closed": [str(path) for path in closed], "kept": [str(path) for path in kept]})
    report, payload = sandbox.exchange([folder], call)
    outcome = interpret_each(report, payload, 1, call.limits())[0]
    if outcome.failure is not None:
        raise SandboxError(f"Workers can't run at all: {outcome.failure}.")
    return dict(outcome.observation)
