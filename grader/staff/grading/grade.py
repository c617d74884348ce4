"""`grader grade`: grade submissions, each in a process of its own, and print a table at the end."""

import argparse
import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from grader.assignment import KIT, GraderError, read_assignment
from grader.feedback.progress import Progress
from grader.feedback.words import points_text
from grader.intake.sources import name_of
from grader.judging.data import data_dir, require_data
from grader.sandbox import boundary
from grader.staff.options import add_assignment

HELP = (
    "Grades zips and folders.  Writes DIR/NAME/results.json and DIR/NAME/log.txt for each (NAME is the name of the zip "
    "or folder) and prints a table.  Exit status: 0 if every submission was graded, whatever its score; 2 if one was not."
)
EXAMPLE = "DATA_DIR=~/data grader grade submissions/*.zip --out grades"
GRADED, NOT_GRADED = 0, 2


@dataclass(frozen=True)
class Task:
    """One submission, and the folder for its results."""

    submission: Path
    folder: Path


@dataclass
class Grade:
    """The grade of one submission; `problem` is a sentence if it could not be graded."""

    name: str
    folder: Path
    problem: str = ""
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> str:
        return points_text(self.results["score"], sum(test["max_score"] for test in self.results["tests"]))

    @property
    def report(self) -> str:
        """The points of the report's numbers, or "" if there is no report."""
        details = self.results.get("extra_data", {}).get("report")
        if details is None:
            return ""
        return "see log" if "problem" in details else f"{details['points']:g}/{details['max_points']:g}"


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
    assignment = read_assignment()
    require_data(options.full)
    require_way_to_kit()
    if options.jobs < 1:
        raise GraderError(f"--jobs is {options.jobs}; it must be at least 1.")
    tasks = tasks_of(options.paths, options.out)
    if assignment.hidden == "hidden":
        print('With visibility.hidden = "hidden", Gradescope never shows students their total.', file=sys.stderr)
    # one submission must not read another
    with boundary.closed_for_now(options.paths) if boundary.can_harden() else nullcontext():
        grades = Batch(options.full).grade_all(tasks, options.jobs)
    print_table(grades)
    print(f"\nEach submission's results.json and log.txt: {options.out}{os.sep}NAME{os.sep}")
    return NOT_GRADED if any(grade.problem for grade in grades) else GRADED


def require_way_to_kit(kit: Path = KIT) -> None:
    """Raise GraderError if the kit is in a folder that workers can't enter, such as root's home."""
    for folder in (kit, *kit.parents):
        if boundary.can_harden() and not folder.stat().st_mode & stat.S_IXOTH:
            raise GraderError(
                f"Workers run as another user than root, and {folder} is closed to other users: move the kit to a folder "
                "that all users can enter, such as /opt, and run make setup there."
            )


def tasks_of(paths: Sequence[Path], out: Path) -> list[Task]:
    """The tasks: each submission goes to OUT/NAME.  Raises GraderError if two have one name."""
    names = [output_name(path) for path in paths]
    for name in names:
        same = [str(path) for path, other in zip(paths, names, strict=True) if other == name]
        if len(same) > 1:
            raise GraderError(f"{' and '.join(same)} would both write to {name}: rename one.")
    return [Task(path, out / name) for path, name in zip(paths, names, strict=True)]


def output_name(path: Path) -> str:
    """The folder's name, or the zip's without its suffix."""
    return PurePath(name_of(path)).stem if path.is_file() else name_of(path)


class Batch:
    """Grades submissions side by side, each in a process of its own.

    Args:
        full: whether to train with the whole budget, on all of MNIST.
    """

    def __init__(self, full: bool = False) -> None:
        self.full = full
        self.running: set[subprocess.Popen[bytes]] = set()

    def grade_all(self, tasks: Sequence[Task], jobs: int) -> list[Grade]:
        """Grade the tasks, `jobs` at a time, and print a line when each ends.

        Returns the grades in the order of the tasks. Ctrl-C ends the running processes too.
        """
        print(f"Grading {count_of(len(tasks), 'submission')}, {jobs} at a time.", flush=True)
        progress = Progress(len(tasks))
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self.grade, task) for task in tasks]
            try:
                for future in as_completed(futures):
                    grade = future.result()
                    progress.step(f"{grade.name}: {summary(grade)}", always=True)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in list(self.running):
                    process.terminate()
                raise
        return [future.result() for future in futures]

    def grade(self, task: Task) -> Grade:
        """Grade one submission into its folder."""
        grade = Grade(task.folder.name, task.folder)
        if not task.submission.exists():
            grade.problem = f"{task.submission} does not exist."
            return grade
        try:
            results = prepare(task.folder)
            status = self.run_grader(task, results)
        except OSError as error:
            grade.problem = f"{task.folder} can't be written: {error.strerror or error}."
            return grade
        return read_grade(grade, results, status)

    def run_grader(self, task: Task, results: Path) -> int:
        """Run the grader in its own process, what it prints into log.txt; its exit status."""
        paths = [str(task.submission.resolve()), str(results.resolve())]
        command = [sys.executable, "-m", "grader.staff.grading.grade_one", *paths]
        if self.full:
            command.append("--full")
        environment = os.environ | {"DATA_DIR": data_dir() or ""}  # absolute: the grader runs in the kit's folder
        with (task.folder / "log.txt").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=KIT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
            self.running.add(process)
            status = process.wait()
            self.running.discard(process)
        return status


def prepare(folder: Path) -> Path:
    """Make the folder for results, which workers can't enter, and delete an earlier results.json.

    Returns the path of the new results.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if boundary.can_harden():
        boundary.close([folder])
    results = folder / "results.json"
    results.unlink(missing_ok=True)
    return results


def read_grade(grade: Grade, results: Path, status: int) -> Grade:
    """Read what the grader wrote; a sentence if it did not grade the submission."""
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


def count_of(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def print_table(grades: Sequence[Grade]) -> None:
    """Print a row for each submission: its points, and how many checks passed, failed and so on."""
    width = max(len("submission"), *(len(grade.name) for grade in grades))
    with_reports = any(grade.report for grade in grades)
    last = "  report" if with_reports else ""
    print(f"\n{'submission':<{width}}  {'points':>9}  passed  to do  blocked  failed{last}")
    for grade in grades:
        if grade.problem:
            print(f"{grade.name:<{width}}  not graded: {grade.problem}")
            continue
        counts = grade.results["extra_data"]["checks"]
        columns = f"{counts['passed']:>6}  {counts['to do']:>5}  {counts['blocked']:>7}  {counts['failed']:>6}"
        print(f"{grade.name:<{width}}  {grade.points:>9}  {columns}  {grade.report}".rstrip())
    if with_reports:
        print("report: points for its numbers, apart from the others. report.html beside results.json shows it.")
