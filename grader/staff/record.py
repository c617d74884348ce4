"""Golden observations: what the reference observes in the visible checks, recorded for machines without the staff's folder."""

from pathlib import Path
from typing import Any

import pytest

from grader import wire
from grader.assignment import KIT
from grader.compare import compare
from grader.plugin import Grading, run_checks
from grader.reference import GOLDEN, SOLUTION, RecordingReference, solution_digest
from grader.run import Settings

MAX_BYTES = 2 * 2**20


class Keeper:
    """Takes the observations out of a run before it ends."""

    def __init__(self) -> None:
        self.observations: dict[str, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        grading = session.config.pluginmanager.get_plugin("grading")
        assert isinstance(grading, Grading)
        reference = grading.run.reference
        assert isinstance(reference, RecordingReference)
        self.observations = reference.observations


def record() -> bytes:
    """The golden file's content.  Raises RuntimeError when the reference fails a visible check."""
    keeper = Keeper()
    status = run_checks(Settings(SOLUTION, recording=True), [KIT / "tests"], "-q", plugins=[keeper])
    if status != pytest.ExitCode.OK:
        raise RuntimeError("The reference fails a visible check (above): mend that first.")
    content = wire.encode({"reference": solution_digest(), "observations": keeper.observations})
    if len(content) > MAX_BYTES:
        raise RuntimeError(
            f"The observations take {len(content)} bytes; a handout has room for {MAX_BYTES}: use smaller inputs."
        )
    return content


def main(check: bool) -> int:
    """Record, or with `check` say whether what is recorded is out of date; 0 when all is well."""
    if check and recorded_digest(GOLDEN) != solution_digest():
        print(f"{GOLDEN} was recorded from another reference: run  grader record.")
        return 1
    content = record()
    if not check:
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_bytes(content)
        print(f"Wrote {GOLDEN} ({len(content)} bytes).")
        return 0
    return report(
        compare(wire.decode(GOLDEN.read_bytes())["observations"], wire.decode(content)["observations"], rtol=2e-3)
    )


def report(found: Any) -> int:
    if found is None:
        print(f"{GOLDEN} is up to date.")
        return 0
    print(f"{GOLDEN} is out of date: run  grader record.  First difference: {found.sentence}")
    return 1


def recorded_digest(path: Path) -> str:
    """The hash of the reference that a golden file was recorded from, "" where there is none."""
    return str(wire.decode(path.read_bytes())["reference"]) if path.is_file() else ""
