"""`grader handout`: what students get, as a folder and a zip.

That is everything except grader/staff, with a README for students and only the exercises that are
handed out.  The files are made in memory, searched for leaks, and only then written.  The zip tells
a later run what was written: a folder next to the zip of an earlier handout is updated, unless its
files were changed since.
"""

import argparse
import ast
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import tomli_w

from grader.assignment import (
    KIT,
    NUMBER,
    STAFF,
    Assignment,
    GraderError,
    check_numbers,
    read_assignment,
    visible_checks,
)
from grader.intake.files import Files, write_files, zipped
from grader.judging.mistakes import TOGETHER
from grader.judging.reference import golden_file, packed, read_recording
from grader.report.template import ReportError, handed_out, with_points
from grader.staff.options import add_assignment
from grader.staff.release.leaks import leaks
from grader.staff.release.needed import unneeded
from grader.staff.release.outdated import out_of_date
from grader.staff.release.stubs import expected_stubs, stale_files

HELP = (
    "Writes OUT and OUT.zip: the exercises that assignment.toml names as stubs, their visible checks, and a README for "
    "students.  It overwrites nothing of yours: an OUT that holds anything else is refused, and an earlier handout is "
    "updated unless its files were changed.  Exit status: 0; 1 if the handout was refused, and nothing was written; 2 if the assignment file is "
    "wrong."
)
EXAMPLE = "grader handout build/homework-1"
REFUSED = 1
OWN = STAFF / "release" / "for_students"  # files for students alone, in the places where students have them
TOP = ("LICENSE", ".gitattributes", "conftest.py", "requirements.txt", "setup.py")
REPORT = "report_template.md"
FOLDERS = ("data", "grader", "src/experiments")  # handed out, except what these exercises do not need
LEFT_OUT = ("staff", "class_downloads", "__pycache__", "downloads", "secret.key")
OF_A_REPOSITORY = {".git", ".DS_Store"}  # a folder that holds nothing else counts as empty
MADE_BY = b"grader handout"


class HandoutError(GraderError):
    """The handout can't be made; the text says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to make, or a clone of an empty repository")
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    out = options.out.resolve()
    try:
        n_files = make_handout(out)
    except (HandoutError, ReportError, OSError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    print(f"Wrote {n_files} files to {out}, and {zip_of(out).name} next to it.  No line of grader/staff is in them.")
    return 0


def make_handout(out: Path) -> int:
    """Make OUT and OUT.zip. Returns how many files are in them.

    Raises HandoutError, before it writes anything, if something is out of date, secret, or would be
    lost.
    """
    earlier = earlier_files(out)
    files = handout_files(read_assignment())
    refuse_leaks(files)
    refuse_losses(out, files, earlier)
    write(out, files, earlier)
    zip_of(out).write_bytes(package_of(files, out.name))
    return len(files)


def handout_files(assignment: Assignment) -> Files:
    """Every file of the handout, by name.

    Raises HandoutError if the stubs or the recorded answers are out of date.
    """
    stale = [path.relative_to(KIT).as_posix() for path in stale_files(KIT)]
    if stale:
        raise HandoutError(f"{', '.join(stale)}: out of date.  Run  grader stubs,  then this again.")
    outdated = out_of_date(assignment.exercises)
    if outdated:
        raise HandoutError("\n".join(outdated))
    files = {
        name: (KIT / name).read_bytes()
        for name in [*TOP, *names_in_folders(assignment), *names_of_exercises(assignment)]
    }
    files |= {path.relative_to(OWN).as_posix(): path.read_bytes() for path in files_in(OWN)}
    files |= golden_for(assignment)
    texts = {
        "README.md": readme(assignment),
        "assignment.toml": for_students(assignment),
        "pyproject.toml": pyproject(),
    }
    template = with_points((KIT / REPORT).read_text(encoding="utf-8"), assignment.report_points)
    texts[REPORT] = handed_out(template, assignment.exercises)
    return files | {name: text.encode() for name, text in texts.items()}


def names_in_folders(assignment: Assignment) -> list[str]:
    names = [path.relative_to(KIT).as_posix() for folder in FOLDERS for path in files_in(KIT / folder)]
    left_out = unneeded(assignment.exercises, names)
    return [name for name in names if name not in left_out]


def files_in(folder: Path) -> Iterator[Path]:
    """The files in a folder, without what is secret, hidden or made by running it."""
    for path in sorted(folder.rglob("*")):
        names = path.relative_to(folder).parts
        if path.is_file() and not any(name in LEFT_OUT or is_clutter(name) for name in names):
            yield path


def is_clutter(name: str) -> bool:
    return name.startswith(".") and name not in (".github", ".gitignore")


def names_of_exercises(assignment: Assignment) -> Iterator[str]:
    """The stubs and the visible checks of what is handed out, and the files next to them."""
    yield from ("src/__init__.py", "tests/thresholds.json")
    for exercise in assignment.exercises:
        yield from (f"src/{exercise}.py", f"tests/test_{exercise}.py")


def golden_for(assignment: Assignment) -> Files:
    """The recorded answers in these exercises' checks, without mistakes in other exercises."""
    return {golden_file(name).relative_to(KIT).as_posix(): golden_of(name, assignment) for name in assignment.exercises}


