"""Open what a run asks through: a sandbox for the submission, and one for the staff's own code."""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import KIT, STAFF
from grader.judging.settings import Settings
from grader.sandbox import boundary
from grader.sandbox.client import Asker, InProcess, Sandbox, Sandboxes
from grader.sandbox.frames import Workers
from grader.sandbox.launch import Lease


@dataclass(frozen=True)
class Opened:
    """The sandboxes of the submission and of the staff, and the user of the submission's workers.

    `lease` is None if the workers have no user of their own.
    """

    submission: Asker
    staff: Asker
    lease: Lease | None = None


@dataclass(frozen=True)
class Folders:
    """The folders of a run.

    `run` holds `submission`, the staged files, and `staff`, which workers can't enter.
    """

    run: Path
    submission: Path
    staff: Path


def open_sandboxes(
    settings: Settings,
    folders: Folders,
    exercises: Iterable[str],
    tick: Callable[[float], None],
    cleanup: ExitStack,
) -> Opened:
    """Open the sandboxes that the settings ask for; `cleanup` closes them.

    Raises SandboxError if they can't be opened as safely as they should be.
    """
    if settings.asks is not None:
        return use_given(settings.asks, settings.staff_asks or settings.asks, folders)
    if settings.in_process:
        here = InProcess()
        return Opened(here, here)
    preload = probe_modules(exercises)
    if settings.live and not settings.recording and settings.workers is Workers.FORKED and boundary.can_harden():
        return open_hardened(folders, preload, tick, cleanup)
    return closed_at_the_end(Sandbox.pair(settings.workers, tick=tick, preload=preload), cleanup)


def use_given(asks: Asker, staff_asks: Asker, folders: Folders) -> Opened:
    """Use sandboxes that serve several runs in turn as if they were this run's own."""
    lease = asks.lease if isinstance(asks, Sandbox) else None
    if isinstance(asks, Sandbox) and lease is not None:
        closed = close_to_workers(folders)
        let_in(lease, folders)
        boundary.require_boundary(asks, folders.submission, closed, kept_files())
    return Opened(asks, staff_asks, lease)


def open_hardened(folders: Folders, preload: list[str], tick: Callable[[float], None], cleanup: ExitStack) -> Opened:
    """Open a sandbox whose workers can't read anything of the staff's.

    The order matters: what must be closed is closed before any worker's user exists, and the
    boundary is tried from inside before the first call.
    """
    closed = close_to_workers(folders)
    lease = boundary.lease_user()
    cleanup.callback(lease.end)
    let_in(lease, folders)
    opened = closed_at_the_end(Sandbox.pair(Workers.FORKED, lease, tick, preload), cleanup, lease)
    assert isinstance(opened.submission, Sandbox)
    boundary.require_boundary(opened.submission, folders.submission, closed, kept_files())
    return opened


def close_to_workers(folders: Folders) -> list[Path]:
    """Close all that is the staff's to other users; the folders that are closed."""
    closed = [STAFF, *boundary.histories(KIT), folders.staff]
    boundary.require_way(folders.run)
    boundary.close(closed)
    return closed


def closed_at_the_end(sandboxes: Sandboxes[Sandbox], cleanup: ExitStack, lease: Lease | None = None) -> Opened:
    for sandbox in sandboxes:
        cleanup.callback(sandbox.close)
    return Opened(sandboxes.submissions, sandboxes.staff, lease)


def kept_files() -> list[Path]:
    """The kit's folders and files that no worker may change."""
    packages = [path for path in (KIT / "grader").glob("*/") if path != STAFF and path.name != "__pycache__"]
    folders = [KIT, KIT / "tests", KIT / "data", KIT / "grader", *packages]
    folders += [folder for package in packages for folder in package.glob("*/") if folder.name != "__pycache__"]
    return [path for folder in folders for path in (folder, *folder.glob("*.py"))]


def let_in(lease: Lease, folders: Folders) -> None:
    """Let the leased user read the staged submission; no other user, such as another grader's, may.

    First remove what a killed run left open to this user.
    """
    for stale in folders.run.parent.glob("grader-run-*"):
        with suppress(FileNotFoundError):  # another run has just ended
            if stale.stat().st_gid == lease.user:
                shutil.rmtree(stale, ignore_errors=True)
    boundary.show(folders.submission)
    os.chown(folders.run, 0, lease.user)
    folders.run.chmod(0o710)


def probe_modules(exercises: Iterable[str]) -> list[str]:
    """The modules that these exercises' probes need. Servers import them once, for all workers."""
    shared = ["grader.exercises.instruments", "grader.exercises.probes"]
    folders = [KIT / "grader" / "exercises" / exercise for exercise in exercises]
    own = [folder / f"{name}.py" for folder in folders for name in ("probes", "instruments")]
    return shared + [f"grader.exercises.{file.parent.name}.{file.stem}" for file in own if file.is_file()]
