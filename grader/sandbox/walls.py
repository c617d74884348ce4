"""What keeps a worker apart from everything else: one class for each way to run."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.sandbox import hardening, jail, landlock, leftovers
from grader.sandbox.usage import Disk


class Walls(Protocol):
    """What keeps the workers of a server apart.  Only the server calls this, except `confine`."""

    user: int | None
    rules: int | None  # a file descriptor that `confine` needs

    def new_scratch(self) -> str:
        """A new, empty folder for a worker's files."""

    def confine(self) -> None:
        """In the worker: give up all rights.  Raises OSError for a step that the system refuses."""

    def is_flooded(self) -> bool:
        """Whether the worker has written more than it may."""

    def end_processes(self) -> None:
        """End all that a worker started.  Raises OSError if that fails."""

    def remove_files(self, scratch: str) -> None:
        """Remove all that a worker wrote.  Raises OSError if that fails."""


class Plain(Walls):
    """A laptop: a worker is a process of the user's own, limited in time and memory."""

    user, rules = None, None

    def new_scratch(self) -> str:
        return tempfile.mkdtemp(prefix="grader-")

    def confine(self) -> None:
        pass

    def is_flooded(self) -> bool:
        return False

    def end_processes(self) -> None:
        pass  # its process group has been killed

    def remove_files(self, scratch: str) -> None:
        leftovers.remove(scratch)


@dataclass
class Container(Walls):
    """A machine that allows root no namespaces: a user of its own, and Landlock if there is one.

    `rules` are Landlock's.
    """

    user: int
    rules: int | None = None
    numpy_alone: bool = False
    disk: Disk | None = field(default=None, init=False)

    def new_scratch(self) -> str:
        scratch = tempfile.mkdtemp(prefix="grader-")
        os.chown(scratch, self.user, self.user)
        self.disk = Disk(self.user, scratch)
        return scratch

    def confine(self) -> None:
        hardening.become(self.user, self.numpy_alone, self.rules)

    def is_flooded(self) -> bool:
        return self.disk is not None and self.disk.is_flooded()

    def end_processes(self) -> None:
        leftovers.end_processes(self.user)

    def remove_files(self, scratch: str) -> None:
        leftovers.remove_files(self.user)
        leftovers.remove(scratch)


@dataclass
class Jail(Walls):
    """A machine that allows root namespaces: nothing is there, and what is written goes at once."""

    user: int
    numpy_alone: bool = False
    rules: None = None

    def new_scratch(self) -> str:
        scratch = jail.fresh_room()
        os.chown(scratch, self.user, self.user)
        return scratch

    def confine(self) -> None:
        hardening.become(self.user, self.numpy_alone)

    def is_flooded(self) -> bool:
        return jail.is_room_full()

    def end_processes(self) -> None:
        leftovers.end_everything()

    def remove_files(self, scratch: str) -> None:
        jail.remove_room()


def container(user: int, shown: Path, numpy_alone: bool, view: jail.View) -> Container:
    """The walls in a container, after the end of what an earlier run of this user's left."""
    leftovers.adopt_orphans()
    leftovers.end_processes(user, strangers=True)
    leftovers.remove_files(user)
    writable = [Path(tempfile.gettempdir()), Path("/dev/shm")]
    return Container(user, landlock.ruleset(view, shown, writable), numpy_alone)
