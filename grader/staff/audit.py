"""`grader audit`: are the checks right?  Every known mistake must lose points and be named, every correct style must lose none."""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from grader.assignment import read_assignment
from grader.diagnosis import LiveMistakes
from grader.outcome import Outcome
from grader.reference import STAFF, read_golden
from grader.run import Settings
from grader.sandbox import Sandbox
from grader.staff import audit_report
from grader.staff.cases import Case, make_cases, place
from grader.staff.findings import Findings
from grader.staff.threads import tolerance_used
from grader.staff.trial import Remembering, collect_checks, hold_trial, in_lanes, open_lanes, trains

REPORT = STAFF / "docs" / "AUDIT.md"
SEED = b"the inputs that every mutant and every style is asked with"


def main(only: tuple[str, ...] = (), json_file: Path | None = None) -> int:
    """Audit, print and write; 0 when nothing is wrong.  `only` keeps the mutants and styles whose names begin with one of these."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as temporary:
        cases = make_cases(Path(temporary), only)
        if not cases:
            print(f"No mutant and no style has a name that begins with {' or '.join(only)}.", file=sys.stderr)
            return 2
        checks = collect_checks()
        audit = Audit(cases, checks, Path(temporary), whole=not only)
        audit.run()
    findings = Findings(cases, checks, audit.tolerance_used, whole=not only)
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


class Audit:
    """Runs the cases, two at a time, on one memory of what was answered."""

    def __init__(self, cases: list[Case], checks: list[pytest.Function], folder: Path, whole: bool) -> None:
        self.cases, self.checks, self.folder, self.whole = cases, checks, folder, whole
        self.memory: dict[str, Outcome] = {}
        self.tolerance_used = 0.0
        self.done, self.lock, self.started = 0, threading.Lock(), time.monotonic()

    def run(self) -> None:
        sandboxes = open_lanes()
        reference, exact = place(self.folder, "reference", ()), [item for item in self.checks if not trains(item)]
        if self.whole:
            asks = Remembering(sandboxes[0], self.memory)
            self.tolerance_used = tolerance_used(exact, reference, asks, SEED)
        shares = [self.cases[i :: len(sandboxes)] for i in range(len(sandboxes))]
        in_lanes(self.run_lane, sandboxes, shares)

    def run_lane(self, sandbox: Sandbox, share: list[Case]) -> None:
        """Run a share of the cases: what one of them is asked, all of them are."""
        asks = Remembering(sandbox, self.memory, [case.folder for case in share if case.mutants])
        kit, staged = place(self.folder, f"kit {id(share)}", ()), self.folder / f"lane {id(share)}"
        mistakes = LiveMistakes(asks, kit, staged, read_assignment().exercises, read_golden()["mistakes"])
        mistakes.staged = {case.name: case.folder for case in self.cases if case.is_mutant}
        while share:
            case = share.pop(0)
            self.run_case(case, asks, mistakes)
            self.show_progress(case)

    def run_case(self, case: Case, asks: Remembering, mistakes: LiveMistakes) -> None:
        checks = [item for item in self.checks if case.concerns(item)]
        case.graded = hold_trial(Settings(case.folder, seed=SEED, asks=asks), checks, mistakes)
        if case.is_mutant:
            shows = case.graded.showing(case.mutants[0])
            visible = [item for item in checks if item.name in shows and item.path.parent.name == "tests"]
            case.laptop = hold_trial(Settings(case.folder, asks=asks, live=False), visible)

    def show_progress(self, case: Case) -> None:
        with self.lock:
            self.done += 1
            line = f"[{self.done}/{len(self.cases)}] {time.monotonic() - self.started:4.0f} s  {case.name}"
            if sys.stdout.isatty():
                print(f"\r{line:<100.100}", end="\n" if self.done == len(self.cases) else "", flush=True)
            elif self.done % 25 == 0 or self.done == len(self.cases):
                print(line, flush=True)
