"""The staff's part of the `grader` command."""

import argparse
import os
import sys
from pathlib import Path


def add_staff_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add_grade(commands)
    add_stubs(commands)
    add_record(commands)
    add_solution(commands)
    add_handout(commands)
    add_audit(commands)
    add_baseline(commands)
    add_calibrate(commands)
    add_attack(commands)
    add_autograder(commands)


def add_grade(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "grade",
        help="grade submissions with the visible and the hidden checks",
        description="Grades zips and folders; writes DIR/NAME/results.json and DIR/NAME/log.txt for each (NAME is the zip's or folder's name) "
        "and prints a table.  Exit status: 0 when every submission was graded, whatever its score, 2 when one could not be.",
        epilog="Example:  DATA_DIR=~/data grader grade submissions/*.zip --out grades",
    )
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a submission: a zip or a folder")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the results go")
    jobs = max(1, (os.cpu_count() or 1) // 2)
    command.add_argument(
        "--jobs", type=int, default=jobs, metavar="N", help=f"submissions at a time (default here: {jobs})"
    )
    command.add_argument(
        "--full", action="store_true", help="train with the full budget, on all of MNIST (in DATA_DIR): minutes each"
    )
    add_assignment(command)
    command.set_defaults(command=grade)


def grade(options: argparse.Namespace) -> int:
    from grader.assignment import read_assignment
    from grader.judging.run import require_data
    from grader.staff.grading.grade import grade_all

    choose_assignment(options)
    require_data(options.full)
    if read_assignment().hidden == "hidden":
        print('With visibility.hidden = "hidden", Gradescope never shows students their total.', file=sys.stderr)
    return grade_all(options.paths, options.out, options.jobs, options.full)


def add_assignment(command: argparse.ArgumentParser) -> None:
    about = (
        "what is handed out, where that is not assignment.toml: a course with several assignments has a file for each"
    )
    command.add_argument("--assignment", type=Path, metavar="FILE", help=about)


def choose_assignment(options: argparse.Namespace) -> None:
    """Have this process, and those that it starts, read the assignment that was named."""
    from grader.assignment import VARIABLE

    if options.assignment is not None:
        os.environ[VARIABLE] = str(options.assignment.resolve())


def add_stubs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "stubs",
        help="generate src/ from the reference",
        description='Writes src/*.py: the solutions in grader/staff/exercises/ with a line that says "to do" in place of every marked solution.',
        epilog="Example:  grader stubs --check",
    )
    command.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 when src/ is not what would be written"
    )
    command.set_defaults(command=stubs)


def stubs(options: argparse.Namespace) -> int:
    from grader.staff.release.stubs import main

    return main(options.check)


def add_record(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "record",
        help="record the reference's observations for students' machines",
        description="Runs the visible checks on the reference and writes what it observed to tests/golden/.",
        epilog="Example:  grader record --check",
    )
    command.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit status 1 when the recorded observations are out of date",
    )
    command.set_defaults(command=record)


def record(options: argparse.Namespace) -> int:
    from grader.staff.release.record import main

    return main(options.check)


def add_solution(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "solution",
        help="write the reference as a submission",
        description="Writes the reference of every exercise to OUT/src/NAME.py: a submission with all points.  Exit status: 0, or 2 if it could "
        "not be written.",
        epilog="Example:  grader solution build/solution",
    )
    command.add_argument("out", type=Path, metavar="OUT", help="the folder to write; its src/ must be empty or missing")
    command.set_defaults(command=solution)


def solution(options: argparse.Namespace) -> int:
    from grader.staff.release.solution import main

    return main(options.out)


def add_handout(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "handout",
        help="make what students get: a folder and a zip",
        description="Writes OUT and OUT.zip: the exercises that assignment.toml names as stubs, their visible checks, and a README for students.  "
        "Nothing is lost: an OUT that holds anything else is refused, an earlier handout is brought up to date unless its files were changed.  "
        "Exit status: 0 when it was made, 1 when it was not, and nothing was written.",
        epilog="Example:  grader handout build/homework-1",
    )
    command.add_argument("out", type=Path, metavar="OUT", help="the folder to make, or a clone of an empty repository")
    add_assignment(command)
    command.set_defaults(command=handout)


def handout(options: argparse.Namespace) -> int:
    from grader.staff.release.handout import main

    choose_assignment(options)
    return main(options.out)


