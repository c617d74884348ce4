"""`grader reproduce`: writes a visible check as a script that calls the student's function."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.assignment import CHECKS, GraderError, read_assignment, visible_checks
from grader.collect import collect_from
from grader.intake.files import replace_file
from grader.items import new_record
from grader.judging.failures import CheckFailed
from grader.judging.record import Record
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.reproduce.question import Question, question_of
from grader.reproduce.script import Written, is_as_written, write_script

HELP = (
    "Writes a short script that does what one visible check does: it has the check's inputs and expected values, and calls "
    "your function itself, so you can run it, debug it and change it.  Exit status: 0 if the script was written, 1 if the "
    "check asks your code nothing yet, 2 if there is no such check or the file is in the way."
)
EXAMPLE = "grader reproduce 1.2"
WRITTEN, NOTHING_ASKED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("check", nargs="?", metavar="CHECK", help="its number, as 1.2 or 4.1[LeNet5], or its name")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    parser.add_argument("--list", action="store_true", help="list the visible checks, and write nothing")
    parser.add_argument("--overwrite", action="store_true", help="write it even if you changed the file")


def main(options: argparse.Namespace) -> int:
    if options.list or options.check is None:
        for item in collect_from([CHECKS[0]]):
            print(in_a_line(item))
        return WRITTEN
    folder = folder_around_src(options.folder.resolve())
    if not folder.is_dir():
        raise GraderError(f"{options.folder} is not a folder: name the one with src/ in it.")
    chosen = checks_called(options.check)
    run = Run(Settings(folder))
    try:
        item, question = first_failing(chosen, run)
    finally:
        run.close()
    record = new_record(item, run.assignment)
    if isinstance(question, CheckFailed):
        print(question.feedback.sentence)
        return NOTHING_ASKED
    path = folder / f"{file_of(item, record)}.py"
    written = write_script(record, question, path.stem)
    save(path, written, options.overwrite)
    report(path, written, record, question, chosen, item)
    return WRITTEN


def folder_around_src(folder: Path) -> Path:
    """The folder of the assignment, if this one is its src/ or lies in it; else this one."""
    files = [f"{exercise}.py" for exercise in read_assignment().exercises]
    for one in (folder, *folder.parents):
        if one.name == "src" and any((one / file).is_file() for file in files):
            return one.parent
    return folder


def in_a_line(item: pytest.Function) -> str:
    record = new_record(item, read_assignment())
    return f"{called(item):<24} {record.title}"


def called(item: pytest.Function) -> str:
    """A check's number, with its case if it has several."""
    return f"{getattr(item.obj, '__number__', item.name)}{case_of(item)}"


def case_of(item: pytest.Function) -> str:
    return f"[{item.callspec.id}]" if hasattr(item, "callspec") else ""


def checks_called(name: str) -> list[pytest.Function]:
    """The visible checks with a number or a name; a check with parameters has several cases.

    Raises GraderError if there are none.
    """
    exercises = read_assignment().exercises
    items = collect_from(visible_checks(exercise) for exercise in exercises_with(name, exercises))
    found = [item for item in items if name in (called(item), item.name, item.originalname, item.obj.__number__)]
    if found:
        return found
    raise GraderError(
        f"There is no visible check {name}.  Only visible checks can be reproduced: nobody may see a hidden one's inputs.  "
        "See their numbers with  grader reproduce --list"
    )


def exercises_with(name: str, exercises: Sequence[str]) -> list[str]:
    """The exercises whose files of checks have this number or name in them, else all."""
    word = re.escape(name.partition("[")[0])
    texts = {exercise: visible_checks(exercise).read_text(encoding="utf-8") for exercise in exercises}
    found = [exercise for exercise, text in texts.items() if re.search(rf'(?:"{word}"|\b{word})', text)]
    return found or list(exercises)


def first_failing(items: Sequence[pytest.Function], run: Run) -> tuple[pytest.Function, Question | CheckFailed]:
    """The first of these checks that fails, or the first of all, with its question."""
    first = None
    for item in items:
        question = question_of(item, run)
        if isinstance(question, CheckFailed) or question.failure is not None:
            return item, question
        first = first or (item, question)
    assert first is not None
    return first


def file_of(item: pytest.Function, record: Record) -> str:
    """The script's name: letters, digits and underscores, so that it can be imported."""
    return re.sub(r"\W+", "_", f"reproduce_{record.number}{case_of(item)}").strip("_")


def save(path: Path, written: Written, overwrite: bool) -> None:
    """Write the files.  Raises GraderError if somebody changed what would be overwritten."""
    if path.exists() and not overwrite and not is_as_written(path.read_text(encoding="utf-8", errors="replace")):
        raise GraderError(
            f"{path.name} is there, and it was changed.  Rename it to keep it, or add --overwrite to lose the changes."
        )
    if written.arrays is not None:
        replace_file(path.with_suffix(".npz"), written.arrays)
    replace_file(path, written.text.encode())
    make_package(path.with_name("src"))


def make_package(src: Path) -> None:
    """Add the `__init__.py` without which Python would import the `src` of another folder."""
    if src.is_dir() and not os.path.lexists(src / "__init__.py"):  # a link could lead elsewhere
        (src / "__init__.py").touch()
        print("Wrote src/__init__.py, an empty file: it makes Python import this src and no other folder's.")


def report(
    path: Path,
    written: Written,
    record: Record,
    question: Question,
    chosen: Sequence[pytest.Function],
    item: pytest.Function,
) -> None:
    """Say what was written, and what to do with it."""
    files = path.name if written.arrays is None else f"{path.name} and {path.stem}.npz (larger arrays)"
    print(f"Check {called(item)}: {record.title}")
    print(question.failure.feedback.sentence if question.failure else "It passes.")
    if question.is_needed:
        print(f"The script asks {question.exchange.function} what this check waits for.")
    where, there = ("", "") if path.parent == Path.cwd() else (f" in {path.parent}", " there")
    print(f"Wrote {files}{where}.  Run{there}  python {path.name}")
    if len(chosen) > 1:
        print(f"Other cases:  {'  '.join(called(other) for other in chosen if other is not item)}")
