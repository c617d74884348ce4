"""What the trusted side and a server tell each other, in arguments and in frames' headers."""

import os
import sys
from dataclasses import asdict, dataclass
from enum import Enum, StrEnum
from typing import Any, Self

from grader.assignment import GraderError
from grader.sandbox.wire import MAX_BYTES, MAX_TEXT, WireError


class SandboxError(GraderError):
    """The sandbox itself failed: the grader's error, never the submission's."""


class Workers(Enum):
    """How a server runs submissions' code."""

    FORKED = "fork"  # in a worker process for each call
    PERSISTENT = "persistent"  # in the server itself, which is started again after a crash or a time-out


# macOS has fork, but its frameworks do not survive it.
USUAL_WORKERS = Workers.FORKED if hasattr(os, "fork") and sys.platform != "darwin" else Workers.PERSISTENT


class Stop(StrEnum):
    """Why a server ended a worker before the worker had answered."""

    TIME = "time"  # time by the clock
    CPU_TIME = "cpu_time"  # of all its processes together
    ANSWER = "answer"  # an answer longer than a message may be
    DISK = "disk"
    UNPROTECTED = "unprotected"  # the worker could not give up its rights, so it ran nothing


@dataclass(frozen=True)
class Limits:
    """What a worker may use for one call: CPU time, time by the clock, and address space.

    `answer_bytes` is how long its answer may be.
    """

    cpu_s: float
    wall_s: float
    memory_bytes: int
    answer_bytes: int = MAX_BYTES

    @property
    def text_bytes(self) -> int:
        """How much of an answer may be anything else than arrays."""
        return min(MAX_TEXT, self.answer_bytes // 64)

    def as_header(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, header: dict[str, Any]) -> Self:
        """The limits in a frame's header.  Raises WireError for a header without them."""
        match header:
            case {
                "cpu_s": int() | float() as cpu_s,
                "wall_s": int() | float() as wall_s,
                "memory_bytes": int(memory),
                "answer_bytes": int(answer),
            }:
                return cls(cpu_s, wall_s, memory, answer)
        raise WireError("a call's header has no limits")


@dataclass(frozen=True)
class ServerReport:
    """How a worker ended.

    `exit` is its exit status, -N after signal N.  `output` is the start of what it printed.
    `samples` are the last samples of its stack, if it was ended: see samples.py.
    """

    exit: int = 0
    stopped_for: Stop | None = None
    cpu_s: float = 0.0
    output: str = ""
    samples: str = ""

    def as_header(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, header: dict[str, Any]) -> Self:
        """The report in a frame's header.  Raises WireError for a header without one."""
        match header:
            case {
                "exit": int(status),
                "stopped_for": stop,
                "cpu_s": int() | float() as cpu_s,
                "output": str(output),
                "samples": str(samples),
            } if stop is None or stop in [*Stop]:
                return cls(status, Stop(stop) if stop else None, cpu_s, output, samples)
        raise WireError("a reply's header has no report")


@dataclass(frozen=True)
class Facts:
    """What a server says of itself when it is ready.

    `jailed`: whether it is in a jail.  `limited`: whether a control group limits the memory and the
    processes of the whole run.  `landlocked`: whether Landlock is the wall around files.
    """

    jailed: bool = False
    limited: bool = False
    landlocked: bool = False

    @classmethod
    def read(cls, header: dict[str, Any]) -> Self:
        return cls(*(header.get(name) is True for name in ("jailed", "limited", "landlocked")))