def add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "audit",
        help="try every known mistake and every correct style on the checks",
        description="Runs the mutants and the styles of grader/staff/exercises/ through all checks, prints what is wrong "
        "with the checks and writes grader/staff/docs/AUDIT.md.  Exit status: 0 when every mutant loses points and is given no hint but its own, "
        "and every style keeps all points; 1 otherwise.",
        epilog="Example:  grader audit --only train_epoch",
    )
    add_choice(command, "mutants and styles", "AUDIT.md", "what was found, totals first,")
    command.set_defaults(command=audit)


def audit(options: argparse.Namespace) -> int:
    from grader.staff.proving.audit import main

    return main(tuple(options.only), options.json)


def add_baseline(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "baseline",
        help="save what the judge says of many submissions, or compare with what was saved",
        description="Runs the reference, the stubs, the example, every style and 50 mutants, each graded and as on a student's machine, and writes "
        "status, points and named mistake of every check to FILE.  With --compare, prints what differs from FILE instead: run it before "
        "and after a change that must not change any score.  Exit status: 0, or 1 if something differs.",
        epilog="Example:  grader baseline build/before.json",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="the file to write, or to compare with")
    command.add_argument("--compare", action="store_true", help="write nothing; print what differs from FILE")
    command.set_defaults(command=baseline)


def baseline(options: argparse.Namespace) -> int:
    from grader.staff.proving.baseline import main

    return main(options.file, options.compare)


def add_choice(command: argparse.ArgumentParser, tried: str, report: str, seen: str) -> None:
    """The options of a command that tries many things and reports on all of them."""
    command.add_argument("--json", type=Path, metavar="FILE", help=f"write {seen} to this file")
    only = f"try only {tried} whose names begin so; writes no {report}"
    command.add_argument("--only", nargs="+", default=(), metavar="NAME", help=only)


def add_calibrate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "calibrate",
        help="measure the thresholds of checks on trained networks",
        description="Runs the checks that have thresholds on the reference with many seeds, on every style, and on the mutants that they claim to "
        "catch; writes thresholds.json beside the checks.  Thresholds are measured for the data in use: run it with DATA_DIR for "
        "real MNIST, and without for the offline digits.  Exit status: 0 when correct and broken runs lie apart and enough runs were made.",
        epilog="Example:  DATA_DIR=~/data grader calibrate --only 3.11 --plot build/thresholds",
    )
    command.add_argument("--only", default="", metavar="NUMBER", help="calibrate only the check with this number")
    command.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="runs of the reference (default: 200, and 120 of the dear checks)",
    )
    command.add_argument("--plot", type=Path, metavar="DIR", help="draw the distributions into this folder")
    command.set_defaults(command=calibrate)


def calibrate(options: argparse.Namespace) -> int:
    from grader.staff.proving.calibrate import main

    return main(options.only, options.seeds, options.plot)


def add_attack(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "attack",
        help="try every attack on the grader",
        description="Grades the hostile submissions in grader/staff/attacks/, looks at what they gained, told and left behind, grades an honest "
        "submission after each, and writes grader/staff/docs/SECURITY.md.  Linux only, as root.  Exit status: 0 when all went as expected, 1 when "
        "not, 2 where attacks can't be tried.",
        epilog="Example:  grader attack --only reads_ zip_",
    )
    add_choice(command, "attacks", "SECURITY.md", "what was seen of each attack")
    command.set_defaults(command=attack)


def attack(options: argparse.Namespace) -> int:
    from grader.staff.proving.attack import main

    return main(tuple(options.only), options.json)


def add_autograder(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "autograder",
        help="make the zip that is uploaded to Gradescope",
        description="Packs the checks, the reference, the pinned requirements and the scripts setup.sh and run_autograder, and nothing else.  "
        "The zip holds the staff's secret, so that grading again repeats exactly: keep it private.",
        epilog="Example:  grader autograder build/autograder.zip",
    )
    command.add_argument("out", type=Path, metavar="OUT.zip", help="the zip to write")
    command.add_argument(
        "--torch-index",
        metavar="URL",
        help="where setup.sh looks for torch beside pip's usual registry; \"\" for nowhere else (default: PyTorch's builds without CUDA)",
    )
    add_assignment(command)
    command.set_defaults(command=autograder)


def autograder(options: argparse.Namespace) -> int:
    from grader.staff.release.autograder import main

    choose_assignment(options)
    return main(options.out, options.torch_index)
