"""`grader grade`: grade a submission, several, or a class."""

import argparse
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.assignment import KIT, GraderError, read_assignment
from grader.intake.class_downloads.formats import Format
from grader.judging.data import data_dir, require_data
from grader.sandbox import boundary, jail
from grader.staff.grading.batch import Batch, Task
from grader.staff.grading.dry_run import print_plan
from grader.staff.grading.handed_in import Entry, HandedIn, collect, count_of
from grader.staff.grading.outputs import Outputs
from grader.staff.grading.pools import cluster_pool, default_jobs, local_pool
from grader.staff.grading.roster import Roster, read_roster
from grader.staff.grading.show import Shown, print_table
from grader.staff.grading.store import Grade
from grader.staff.options import add_assignment

HELP = (
    "Grades submissions: zips, folders, or the download of a whole class from Canvas, Moodle, Gradescope or GitHub "
    "Classroom.  Writes DIR/NAME/ for each, and prints a table.  What is graded already and unchanged is not graded "
    "again.  Exit status: 0 if every submission was graded, whatever its score; 2 if one was not."
)
EXAMPLE = "DATA_DIR=~/data grader grade submissions.zip --out grades"
GRADED, NOT_GRADED, STOPPED = 0, 2, 130
ABOUT = {
    "paths": "a submission or a download of a class: a zip or a folder",
    "--out": "where the results go",
    "--format": f"what PATH is, if that is not clear: {', '.join(Format)}",
    "--roster": "a table of the class: name, id, login, deadline, extension (days), submitted",
    "--gradebook": "a gradebook exported from Canvas or Moodle: DIR/gradebook.csv is a copy with the points filled in",
    "--column": "the gradebook's column for this assignment (default: the one with its title)",
    "--anonymous": "leave names out of class.html",
    "--dry-run": "only show who would be graded with which files",
    "--regrade": "grade these again, though nothing changed (names of folders in DIR; without a name: all)",
    "--cluster": "grade on a Dask cluster: its scheduler's address, or local:4 for four workers here",
    "--full": "train with the full budget, on all of MNIST (in DATA_DIR): minutes each",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    jobs = default_jobs()
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=ABOUT["paths"])
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help=ABOUT["--out"])
    parser.add_argument("--format", choices=[*map(str, Format)], metavar="FORMAT", help=ABOUT["--format"])
    parser.add_argument("--roster", type=Path, metavar="FILE.csv", help=ABOUT["--roster"])
    parser.add_argument("--gradebook", type=Path, metavar="FILE.csv", help=ABOUT["--gradebook"])
    parser.add_argument("--column", metavar="TITLE", help=ABOUT["--column"])
    parser.add_argument("--anonymous", action="store_true", help=ABOUT["--anonymous"])
    parser.add_argument("--dry-run", action="store_true", help=ABOUT["--dry-run"])
    parser.add_argument("--regrade", nargs="*", metavar="NAME", help=ABOUT["--regrade"])
    about = f"submissions at a time (default here: {jobs})"
    parser.add_argument("--jobs", type=int, default=jobs, metavar="N", help=about)
    parser.add_argument("--cluster", metavar="ADDRESS", help=ABOUT["--cluster"])
    parser.add_argument("--full", action="store_true", help=ABOUT["--full"])
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    assignment = read_assignment()
    require_data(options.full)
    require_way_to_kit()
    if options.jobs < 1:
        raise GraderError(f"--jobs is {options.jobs}; it must be at least 1.")
    roster = Roster(read_roster(options.roster) if options.roster else ())
    wanted = Format(options.format) if options.format else None
    handed_in = collect(options.paths, assignment, wanted, roster, options.out)
    print(*handed_in.described, sep="\n", flush=True, end="\n" if handed_in.described else "")
    if options.dry_run:
        return NOT_GRADED if print_plan(handed_in, assignment.exercises) else GRADED
    if assignment.hidden == "hidden":
        print('With visibility.hidden = "hidden", Gradescope never shows students their total.', file=sys.stderr)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(f"{options.out} can't be made: {error.strerror or error}.") from None
    with boundary.closed([*options.paths, options.out]):  # one submission must not read another
        outputs = Outputs(options.out, assignment, handed_in, options.gradebook, options.column, options.anonymous)
        outputs.check()
        return grade_all(handed_in, options, outputs)


def grade_all(handed_in: HandedIn, options: argparse.Namespace, outputs: Outputs) -> int:
    """Grade all submissions, and write and print the results; the exit status."""
    entries = handed_in.entries
    tasks = [Task(entry.name, entry.upload, options.out / entry.name) for entry in entries]
    again = names_again(options.regrade, entries)
    stopped = False
    with cluster_pool(options.cluster) if options.cluster else local_pool(options.jobs) as pool:
        batch = Batch(pool, options.full, {"DATA_DIR": data_dir() or ""}, again)
        print(f"Grading {count_of(len(tasks), 'submission')}, {pool.size} at a time.", flush=True)
        with Shown(len(tasks)) as shown:
            try:
                batch.grade_all(tasks, shown.show)
            except KeyboardInterrupt:
                stopped = True
    if shown.known:
        print(f"{count_of(shown.known, 'submission')} graded before, and unchanged since.")
    finish(batch.grades, entries, outputs, whole=not stopped)
    if stopped:
        n_done = sum(entry.name in batch.grades for entry in entries)
        print(f"\nStopped: {n_done} of {len(entries)} are graded.  Run the same command again to continue.")
        return STOPPED
    return NOT_GRADED if handed_in.not_there or any(grade.problem for grade in batch.grades.values()) else GRADED


def finish(grades: dict[str, Grade], entries: Sequence[Entry], outputs: Outputs, whole: bool) -> None:
    """Print the table of the grades so far, and write the files of the class."""
    if grades:
        print_table([grades[entry.name] for entry in entries if entry.name in grades], entries)
    print(f"\nEach submission's results.json, feedback.html and log.txt: {outputs.out}{os.sep}NAME{os.sep}", flush=True)
    try:
        print(*outputs.write(grades, whole), sep="\n")
    except OSError as error:
        raise GraderError(f"{outputs.out} can't be written: {error.strerror or error}.") from None


def names_again(names: Sequence[str] | None, entries: Sequence[Entry]) -> frozenset[str] | None:
    """The submissions to grade again; None for all.  Raises GraderError for an unknown name."""
    known = {entry.name for entry in entries}
    for name in names or ():
        if name not in known:
            raise GraderError(f"--regrade {name}: there is no such submission; there are {', '.join(sorted(known))}.")
    return None if names == [] else frozenset(names or ())


def require_way_to_kit(kit: Path = KIT) -> None:
    """Raise GraderError if the kit is in a folder that workers can't enter, such as root's home."""
    if not boundary.can_harden() or jail.is_possible():
        return
    for folder in (kit, *kit.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise GraderError(
                f"Workers run as another user than root, and {folder} is closed to other users: move the kit to a folder "
                "that all users can enter, such as /opt, and run make setup there."
            )
