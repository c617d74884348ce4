"""A call: one question for a staged submission, and what it may use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.sandbox import wire
from grader.sandbox.frames import Limits
from grader.sandbox.probe import PROBES, targets_of

MEMORY_BYTES = 4 * 2**30  # of address space; CPU torch needs 0.6 GB, training 0.95 GB
WALL_FACTOR = 4  # a call may take this many times its CPU budget by the clock: machines are shared


@dataclass(frozen=True)
class Call:
    """One question: a probe's name and its arguments (plain data), for a worker with this seed.

    `cpu_s` is its budget in CPU seconds, `threads` the number of torch's threads. `wall_s` is its
    limit by the clock (default: WALL_FACTOR times its budget), and `answer_bytes` that of its
    answer.
    """

    probe: str
    arguments: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    cpu_s: float = 10.0
    threads: int = 1
    wall_s: float | None = None
    answer_bytes: int = wire.MAX_BYTES

    def limits(self, n_folders: int = 1) -> Limits:
        """What a worker may use that answers this call for `n_folders` submissions."""
        cpu_s = self.cpu_s * n_folders
        wall_s = cpu_s * WALL_FACTOR if self.wall_s is None else self.wall_s
        return Limits(cpu_s, wall_s, MEMORY_BYTES, self.answer_bytes)

    def request(self, folders: Sequence[Path]) -> dict[str, Any]:
        """What a worker must know of this call to the submissions staged in `folders`."""
        probe = PROBES[self.probe]
        return {
            "folders": [str(folder) for folder in folders],
            "probe": probe.name,
            "module": probe.module,
            "source": probe.source,
            "arguments": self.arguments,
            "seed": self.seed,
            "threads": self.threads,
            "targets": {exercise: targets_of(exercise) for exercise in probe.files(self.arguments)},
        }
