"""Golden observations, for machines without the staff's folder: what the reference and the known mistakes answer in the visible checks."""

import argparse
import copy
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import KIT, STAFF_EXERCISES
from grader.judging.compare import compare
from grader.judging.diagnosis import Asked, LiveMistakes, part
from grader.judging.mutants import Mutant
from grader.judging.reference import GOLDEN, RecordingReference, digest_of
from grader.judging.run import Run, Settings
from grader.plugin import Grading, run_checks
from grader.sandbox import wire
from grader.staff.release.solution import write_solution

HELP = (
    "Runs the visible checks on the reference and writes to tests/golden/ what it answered, and what each known mistake "
    "answers.  Exit status: 0, or with --check 1 if what is recorded is out of date."
)
EXAMPLE = "grader record --check"
MAX_BYTES = 2 * 2**20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say whether what is recorded is out of date"
    )


def main(options: argparse.Namespace) -> int:
    return record_or_check(options.check)


class Keeper:
    """Takes the observations out of a run before it ends."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        grading = session.config.pluginmanager.get_plugin("grading")
        assert isinstance(grading, Grading)
        reference = grading.run.reference
        assert isinstance(reference, RecordingReference)
        self.content = {"observations": reference.observations, "mistakes": record_mistakes(grading.run)}


def record_mistakes(run: Run) -> dict[str, Any]:
    """Of every mutant its exercise, its hint, and its answers by key where they are not the reference's."""
    mistakes = run.mistakes()
    assert isinstance(mistakes, LiveMistakes)
    for mutant in mistakes.known:
        mistakes.place(mutant)
    twin = copy.copy(mistakes)
    twin.sandbox = run.sandbox  # the submission is the reference too: nobody else's code has been there
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(answers_to, [mistakes, twin], [run.asked[::2], run.asked[1::2]]))
    return {
        mutant.name: {"exercise": mutant.exercise, "hint": mutant.hint, "answers": answers_of(mutant, halves)}
        for mutant in mistakes.known
    }


def answers_to(mistakes: LiveMistakes, questions: list[Asked]) -> dict[str, dict[str, Any]]:
    """By key what each mutant answers, by name, where it is not what the reference answers."""
    found: dict[str, dict[str, Any]] = {}
    for asked in questions:
        mutants = [mutant for mutant in mistakes.known if asked.may_show(mutant)] if not asked.only_here else []
        for mutant, answer in zip(mutants, mistakes.answers(asked, mutants), strict=True):
            if not asked.is_answered_by(answer):
                observation = part(answer.observation, asked.keys)
                found.setdefault(asked.key, {})[mutant.name] = {"observation": observation, "raised": answer.raised}
    return found


def answers_of(mutant: Mutant, halves: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """One mutant's answers by key."""
    together = sorted((key, answers) for half in halves for key, answers in half.items())
    return {key: answers[mutant.name] for key, answers in together if mutant.name in answers}


def record() -> bytes:
    """The golden file's content.  Raises RuntimeError when the reference fails a visible check."""
    keeper = Keeper()
    with tempfile.TemporaryDirectory(prefix="grader-record-") as temporary:
        settings = Settings(write_solution(Path(temporary)), recording=True)
        status = run_checks(settings, [KIT / "tests"], "-q", plugins=[keeper])
    if status != pytest.ExitCode.OK:
        raise RuntimeError("The reference fails a visible check (above): mend that first.")
    content = wire.encode({"made from": digest_of(sources()), **keeper.content})
    if len(content) > MAX_BYTES:
        raise RuntimeError(
            f"The observations take {len(content)} bytes; a handout has room for {MAX_BYTES}: use smaller inputs."
        )
    return content


def sources() -> list[Path]:
    """The files that what is recorded follows from, beside the checks and probes."""
    return [*STAFF_EXERCISES.glob("*/solution.py"), *STAFF_EXERCISES.glob("*/mutants.toml")]


def record_or_check(check: bool) -> int:
    """Record, or with `check` say whether what is recorded is out of date; 0 when all is well."""
    if check and recorded_digest(GOLDEN) != digest_of(sources()):
        print(f"{GOLDEN} was recorded from another reference or other mutants: run  grader record.")
        return 1
    content = record()
    if not check:
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_bytes(content)
        print(f"Wrote {GOLDEN} ({len(content)} bytes).")
        return 0
    return report(compare(wire.decode(GOLDEN.read_bytes()), wire.decode(content), rtol=2e-3))


def report(found: Any) -> int:
    if found is None:
        print(f"{GOLDEN} is up to date.")
        return 0
    print(f"{GOLDEN} is out of date: run  grader record.  First difference: {found.sentence}")
    return 1


def recorded_digest(path: Path) -> str:
    """The hash of the files that a golden file was recorded from, "" where there is none."""
    return str(wire.decode(path.read_bytes())["made from"]) if path.is_file() else ""
