"""`grader points`: the points of every check."""

import argparse
import csv
import re
import sys
from collections.abc import Sequence

from grader.assignment import read_assignment
from grader.items import new_record
from grader.judging.record import Record
from grader.staff.grading.trial import collect_checks
from grader.staff.options import add_assignment

HELP = (
    "Lists every check of the assignment with its number, its title, its points, its exercise, and whether students see "
    "it; then the points of each exercise and of all.  With --csv, the same list as comma-separated values.  "
    "Exit status: 0, or 2 if the checks can't be read."
)
EXAMPLE = "grader points --csv > points.csv"
COLUMNS = ("number", "title", "points", "exercise", "visibility")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", action="store_true", help="comma-separated values, without totals")
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    assignment = read_assignment()
    records = [new_record(item, assignment) for item in collect_checks()]
    records.sort(key=lambda record: (assignment.exercises.index(record.exercise), parts_of(record.number)))
    if options.csv:
        print_csv(records)
    else:
        print_table(records)
        print_totals(records)
    return 0


def parts_of(number: str) -> list[int]:
    """The parts of a check's number, in the order of which 1.10 comes after 1.9."""
    return [int(part) for part in re.findall(r"\d+", number)]


def row_of(record: Record) -> list[str]:
    visibility = "hidden" if record.hidden else "visible"
    return [record.number, record.title, f"{record.max_points:g}", record.exercise, visibility]


def print_csv(records: Sequence[Record]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(row_of, records))


def print_table(records: Sequence[Record]) -> None:
    """The title, which may be long, comes last."""
    exercise_width = max(len(record.exercise) for record in records)
    print(f"{'number':<8}{'points':>6}  {'exercise':<{exercise_width}}  visibility  title")
    for number, title, points, exercise, visibility in map(row_of, records):
        print(f"{number:<8}{points:>6}  {exercise:<{exercise_width}}  {visibility:<10}  {title}")


def print_totals(records: Sequence[Record]) -> None:
    """A line for each exercise, and one for all."""
    exercises = list(dict.fromkeys(record.exercise for record in records))
    width = max(len("exercise"), *map(len, exercises))
    print(f"\n{'exercise':<{width}}  {'checks':>6}  {'visible':>7}  {'hidden':>6}  {'points':>6}")
    groups = [(name, [record for record in records if record.exercise == name]) for name in exercises]
    for name, group in [*groups, ("total", records)]:
        visible = sum(record.max_points for record in group if not record.hidden)
        points = sum(record.max_points for record in group)
        print(f"{name:<{width}}  {len(group):>6}  {visible:>7g}  {points - visible:>6g}  {points:>6g}")
