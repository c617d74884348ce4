"""`grader audit`: are the checks right?  Every known mistake must lose points and be named, every correct style must lose none."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import groupby
from operator import methodcaller
from pathlib import Path

from grader.assignment import STAFF, is_hidden, read_assignment
from grader.judging.diagnosis import LiveMistakes
from grader.judging.reference import read_golden
from grader.judging.settings import Settings
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import Remembering, collect_checks, hold_trial, trains
from grader.staff.options import add_choice
from grader.staff.proving import audit_report
from grader.staff.proving.audit_findings import Findings
from grader.staff.proving.cases import Case, make_cases, place
from grader.staff.proving.lanes import CONTEXT, in_lanes
from grader.staff.proving.threads import tolerance_used

HELP = (
    "Runs the mutants and the styles of grader/staff/exercises/ through all checks, prints what is wrong with the checks "
    "and writes grader/staff/docs/AUDIT.md.  Exit status: 0 if every mutant loses points and gets no hint but its own, "
    "and every style keeps all points; 1 if not; 2 if there is nothing to try."
)
EXAMPLE = "grader audit --only train_epoch"
REPORT = STAFF / "docs" / "AUDIT.md"
SEED = b"the inputs that every mutant and every style is asked with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_choice(parser, "mutants and styles", "AUDIT.md", "the findings, totals first,")


def main(options: argparse.Namespace) -> int:
    return audit(tuple(options.only), options.json)


def audit(only: tuple[str, ...] = (), json_file: Path | None = None) -> int:
    """Audit, print and write; 0 when nothing is wrong.  `only` keeps the mutants and styles whose names begin with one of these."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as temporary:
        cases = make_cases(Path(temporary), only)
        if not cases:
            print(f"No mutant and no style has a name that begins with {' or '.join(only)}.", file=sys.stderr)
            return 2
        used = run_all(cases, Path(temporary), whole=not only)
    findings = Findings(cases, collect_checks(), used, whole=not only)
    print(audit_report.summary(findings))
    print(f"Took {time.monotonic() - started:.0f} s.")
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(findings.as_json(), indent=1) + "\n", encoding="utf-8")
    if not only:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(audit_report.markdown(findings), encoding="utf-8")
        print(f"Written to {REPORT}.")
    return 1 if findings.problems else 0


def run_all(cases: list[Case], folder: Path, whole: bool) -> float:
    """Run the cases, two groups at a time; the share of the tolerance that a second thread uses, measured when all is audited."""
    tasks, used = [methodcaller("run", group) for group in groups(cases)], 0.0
    if whole:
        tasks.insert(0, methodcaller("tolerance_used"))
    named = {case.name: case for case in cases}
    given = place(folder, "reference", ()), [case for case in cases if case.is_mutant], Progress(len(cases))
    for found in in_lanes(Lane, given, tasks, folder):
        if isinstance(found, float):
            used = found
            continue
        for case in found:
            named[case.name].graded, named[case.name].laptop = case.graded, case.laptop
    return used


def groups(cases: Iterable[Case]) -> list[list[Case]]:
    """What is asked the same together: the mistakes in one function, all pairs, all styles.  Large groups first, so that both lanes end at the same time."""
    alike = groupby(cases, lambda case: case.mutants[0].function if len(case.mutants) == 1 else len(case.mutants))
    return sorted((list(group) for _, group in alike), key=lambda group: (bool(group[0].mutants), -len(group)))


class Progress:
    """Counts the cases that are done, in all lanes, and says so."""

    def __init__(self, total: int) -> None:
        self.total, self.started, self.done = total, time.monotonic(), CONTEXT.Value("i", 0)

    def show(self, name: str) -> None:
        """One more: in place on a terminal, a line for every 25 elsewhere."""
        with self.done.get_lock():
            self.done.value += 1
            done, last = self.done.value, self.done.value == self.total
            line = f"[{done}/{self.total}] {time.monotonic() - self.started:4.0f} s  {name}"
            if sys.stdout.isatty():
                print(f"\r{line:<100.100}", end="\n" if last else "", flush=True)
            elif done % 25 == 0 or last:
                print(line, flush=True)


class Lane:
    """What a process that runs cases has: the checks, the known mistakes, and a memory of what was answered."""

    def __init__(self, sandbox: Sandbox, reference: Path, known: list[Case], progress: Progress) -> None:
        self.asks, self.checks, self.progress = Remembering(sandbox), collect_checks(), progress
        self.reference, staged = reference, Path(tempfile.mkdtemp())
        exercises, recorded = read_assignment().exercises, read_golden().mistakes
        self.mistakes = LiveMistakes(self.asks, reference, staged, exercises, recorded)
        self.mistakes.staged = {case.name: case.folder for case in known}

    def tolerance_used(self) -> float:
        exact = [item for item in self.checks if not trains(item)]
        return tolerance_used(exact, self.reference, self.asks, SEED)

    def run(self, cases: list[Case]) -> list[Case]:
        """The cases, with what became of them: what one of them is asked, all of them are."""
        self.asks.crowd = [case.folder for case in cases]
        for case in cases:
            self.run_case(case)
            self.progress.show(case.name)
        return cases

    def run_case(self, case: Case) -> None:
        checks = [item for item in self.checks if case.concerns(item)]
        case.graded = hold_trial(Settings(case.folder, seed=SEED, asks=self.asks), checks, self.mistakes)
        if case.is_mutant:
            shows = case.graded.showing(case.mutants[0])
            visible = [item for item in checks if item.name in shows and not is_hidden(item.path)]
            case.laptop = hold_trial(Settings(case.folder, asks=self.asks, live=False), visible)
