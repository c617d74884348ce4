"""The reference's observations: asked live where the staff's folder is, read from tests/golden/ where it is not."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from grader.assignment import KIT, STAFF_EXERCISES
from grader.sandbox import wire
from grader.sandbox.client import Asker, Call, SandboxError

GOLDEN = KIT / "tests" / "golden" / "observations.bin"


def solution_file(exercise: str) -> Path:
    """Where the reference of an exercise is, on the staff's machines."""
    return STAFF_EXERCISES / exercise / "solution.py"


@cache
def read_solution(exercise: str) -> str:
    """The reference's text of an exercise."""
    return solution_file(exercise).read_text(encoding="utf-8")


def reference_files(exercises: Sequence[str]) -> dict[str, str]:
    """The reference as a submission: its text by exercise."""
    return {exercise: read_solution(exercise) for exercise in exercises}


class Reference(Protocol):
    """What the reference observes for a call; `key` names the check and the call within it."""

    def observe(self, key: str, call: Call) -> Any: ...


class LiveReference:
    """The solution, asked through the staff's own sandbox."""

    def __init__(self, sandbox: Asker, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder

    def observe(self, key: str, call: Call) -> Any:
        outcome = self.sandbox.ask(self.folder, call)
        if outcome.failure is not None:
            raise SandboxError(f"The reference can't answer {call.probe}: {outcome.failure}.")
        return outcome.observation


class RecordingReference(LiveReference):
    """A live reference that keeps what it observed."""

    def __init__(self, sandbox: Asker, folder: Path) -> None:
        super().__init__(sandbox, folder)
        self.observations: dict[str, Any] = {}

    def observe(self, key: str, call: Call) -> Any:
        self.observations[key] = super().observe(key, call)
        return self.observations[key]


class GoldenReference:
    """Recorded observations, for the fixed seed of a student's machine."""

    def __init__(self, observations: dict[str, Any]) -> None:
        self.observations = observations

    def observe(self, key: str, call: Call) -> Any:
        if key not in self.observations:
            raise SandboxError(f"{GOLDEN.name} has no observation for {key}: take tests/ from the handout again.")
        return self.observations[key]


@cache
def read_golden(path: Path = GOLDEN) -> dict[str, Any]:
    """What was recorded, read once: the reference's `observations` by key, and the known `mistakes` with their hints and answers."""
    try:
        content = wire.decode(path.read_bytes())
        return {name: content[name] for name in ("observations", "mistakes")}
    except (OSError, ValueError, KeyError) as error:
        raise SandboxError(f"{path} can't be read ({error}): take it from the handout again.") from None


def digest_of(paths: Iterable[Path]) -> str:
    """A hash of these files' names and texts: golden observations carry the one that they were recorded from."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(KIT).as_posix().encode() + b"\0" + path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()
