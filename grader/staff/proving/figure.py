"""What a benchmark measures: a value and its limit."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.assignment import GraderError

Seconds = float


@dataclass(frozen=True)
class Figure:
    """A measured value and its limit: the most that it may be, or the least."""

    name: str
    value: float
    limit: float
    unit: str
    is_least: bool = False

    @property
    def ok(self) -> bool:
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    def __str__(self) -> str:
        verdict = f"(at {'least' if self.is_least else 'most'} {self.limit:g}: {'ok' if self.ok else 'MISSED'})"
        return f"{self.name:<52} {self.value:>8.2f} {self.unit:<2} {verdict}"


def expect_status(status: int, process: "subprocess.CompletedProcess[Any]") -> None:
    if process.returncode != status:
        raise GraderError(
            f"{process.args} ended with status {process.returncode}, not {status}: run it by hand to see why."
        )


def timed(action: Callable[[], object]) -> Seconds:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
