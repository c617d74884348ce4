"""Grade many submissions: each in a process of its own, results written as they come, one table at the end."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.assignment import KIT, GraderError, read_assignment
from grader.feedback.progress import Progress
from grader.feedback.words import points_text
from grader.judging.data import data_dir, require_data
from grader.sandbox import boundary
from grader.staff.options import add_assignment

HELP = (
    "Grades zips and folders.  Writes DIR/NAME/results.json and DIR/NAME/log.txt for each (NAME is the name of the zip "
    "or folder) and prints a table.  Exit status: 0 if every submission was graded, whatever its score; 2 if one was not."
)
EXAMPLE = "DATA_DIR=~/data grader grade submissions/*.zip --out grades"
GRADED, NOT_GRADED = 0, 2
RUNNING: set[subprocess.Popen[bytes]] = set()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    jobs = max(1, (os.cpu_count() or 1) // 2)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a submission: a zip or a folder")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the results go")
    parser.add_argument(
        "--jobs", type=int, default=jobs, metavar="N", help=f"submissions at a time (default here: {jobs})"
    )
    parser.add_argument(
        "--full", action="store_true", help="train with the full budget, on all of MNIST (in DATA_DIR): minutes each"
    )
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    require_data(options.full)
    if read_assignment().hidden == "hidden":
        print('With visibility.hidden = "hidden", Gradescope never shows students their total.', file=sys.stderr)
    return grade_all(options.paths, options.out, options.jobs, options.full)


@dataclass
class Grade:
    """What became of one submission; `problem` is a sentence where it could not be graded."""

    name: str
    folder: Path
    problem: str = ""
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> str:
        return points_text(self.results["score"], sum(test["max_score"] for test in self.results["tests"]))


def grade_all(paths: list[Path], out: Path, jobs: int, full: bool = False) -> int:
    """Grade every path into `out`/NAME, with the full budget or not, and print a table; 0 when all were graded, 2 when one could not be."""
    names = [name_of(path) for path in paths]
    refuse_wrong_call(paths, names, jobs)
    # one submission must not read another
    with boundary.closed_for_now(paths) if boundary.can_harden() else nullcontext():
        grades = list(run_all([(path, out / name) for path, name in zip(paths, names, strict=True)], jobs, full))
    print_table(sorted(grades, key=lambda grade: names.index(grade.name)))
    print(f"\nEach submission's results.json and log.txt: {out}{os.sep}NAME{os.sep}")
    return NOT_GRADED if any(grade.problem for grade in grades) else GRADED


def name_of(path: Path) -> str:
    """The folder's name, or the zip's without its suffix."""
    resolved = path.resolve()
    return resolved.stem if resolved.is_file() else resolved.name


def refuse_wrong_call(paths: list[Path], names: list[str], jobs: int) -> None:
    """Raise GraderError if the command's arguments are wrong, before anything is graded."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        same = [str(path) for path, name in zip(paths, names, strict=True) if name == twice[0]]
        raise GraderError(f"{' and '.join(same)} would both write to {twice[0]}: rename one.")
    if jobs < 1:
        raise GraderError(f"--jobs is {jobs}; it must be at least 1.")


def run_all(tasks: list[tuple[Path, Path]], jobs: int, full: bool) -> Iterable[Grade]:
    """Grade the tasks, some at a time, and say so as each one ends.  Ctrl-C ends the running ones too."""
    print(f"Grading {len(tasks)} submission{'s' * (len(tasks) != 1)}, {jobs} at a time.", flush=True)
    progress = Progress(len(tasks))
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(grade_one, path, folder, full) for path, folder in tasks]
        try:
            for future in as_completed(futures):
                grade = future.result()
                progress.step(f"{grade.name}: {summary(grade)}", always=True)
                yield grade
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(RUNNING):
                process.terminate()
            raise


def grade_one(path: Path, folder: Path, full: bool) -> Grade:
    """Grade one submission into its folder, in a process of its own."""
    grade = Grade(folder.name, folder)
    if not path.exists():
        grade.problem = f"{path} does not exist."
        return grade
    try:
        return run_grader(grade, path, folder / "results.json", full)
    except OSError as error:
        grade.problem = f"{folder} can't be written: {error.strerror or error}."
        return grade


def run_grader(grade: Grade, path: Path, results: Path, full: bool) -> Grade:
    results.parent.mkdir(parents=True, exist_ok=True)
    if boundary.can_harden():
        boundary.close([results.parent])
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "grader.staff.grading.grade_one", str(path.resolve()), str(results.resolve())]
    command += ["--full"] * full
    data = {"DATA_DIR": data_dir() or ""}  # absolute: the grader runs in the kit's folder
    with (results.parent / "log.txt").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=KIT, env=os.environ | data, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        RUNNING.add(process)
        status = process.wait()
        RUNNING.discard(process)
    return read_grade(grade, results, status)


def read_grade(grade: Grade, results: Path, status: int) -> Grade:
    try:
        grade.results = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        grade.problem = f"the grader ended with status {status} and wrote no results: see {grade.folder / 'log.txt'}"
        return grade
    counts = grade.results["extra_data"]["checks"]
    not_judged = counts["error"] + counts["not run"]
    grade.problem = grade.results["extra_data"].get("not gradable", "")
    if not_judged:
        grade.problem = f"{not_judged} checks could not be judged: see {grade.folder / 'log.txt'}"
    if status not in (0, 1):
        grade.problem = f"the grader stopped with status {status}: see {grade.folder / 'log.txt'}"
    return grade


def summary(grade: Grade) -> str:
    if grade.problem:
        return f"not graded: {grade.problem}"
    return f"{grade.points} in {grade.results['execution_time']:.0f} s"


def print_table(grades: list[Grade]) -> None:
    """A row for each submission: points, and how its checks stand."""
    width = max(len("submission"), *(len(grade.name) for grade in grades))
    print(f"\n{'submission':<{width}}  {'points':>9}  passed  to do  blocked  failed")
    for grade in grades:
        if grade.problem:
            print(f"{grade.name:<{width}}  not graded: {grade.problem}")
            continue
        counts = grade.results["extra_data"]["checks"]
        columns = f"{counts['passed']:>6}  {counts['to do']:>5}  {counts['blocked']:>7}  {counts['failed']:>6}"
        print(f"{grade.name:<{width}}  {grade.points:>9}  {columns}")
