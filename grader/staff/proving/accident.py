"""Honest accidents: submissions that go wrong as people's submissions do.

Each table of grader/staff/accidents/*.toml, and of an exercise's accidents.toml, is one.  It is
made from the reference:

    title       what the person did
    file        the exercise whose text is changed
    text        the whole text of that file; or in place of it
    replace     pairs of an old and a new text, from the class `function` on
    before      a text before the file's own, and
    after       one after it
    encoding    how the file is saved, and
    newline     its line ends
    also        texts to put before other exercises' files, by exercise
    files       where a file goes, by its usual name; "" leaves it out
    add         other files, by name
    pack        "folder" (the default), "zip", "zip in zip", "half a zip", "tar.gz" or "rar"
    trains      false: leave out the checks that train for long, which can't show the accident
    alone       true: it prints or leaves something behind, so tests give it workers of its own
    keeps       the points of each exercise whose checks are run
    says        sentences that the student must read
    never       words that the student must not read
"""

import io
import tarfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import STAFF, STAFF_EXERCISES, check_numbers, read_assignment
from grader.feedback.header import Header
from grader.feedback.results import gradescope_results
from grader.intake.files import Files, exercise_file, write_files, zipped
from grader.intake.submission import stage
from grader.items import exercise_of, new_record, run_check
from grader.judging.record import Record
from grader.judging.reference import read_solution
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox.client import Asker
from grader.staff.grading.trial import trains

SEED = b"the inputs that every accident is asked with"


@dataclass(frozen=True)
class Accident:
    """One accident; the module's text explains the fields."""

    name: str
    title: str
    keeps: dict[str, float]
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    file: str = ""
    text: str | None = None
    function: str = ""
    replace: tuple[tuple[str, str], ...] = ()
    before: str = ""
    after: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"
    also: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    add: dict[str, str] = field(default_factory=dict)
    pack: str = "folder"
    trains: bool = True
    alone: bool = False

    def make(self, folder: Path) -> Path:
        """Write the submission into `folder`; the path that is handed in."""
        files = {name: text.encode() for name, text in self.add.items()}
        for exercise in read_assignment().exercises:
            place = self.files.get(exercise_file(exercise), exercise_file(exercise))
            if place:
                files[place] = self.content(exercise)
        if self.pack == "folder":
            return write_files(files, folder / "submission")
        return write_files({"submission.zip": PACKERS[self.pack](files)}, folder) / "submission.zip"

    def checks(self, every: Iterable[pytest.Function]) -> list[pytest.Function]:
        """The checks that grade it."""
        return [item for item in every if exercise_of(item) in self.keeps and (self.trains or not trains(item))]

    def content(self, exercise: str) -> bytes:
        """An exercise's file as it is handed in."""
        text = read_solution(exercise)
        text = self.also.get(exercise, "") + text
        if exercise != self.file:
            return text.encode()
        text = self.changed(text) if self.text is None else self.text
        return text.replace("\n", self.newline).encode(self.encoding)

    def changed(self, text: str) -> str:
        """The text after the accident.

        Raises ValueError if a text to replace is missing: the accident is out of date then.
        """
        start = text.index(f"class {self.function}(") if self.function else 0
        for old, new in self.replace:
            if old not in text[start:]:
                raise ValueError(f"The accident {self.name} replaces {old!r}, which {self.file}.py does not have.")
            text = text[:start] + text[start:].replace(old, new)
        return self.before + text + self.after


def accident_files() -> list[Path]:
    """The tables of accidents that concern any exercise, and those of one each."""
    return sorted([*(STAFF / "accidents").glob("*.toml"), *STAFF_EXERCISES.glob("*/accidents.toml")])


def read_accidents() -> list[Accident]:
    """Every accident, in the order in which they are written."""
    tables: dict[str, dict[str, Any]] = {}
    for file in accident_files():
        tables |= tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        Accident(name, **{key: as_tuple(key, value) for key, value in table.items()}) for name, table in tables.items()
    ]


def as_tuple(key: str, value: Any) -> Any:
    if key in ("says", "never"):
        return (value,) if isinstance(value, str) else tuple(value)
    return tuple(map(tuple, value)) if key == "replace" else value


def tar_gz(files: Files) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as file:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def half_a_zip(files: Files) -> bytes:
    whole = zipped(files)
    return whole[: len(whole) // 2]


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "zip": zipped,
    "zip in zip": lambda files: zipped({"inner.zip": zipped(files)}),
    "half a zip": half_a_zip,
    "tar.gz": tar_gz,
    "rar": lambda files: b"Rar!\x1a\x07\x01\x00" + bytes(100),
}


def results_of(
    handed_in: Path, checks: Iterable[pytest.Function], asks: Asker, import_s: float = Settings.import_s
) -> dict[str, Any]:
    """Gradescope's results of a submission, as in a graded run, but without the names of mistakes.

    `import_s`: CPU seconds for importing one file.
    """
    run = Run(Settings(handed_in, seed=SEED, asks=asks, import_s=import_s))
    try:
        records = [judged(item, run) for item in checks]
        return gradescope_results(records, Header("\n".join(run.submission.told())))
    finally:
        run.close()


def stage_crowd(accidents: Iterable[Accident], folder: Path) -> list[Path]:
    """Stage the accidents after which most code runs: one worker then asks all of them."""
    crowd = [a for a in accidents if a.file == "run_model" and not a.alone and a.keeps.get("run_model")]
    handed_in = [(a.make(folder / "made" / a.name), folder / "staged" / a.name) for a in crowd]
    return [stage(path, into, read_assignment().exercises).folder for path, into in handed_in]


def judged(item: pytest.Function, run: Run) -> Record:
    record = new_record(item, read_assignment())
    run_check(item, run, record)
    return record


def read_by_student(results: dict[str, Any]) -> str:
    """All that the student reads: the header, and each check's message."""
    return "\n\n".join([results["output"], *(test.get("output", "") for test in results["tests"])])


def points_of(results: dict[str, Any], exercise: str) -> float:
    """The points of one exercise."""
    numbers = check_numbers([exercise])
    return sum(float(test["score"]) for test in results["tests"] if test["number"] in numbers)