def golden_of(exercise: str, assignment: Assignment) -> bytes:
    recorded = read_recording(golden_file(exercise))
    mistakes = {name: entry for name, entry in recorded.mistakes.items() if entry["exercise"] in assignment.exercises}
    pairs = {names: answers for names, answers in recorded.pairs.items() if {*names.split(TOGETHER)} <= mistakes.keys()}
    return packed(vars(replace(recorded, mistakes=mistakes, pairs=pairs)))


def readme(assignment: Assignment) -> str:
    """The students' README for this assignment."""
    stubs = {path.stem: text for path, text in expected_stubs(KIT).items()}
    words = {
        "TITLE": assignment.title,
        "EXERCISES": "\n".join(f"| `src/{name}.py` | {subject(stubs[name])} |" for name in assignment.exercises),
        "FIRST_FILE": assignment.exercises[0],
        "FIRST_NUMBER": next(
            iter(NUMBER.findall(visible_checks(assignment.exercises[0]).read_text(encoding="utf-8"))), ""
        ),
        "FIRST_PART": next(iter(re.findall(r'"to do: (\w+)', stubs[assignment.exercises[0]])), ""),
    }
    text = (OWN / "README.md").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: words[found[1]], text)


def subject(stub: str) -> str:
    """What an exercise is about: its docstring's first line, without the exercise's name."""
    line = (ast.get_docstring(ast.parse(stub)) or "").partition("\n")[0]
    return line.partition(": ")[2] or line


def for_students(assignment: Assignment) -> str:
    """assignment.toml as students get it: without what only grading needs.

    The points of the report's questions stand in the template.
    """
    visible = check_numbers(assignment.exercises, hidden=False)
    points = {number: value for number, value in assignment.points.items() if number in visible}
    content = {
        "title": assignment.title,
        "exercises": list(assignment.exercises),
        "limits": {"time_factor": assignment.time_factor},
    }
    return "# What this course hands out.  The checks read this file.\n\n" + tomli_w.dumps(
        content | ({"points": points} if points else {})
    )


def pyproject() -> str:
    """pyproject.toml without the settings of the staff's tools, which come last."""
    return (KIT / "pyproject.toml").read_text(encoding="utf-8").partition("\n[tool.ruff]")[0]


def refuse_leaks(files: Mapping[str, bytes]) -> None:
    found = leaks(files, expected_stubs(KIT).values())
    if found:
        advice = "Remove each from the handout.  If a line is the same by chance, write one of the two in another way."
        raise HandoutError("\n".join(["The handout would show students secret lines:", *found, advice]))


def earlier_files(out: Path) -> Files:
    """What an earlier handout wrote to OUT; nothing if there was none.

    Raises HandoutError if OUT or its zip is something else.
    """
    package = zip_of(out)
    if out.exists() and not out.is_dir():
        raise HandoutError(f"{out} is not a folder: name another.")
    taken = out.is_dir() and any(path.name not in OF_A_REPOSITORY for path in out.iterdir())
    if not package.exists():
        if taken:
            raise HandoutError(
                f"{out} is not empty, and it is not an earlier handout ({package.name} is not next to it): name another folder."
            )
        return {}
    try:
        with zipfile.ZipFile(package) as file:
            if file.comment == MADE_BY:
                return {name.partition("/")[2]: file.read(name) for name in file.namelist()}
    except (OSError, zipfile.BadZipFile):
        pass
    raise HandoutError(f"{package} is not the zip of an earlier handout: move it away, or name another folder.")


def refuse_losses(out: Path, files: Files, earlier: Files) -> None:
    """Raise HandoutError if a file that no handout wrote would be overwritten or removed."""
    changed = [
        name for name in sorted({*files, *earlier}) if is_changed(out / name, files.get(name), earlier.get(name))
    ]
    if changed:
        raise HandoutError(f"Changed since the last handout: {', '.join(changed)} in {out}.  Move that away first.")


def is_changed(path: Path, new: bytes | None, old: bytes | None) -> bool:
    return path.is_dir() or (path.is_file() and path.read_bytes() not in (new, old))


def write(out: Path, files: Files, earlier: Files) -> None:
    """Write the files, and remove those of an earlier handout that are no longer in it."""
    for name in earlier.keys() - files.keys():
        (out / name).unlink(missing_ok=True)
    write_files(files, out)


def zip_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.zip")


def package_of(files: Files, folder: str) -> bytes:
    """The zip, in which all files are in one folder."""
    return zipped({f"{folder}/{name}": files[name] for name in sorted(files)}, comment=MADE_BY)
