"""`grader fuzz`: grade submissions that are broken at random, and judge answers that are."""

import argparse
import contextlib
import io
import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.assignment import CHECKS, read_assignment
from grader.feedback.progress import Progress
from grader.items import exercise_of, new_record
from grader.judging.opening import probe_modules
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox import boundary
from grader.sandbox.client import Sandbox
from grader.sandbox.lease import lease_user
from grader.staff.grading.trial import collect_checks
from grader.staff.proving.fuzz_answers import judge_answers, report
from grader.staff.proving.fuzz_cases import make_broken
from grader.staff.release.rehearse import schema_problems

HELP = (
    "Breaks sources and zips at random and grades them: each must end in a valid results.json with the full maximum.  Then "
    "alters the reference's answers at random: no check may end as the grader's error, or give points for answers in which "
    "every value is wrong.  Everything follows from its number: --only runs one again.  Exit status: 0 if all are right, 1 "
    "if not."
)
EXAMPLE = "grader fuzz --only 123"
CHEAP, WHOLE = 1000, 40  # submissions for one check of the broken exercise, and for all checks
CHECKS_OF_ANSWERS = 10_000  # each alters one or two answers
SHARE = 104  # submissions that one process grades, at most


class Judged(NamedTuple):
    """A submission's number, how it was broken, and a sentence if its results are wrong."""

    number: int
    how: str
    problem: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "grade only the submission with this number, with all checks, and show what pytest prints"
    parser.add_argument("--only", type=int, metavar="NUMBER", help=about)
    parser.add_argument("--answers", type=int, metavar="N", help="only judge altered answers, of N checks")


def main(options: argparse.Namespace) -> int:
    if options.answers is not None:
        return judge_answers_and_report(options.answers)
    if options.only is not None:
        with contextlib.closing(Judge()) as judge:
            judged = judge.judge(options.only, whole=True, quiet=False)
        print(f"{judged.how}: {judged.problem or 'valid, with the full maximum'}")
        return 1 if judged.problem else 0
    return max(judge_and_report(CHEAP, WHOLE), judge_answers_and_report(CHECKS_OF_ANSWERS))


def judge_answers_and_report(count: int) -> int:
    """Judge the altered answers of so many checks; 1 if any is judged wrongly."""
    judged = judge_answers(range(count))
    print(report(judged))
    return 1 if judged.problems else 0


def judge_and_report(cheap: int, whole: int) -> int:
    """Judge all, and say how many were broken in which way; 1 if any has a problem."""
    ways, n_problems = Counter[str](), 0
    progress = Progress(cheap + whole)
    for number, how, problem in judge_all(cheap, whole):
        ways[how] += 1
        n_problems += bool(problem)
        progress.step(f"{number} ({how}): {problem or 'valid'}", always=bool(problem))
    for how, count in sorted(ways.items()):
        print(f"{count:>5}  {how}")
    valid = f"{cheap + whole - n_problems} of {cheap + whole} have a valid results.json with the full maximum"
    print(f"{valid} ({whole} of them after all checks).")
    return 1 if n_problems else 0


class Judge:
    """Grades submissions, one after the other, through one pair of sandboxes."""

    def __init__(self) -> None:
        self.lease = lease_user() if boundary.can_harden() else None
        self.sandboxes = Sandbox.pair(lease=self.lease, preload=probe_modules(read_assignment().exercises))
        checks = collect_checks()
        self.first_check = {exercise_of(item): item for item in reversed(checks)}
        self.maximum = sum(map(max_points, checks))

    def judge(self, number: int, whole: bool, quiet: bool = True) -> Judged:
        """Grade a submission with all checks, or with the first of the broken exercise."""
        with tempfile.TemporaryDirectory(prefix="grader-fuzz-") as folder:
            broken = make_broken(number, Path(folder))
            first = self.first_check[broken.exercise]
            checks = CHECKS if whole else [Path(f"{first.path}::{first.name}")]
            maximum = self.maximum if whole else max_points(first)
            results = Path(folder) / "results.json"
            asks, staff_asks = self.sandboxes
            settings = Settings(broken.path, secret=b"fuzz", asks=asks, staff_asks=staff_asks)
            with contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext():
                status = run_checks(settings, checks, "-q", "-p", "no:faulthandler", f"--results={results}")
            return Judged(number, broken.how, problem_with(status, results, maximum))

    def close(self) -> None:
        for sandbox in self.sandboxes:
            sandbox.close()
        if self.lease:
            self.lease.end()


def max_points(item: pytest.Function) -> float:
    return new_record(item, read_assignment()).max_points


def problem_with(status: int, results: Path, maximum: float) -> str:
    """What is wrong with a run or with its results.json, in a sentence, or ""."""
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return f"pytest ended with status {status}"
    found = json.loads(results.read_text(encoding="utf-8"))
    if problems := schema_problems(found):
        return problems[0]
    if sum(test["max_score"] for test in found["tests"]) != maximum:
        return f"its maximum is not {maximum:g}"
    counts = found["extra_data"]["checks"]
    if counts["error"] or counts["not run"]:
        return f"{counts['error']} checks could not be judged, {counts['not run']} were not run"
    return ""


def judge_share(numbers: list[int], whole: int) -> list[Judged]:
    """Judge submissions by number; those below `whole` with all checks."""
    with contextlib.closing(Judge()) as judge:
        return [judge.judge(number, number < whole) for number in numbers]


def judge_all(cheap: int, whole: int, jobs: int = 2) -> Iterator[Judged]:
    """Judge `whole` submissions with all checks and `cheap` ones with one, in `jobs` processes."""
    numbers = list(range(cheap + whole))
    n_shares = math.ceil(len(numbers) / SHARE)
    shares = [numbers[i::n_shares] for i in range(n_shares)]
    with ProcessPoolExecutor(jobs) as pool:
        for judged in pool.map(judge_share, shares, [whole] * len(shares)):
            yield from judged
