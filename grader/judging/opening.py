"""Open what a run asks through: a sandbox for the submission, and one for the staff's own code."""

import importlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import KIT, STAFF
from grader.judging.settings import Settings
from grader.sandbox import boundary
from grader.sandbox.client import Asker, InProcess, Sandbox, Sandboxes
from grader.sandbox.frames import Facts, Workers
from grader.sandbox.lease import Lease, lease_user, turn
from grader.sandbox.probe import lazy_modules


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
    """A run's folders: `submission` has the staged files, and workers can't enter `staff`."""

    submission: Path
    staff: Path


def lease_for(settings: Settings, cleanup: ExitStack) -> Lease | None:
    """The user for the run's workers, if they can have one of their own.

    A sandbox that serves several runs in turn has one already.
    """
    if settings.asks is not None:
        return settings.asks.lease if isinstance(settings.asks, Sandbox) else None
    is_graded = settings.live and not settings.recording and not settings.in_process
    if not is_graded or settings.workers is not Workers.FORKED or not boundary.can_harden():
        return None
    lease = lease_user()
    cleanup.callback(lease.end)
    if not lease.jailed:
        cleanup.enter_context(turn())  # without a jail, two submissions could see each other
    return lease


def open_sandboxes(
    settings: Settings,
    lease: Lease | None,
    folders: Folders,
    exercises: Iterable[str],
    tick: Callable[[float], None],
    cleanup: ExitStack,
) -> Opened:
    """Open the sandboxes that the settings ask for; `cleanup` closes them.

    Raises SandboxError if they can't be opened as safely as they should be.
    """
    if settings.in_process:
        here = InProcess()
        return Opened(here, here)
    if settings.asks is not None:
        opened = Opened(settings.asks, settings.staff_asks or settings.asks, lease)
    else:
        if lease is not None:
            keep_out(lease, folders, cleanup)  # before any worker's user exists
        pair = Sandbox.pair(settings.workers, lease, tick, probe_modules(exercises), settings.waiting)
        opened = closed_at_the_end(pair, cleanup, lease)
    if lease is not None and isinstance(opened.submission, Sandbox):
        lease.show(folders.submission)
        boundary.require_boundary(opened.submission, folders.submission, closed_to_workers(folders), kept_files())
    return opened


def keep_out(lease: Lease, folders: Folders, cleanup: ExitStack) -> None:
    """Keep the workers of a lease out of all that is the staff's."""
    if not lease.jailed:
        boundary.require_way(lease.folder)
    cleanup.enter_context(boundary.closed([*closed_to_workers(folders), *boundary.closed_packages()]))


def closed_to_workers(folders: Folders) -> list[Path]:
    """What workers can't enter: the staff's folders, and the history of the kit's files."""
    return [STAFF, *boundary.histories(KIT), folders.staff]


def closed_at_the_end(sandboxes: Sandboxes[Sandbox], cleanup: ExitStack, lease: Lease | None = None) -> Opened:
    for sandbox in sandboxes:
        cleanup.callback(sandbox.close)
    return Opened(sandboxes.submissions, sandboxes.staff, lease)


def walls_in_words(facts: Facts, lease: Lease) -> str:
    """Which walls keep the submission's workers apart, for a run's header."""
    if facts.jailed:
        limits = "one limit on memory and processes" if facts.limited else "limits for each process only"
        return f"jail: one worker process for each call, as user {lease.user}, with nothing else there, {limits}"
    files = "behind Landlock" if facts.landlocked else "behind the permissions of files"
    return f"container: one worker process for each call, as user {lease.user}, {files}, without network"


def kept_files() -> list[Path]:
    """The kit's folders and files that no worker may change."""
    packages = [path for path in (KIT / "grader").glob("*/") if path != STAFF and path.name != "__pycache__"]
    folders = [KIT, KIT / "tests", KIT / "data", KIT / "grader", *packages]
    folders += [folder for package in packages for folder in package.glob("*/") if folder.name != "__pycache__"]
    return [path for folder in folders for path in (folder, *folder.glob("*.py"))]


def probe_modules(exercises: Iterable[str]) -> list[str]:
    """The modules that these exercises' probes need. Servers import them once, for all workers.

    A worker can't read any other module of the kit.
    """
    names = ["grader.exercises.instruments", "grader.exercises.probes"]
    for exercise in exercises:
        if (KIT / "grader" / "exercises" / exercise / "probes.py").is_file():
            probes = importlib.import_module(f"grader.exercises.{exercise}.probes")
            names += [probes.__name__, *lazy_modules(probes)]
    return list(dict.fromkeys(names))
