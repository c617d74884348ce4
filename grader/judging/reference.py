"""The reference's observations, and how they are recorded for students' machines.

Where grader/staff/ is, the reference is asked itself. Elsewhere tests/golden/ has its answers.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from grader.assignment import KIT, STAFF_EXERCISES
from grader.intake.files import Files, exercise_file
from grader.sandbox import wire
from grader.sandbox.call import Call
from grader.sandbox.client import Asker, SandboxError

GOLDEN = KIT / "tests" / "golden"  # a file for each exercise


def solution_file(exercise: str) -> Path:
    """Where the reference of an exercise is, on the staff's machines."""
    return STAFF_EXERCISES / exercise / "solution.py"


@cache
def read_solution(exercise: str) -> str:
    """The reference's text of an exercise."""
    return solution_file(exercise).read_text(encoding="utf-8")


def reference_files(exercises: Iterable[str]) -> Files:
    """The reference as a submission."""
    return {exercise_file(exercise): read_solution(exercise).encode() for exercise in exercises}


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
            raise SandboxError(f"tests/golden/ has no observation for {key}: take tests/ from the handout again.")
        return self.observations[key]


@dataclass(frozen=True)
class Golden:
    """What was recorded for students' machines.

    Args:
        observations: the reference's, by key.
        references: the facets of the reference's other answers, by key: lists of (path,
            fingerprint).
        mistakes: the known ones, by name.  Each is a dict: the `exercise` that has it, its `hint`,
            the numbers of the checks that it is known to fail (`caught_by`), the names of those
            that can't be combined with it (`overlaps`), whether it was also recorded in pairs
            (`in_pairs`), and its `answers`, by key.  An answer is a
            dict with the fingerprints of the facets that differ from the reference's, by number, or
            with the exception as "raised".
        pairs: the same answers of two mistakes at once, by their names joined by " + ", as far as
            they are not those of one of the two; None stands for the reference's value.
    """

    observations: dict[str, Any] = field(default_factory=dict)
    references: dict[str, list[Any]] = field(default_factory=dict)
    mistakes: dict[str, dict[str, Any]] = field(default_factory=dict)
    pairs: dict[str, dict[str, Any]] = field(default_factory=dict)


def golden_file(exercise: str) -> Path:
    """The file with the recorded answers to an exercise's visible checks."""
    return GOLDEN / f"{exercise}.bin"


@cache
def read_golden(exercises: tuple[str, ...] | None = None) -> Golden:
    """What was recorded for the checks of these exercises, or of all that have a recording.

    Raises SandboxError for a file that is missing or can't be read.
    """
    recorded = [path.stem for path in GOLDEN.glob("*.bin")] if exercises is None else exercises
    contents = {exercise: read_recording(golden_file(exercise)) for exercise in sorted(recorded)}
    golden = Golden()
    for exercise, content in contents.items():
        golden.observations.update(content.observations)
        golden.references.update(content.references)
        golden.pairs.update(content.pairs)
        for name, entry in content.mistakes.items():
            if entry["exercise"] == exercise:  # an exercise's own file has all its mistakes, in order
                golden.mistakes[name] = entry | {"answers": {}}
    for content in contents.values():
        for name in content.mistakes.keys() & golden.mistakes.keys():
            golden.mistakes[name]["answers"] |= content.mistakes[name]["answers"]
    return golden


def read_recording(path: Path) -> Golden:
    """What one file has: the answers in the visible checks of one exercise.

    Mistakes in other exercises are there too if they show in these checks.
    """
    try:
        content = unpacked(path.read_bytes())
        return Golden(*(content[part.name] for part in fields(Golden)))
    except (OSError, zlib.error, ValueError, KeyError) as error:
        raise SandboxError(f"{path} can't be read ({error}): take it from the handout again.") from None


def packed(content: dict[str, Any]) -> bytes:
    """The content of a recording's file."""
    return zlib.compress(wire.encode(content), level=9)


def unpacked(file: bytes) -> Any:
    """The plain data in the content of a recording's file.

    Raises ValueError or zlib.error if there are none.
    """
    return wire.decode(zlib.decompress(file))
