"""The boundary of a graded run as root: what is closed to a submission's workers.

The run checks the boundary at its start, from inside a worker.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from grader.sandbox import common, jail, landlock, packages
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.outcome import interpret_each


def can_harden() -> bool:
    """Whether workers can be sandboxed as another user: only root on Linux can do that."""
    return sys.platform == "linux" and os.geteuid() == 0


def has_walls_around_files() -> bool:
    """Whether workers can open only what they need, whatever the permissions of other files say."""
    return jail.is_possible() or landlock.version() > 0


def closed(paths: Iterable[Path]) -> AbstractContextManager[None]:
    """Keep workers out of these folders or files, and restore their permissions at the end.

    Nothing is closed if there are walls around files.  What a run that was killed has left closed
    is restored first.  Raises SandboxError if it fails.
    """
    if not can_harden():
        return nullcontext()
    from grader.sandbox import closing

    closing.restore_left()
    return nullcontext() if has_walls_around_files() else closing.closed(paths)


def closed_packages() -> list[Path]:
    """The places of the installed packages that workers must not see, in a virtual environment.

    Packages outside of one belong to the whole machine.
    """
    return [] if sys.prefix == sys.base_prefix else packages.places_of(packages.other_modules())


def require_way(folder: Path) -> None:
    """Raise SandboxError unless all users may pass through every folder above this one."""
    for place in folder.resolve().parents:
        if not place.stat().st_mode & stat.S_IXOTH:
            raise SandboxError(
                f"Workers run as an unprivileged user, who can't enter {place}, the folder of temporary files: "
                "set TMPDIR to a folder that all users can enter, such as /tmp."
            )


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
        raise SandboxError(
            f"Workers can't run at all: {outcome.failure}.  They run as an unprivileged user: use a Python and an "
            "environment in a folder that all users can read, such as /usr or /opt."
        )
    return dict(outcome.observation)
