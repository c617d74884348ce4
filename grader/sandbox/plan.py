"""What a new server process is to do: the trusted side's plan, as the process's one argument."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, Self

from grader.sandbox.frames import Workers


class Pipes(NamedTuple):
    """A server's ends of its pipes, as file descriptors.

    `control` never carries anything: when its other end is closed, the server is killed.  A server
    without it has no guard.
    """

    requests: int
    replies: int
    control: int | None = None

    @property
    def descriptors(self) -> list[int]:
        return [descriptor for descriptor in self if descriptor is not None]


@dataclass(frozen=True)
class Plan:
    """What a new server process is to do.

    Attributes:
        workers: how it runs a submission's code.
        preload: modules that it imports, so that workers need not.
        user: whom the submissions' workers become; None if they stay who they are.
        shown: the folder of staged submissions, of which workers may read everything.
        jailed: whether the submissions' server moves into a jail.
        numpy_alone: whether it never imports torch, and its workers can't.
        pipes: those of the server, if it has a guard; else standard input and output are.
        divides: whether the server with these pipes is a copy of this process, which then serves
            the staff with its own.
    """

    workers: Workers
    preload: tuple[str, ...] = ()
    user: int | None = None
    shown: str = ""
    jailed: bool = False
    numpy_alone: bool = False
    pipes: Pipes | None = None
    divides: bool = False

    def as_argument(self) -> str:
        return json.dumps(asdict(self) | {"workers": self.workers.value})

    @classmethod
    def read(cls, argument: str) -> Self:
        fields: dict[str, Any] = json.loads(argument)
        pipes = Pipes(*fields["pipes"]) if fields["pipes"] else None
        given = fields | {"workers": Workers(fields["workers"]), "preload": tuple(fields["preload"]), "pipes": pipes}
        return cls(**given)

    def for_staff(self) -> Self:
        """The plan of a server whose workers run the staff's own code."""
        return replace(self, user=None, shown="", jailed=False, pipes=None)
