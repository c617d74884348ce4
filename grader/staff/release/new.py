"""`grader new`: writes an exercise of one small function, ready to run and to be changed.

grader/staff/release/skeleton/ has its files, in their places. In their names and texts, NAME stands
for the exercise's name, GROUP for the first part of its checks' numbers, and SECTION for the number
of its section of the report.
"""

import argparse
import contextlib
import importlib
import importlib.util
import keyword
import re
import shutil
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.assignment import (
    KIT,
    STAFF,
    GraderError,
    assignment_file,
    check_numbers,
    checked_exercises,
    read_assignment,
)
from grader.judging.reference import golden_file
from grader.staff.release.record import record, write
from grader.staff.release.report import sections_of
from grader.staff.release.stubs import expected_files, write_files

HELP = (
    "Writes an exercise of one small function with all its files: reference, checks, known mistakes, an accident, a style and "
    "a report question.  Then makes its stub, records what its visible check expects, and adds it to assignment.toml.  "
    "Everything runs at once; change the files into your own exercise.  "
    "Exit status: 0, or 2 if the exercise can't be made; then nothing is left behind."
)
EXAMPLE = "grader new attention"
SKELETON = STAFF / "release" / "skeleton"
RESERVED = ("staff", "downloads", "submission")  # they mean something else to the grader
NEXT = """Next:
  1. Change the reference and its docstring, then run  grader stubs
  2. Change the checks, mistakes, style and accident to fit it, then run
       grader record --only {name}
       grader audit --only {name}
  3. Change the report question and its answer.
grader/staff/docs/EXTENDING.md explains each file."""


class NewError(GraderError):
    """The exercise can't be made; the text says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the exercise's name: its stub will be src/NAME.py")


def main(options: argparse.Namespace) -> int:
    started, name = time.monotonic(), options.name
    refuse(name)
    try:
        written = make_exercise(name)
    except OSError as error:
        raise NewError(f"{error.filename} can't be written: {error.strerror}.") from None
    seconds = time.monotonic() - started
    print(f"\nWrote {len(written)} files in {seconds:.0f} s, and added {name} to {assignment_file().name}:")
    print(*(f"  {path.relative_to(KIT).as_posix()}" for path in written), NEXT.format(name=name), sep="\n")
    return 0


def make_exercise(name: str) -> list[Path]:
    """Write the exercise's files and what is made from them. Returns the new files.

    If a step fails, everything is again as it was before.
    """
    read_assignment()  # raises an error, with a sentence, for a file that can't be extended
    files = skeleton_files(name)
    assignment = with_exercise(assignment_file().read_text(encoding="utf-8"), name)
    with all_or_nothing([*target_paths(name), assignment_file(), *expected_files(KIT)]):
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
        importlib.invalidate_caches()  # Python remembers which files are in a folder
        assignment_file().write_text(assignment, encoding="utf-8")
        write_files(KIT)
        write(record([name]))
    return [*files, KIT / "src" / f"{name}.py", golden_file(name)]


def refuse(name: str) -> None:
    """Raise NewError if no exercise can have this name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise NewError(
            f"{name!r} can't be an exercise's name: use lower-case letters, digits and _; begin with a letter."
        )
    if keyword.iskeyword(name):
        raise NewError(f"{name} is a keyword of Python: choose another name.")
    if name in checked_exercises():
        raise NewError(f"There is an exercise {name} already: choose another name.")
    of_others = [KIT / name, KIT / "src" / name, KIT / "grader" / "exercises" / f"{name}.py"]
    for path in [*target_paths(name), *of_others]:
        if path.exists():
            raise NewError(f"{path.relative_to(KIT)} exists already: choose another name.")
    if name in RESERVED or name in sys.stdlib_module_names or importlib.util.find_spec(name):
        raise NewError(f"{name} is the name of something else that code here can import: choose another name.")


def target_paths(name: str) -> list[Path]:
    """The files and folders of an exercise, apart from those that all exercises share."""
    folders = [KIT / "grader" / "exercises" / name, STAFF / "exercises" / name]
    return [*folders, KIT / "tests" / f"test_{name}.py", KIT / "src" / f"{name}.py", golden_file(name)]


def skeleton_files(name: str) -> dict[Path, str]:
    """The texts of the exercise's files, by path."""
    words = {"NAME": name, "GROUP": str(next_group()), "SECTION": str(next_section())}
    return {
        KIT / filled(path.relative_to(SKELETON).as_posix(), words): filled(path.read_text(encoding="utf-8"), words)
        for path in sorted(SKELETON.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def next_group() -> int:
    """One more than the largest first part of a check's number."""
    return 1 + max((int(number.partition(".")[0]) for number in check_numbers(checked_exercises())), default=0)


def next_section() -> int:
    """The number of a new last section of the report."""
    return 1 + sum(len(sections_of(path)) for path in (KIT / "grader" / "exercises").glob("*/report.md"))


def with_exercise(text: str, name: str) -> str:
    """assignment.toml's text with one more exercise at the end of its list.

    Everything else, comments too, stays as it is.

    Raises NewError if the list is written in a way that can't be changed.
    """
    old = tomllib.loads(text)
    wanted = old | {"exercises": [*old["exercises"], name]}
    last = re.escape(old["exercises"][-1])
    for found in re.finditer(rf"""(["']){last}\1""", text):
        candidate = insert_after(text, found.start(), found.end(), name)
        with contextlib.suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(candidate) == wanted:
                return candidate
    raise NewError(
        f"{assignment_file()}: its list of exercises is written in a way that can't be extended. Write it on one line."
    )


def insert_after(text: str, start: int, end: int, name: str) -> str:
    """The text with a name after the one from `start` to `end`.

    The new name has a line of its own if that one has.
    """
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    indent = text[line_start:start]
    if indent.strip() or line_end < 0:
        return f'{text[:end]}, "{name}"{text[end:]}'
    comma = "" if text[end:].lstrip().startswith(",") else ","
    return f'{text[:end]}{comma}{text[end:line_end]}\n{indent}"{name}",{text[line_end:]}'


@contextlib.contextmanager
def all_or_nothing(paths: Iterable[Path]) -> Iterator[None]:
    """Restore these files and folders if the block fails or is stopped by Ctrl-C."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is not None:
                path.write_bytes(content)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        raise
