"""`grader audit`: are the checks right?

Every known mistake must lose points and be named, and every correct style must keep all points.
"""

import argparse
import json
import shlex
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import Path

from grader.assignment import STAFF, GraderError, is_hidden, read_assignment
from grader.feedback.progress import Progress
from grader.judging.live_mistakes import LiveMistakes
from grader.judging.reference import read_golden
from grader.judging.settings import Settings
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import Trial, collect_checks, hold_trial, trains
from grader.staff.proving import audit_report, generic_audit, generic_choice, generic_report, selection
from grader.staff.proving.audit_findings import CaseVerdict, Findings
from grader.staff.proving.cache import AnswerCache
from grader.staff.proving.cases import Case, CaseKind, all_cases, place
from grader.staff.proving.lanes import CONTEXT, in_lanes
from grader.staff.proving.memory import Remembering
from grader.staff.proving.threads import tolerance_used

HELP = (
    "Runs the mutants and the styles of grader/staff/exercises/ through all checks, prints what is wrong with the checks "
    "and writes grader/staff/docs/AUDIT.md.  --only and --sample try a part of them and leave AUDIT.md unchanged.  Answers "
    "are kept in build/answers.sqlite, so that a second run asks only what changed.  Exit status: 0 if every mutant loses "
    "points and gets no hint but its own, and every style keeps all points; 1 if not; 2 if there is nothing to try.  "
    "With --generic it tries mutants that nobody chose instead: the standard operators of mutation testing make them of all "
    "code that students write.  Each must lose points, or be excused by a rule or by an entry of the exercise's excused.toml "
    "(grader/staff/proving/excuses.py explains both).  It writes grader/staff/docs/generic.json, for AUDIT.md.  Exit status: "
    "0 if no mutant survives and every entry is needed; 1 if not; 2 for a name that nothing has, or a faulty excused.toml."
)
EXAMPLE = "grader audit --only run_model"
REPORT = STAFF / "docs" / "AUDIT.md"
SEED = b"the inputs that every mutant and every style is asked with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings, totals first, to this file")
    parser.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="NAME",
        help="only these: NAME is an exercise (its mutants, equivalent changes and styles), or the beginning of the "
        "name of a mutant, pair or style; with --generic an exercise, a function or class with the helpers that it calls, "
        "or a method, as in NumpyMLP.fit",
    )
    parser.add_argument(
        "--generic",
        action="store_true",
        help="try mutants that nobody chose, from the standard operators of mutation testing",
    )
    parser.add_argument(
        "--sample",
        type=int,
        nargs="?",
        const=selection.SAMPLE,
        metavar="N",
        help="all of the exercises whose files differ from those of the last whole audit, and N others "
        f"(default: {selection.SAMPLE}) that change with the date; of generic mutants, N of few functions",
    )
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        default=date.today(),
        metavar="YYYY-MM-DD",
        help="repeat the sample of this day (default: today)",
    )


def main(options: argparse.Namespace) -> int:
    """Audit, print and write; 0 if nothing is wrong."""
    if options.sample is not None and options.sample < 1:
        raise GraderError(f"--sample is {options.sample}; it must be at least 1.")
    started, is_whole = time.monotonic(), not options.only and options.sample is None
    if options.generic:
        return try_generic(options, is_whole)
    findings = audit(choose(options), is_whole)
    print(audit_report.summary(findings))
    print(f"Took {time.monotonic() - started:.0f} s.")
    write(findings, options.json, is_whole)
    return 1 if findings.problems else 0


def try_generic(options: argparse.Namespace, is_whole: bool) -> int:
    """Audit the generic mutants, print and write; 0 if nothing is wrong."""
    mutants = generic_choice.choose(options.only)
    for note in generic_choice.notes(options.only):
        print(note, flush=True)
    if options.sample is not None:
        mutants = generic_choice.sample(mutants, options.sample, options.date)
        print("A sample of the generic mutants. To repeat it:")
        print(f"  {command(options)}", flush=True)
    verdicts = generic_audit.audit_generic(mutants)
    print(generic_report.summary(verdicts))
    if options.json is not None:
        generic_report.write_figures(verdicts, options.json)
    if is_whole:
        generic_report.write_figures(verdicts)
        print(f"Written to {generic_report.FIGURES}. The next whole audit puts it into {REPORT.name}.")
    return 1 if any(generic_report.problems(verdicts)) else 0


def choose(options: argparse.Namespace) -> list[Case]:
    """The cases that the command line asks for. Raises GraderError if there are none."""
    cases = all_cases()
    if options.only:
        wrong = [name for name in options.only if not selection.named(cases, [name])]
        if wrong:
            raise GraderError(f"No exercise, mutant or style has a name that begins with {' or '.join(wrong)}.")
        cases = selection.named(cases, options.only)
    if options.sample is not None:
        cases = selection.sample(cases, options.sample, options.date)
        changed = ", ".join(selection.changed_exercises()) or "none"
        print(f"A sample of the cases. Changed since the last whole audit: {changed}. To repeat it:")
        print(f"  {command(options)}", flush=True)
    return cases


def command(options: argparse.Namespace) -> str:
    """The command that tries the same sample again."""
    only = ["--only", *options.only] if options.only else []
    generic = ["--generic"] if options.generic else []
    return shlex.join(
        ["grader", "audit", *generic, *only, "--sample", str(options.sample), "--date", str(options.date)]
    )


def write(findings: Findings, json_file: Path | None, is_whole: bool) -> None:
    """Write what was asked for, and after a whole audit what is kept in the repository."""
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(findings.as_json(), indent=1) + "\n", encoding="utf-8")
    if is_whole:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(audit_report.markdown(findings), encoding="utf-8")
        print(f"Written to {REPORT}.")
        if not findings.problems:
            selection.write_digests()


def audit(cases: list[Case], is_whole: bool) -> Findings:
    """Run the cases, two groups at a time. A whole audit also measures a second thread's effect."""
    verdicts: dict[str, CaseVerdict] = {}
    used = ToleranceUsed(0.0)
    with tempfile.TemporaryDirectory(prefix="grader-audit-") as temporary:
        folder = Path(temporary)
        staged = [case.staged_in(folder) for case in cases]
        tasks: list[Task] = [MeasureThreads()] if is_whole else []
        tasks += [AuditGroup(group) for group in groups(staged)]
        mutants = {case.name: case.folder for case in staged if case.kind is CaseKind.MUTANT}
        given = place(folder, "reference", ()), mutants, Progress(len(cases), CONTEXT.Value("i", 0))
        for result in in_lanes(AuditLane, given, tasks, folder):
            if isinstance(result, ToleranceUsed):
                used = result
            else:
                verdicts |= {verdict.case.name: verdict for verdict in result}
    AnswerCache().shrink()
    return Findings([verdicts[case.name] for case in cases], collect_checks(), used.share, is_whole)


def groups(cases: Iterable[Case]) -> list[list[Case]]:
    """Groups of cases that are asked the same questions: one function's, all pairs, all styles.

    Styles come first, because they take longest. Large groups follow, so that both lanes end at the
    same time.
    """
    alike = [list(group) for _, group in groupby(sorted(cases, key=group_name), group_name)]
    return sorted(alike, key=lambda group: (group[0].kind is not CaseKind.STYLE, -len(group)))


def group_name(case: Case) -> str:
    is_single = case.kind in (CaseKind.MUTANT, CaseKind.EQUIVALENT)
    return f"function {case.mutants[0].function}" if is_single else f"every {case.kind}"


@dataclass(frozen=True)
class ToleranceUsed:
    """The share of the tolerance of exact checks that a second thread uses."""

    share: float


@dataclass(frozen=True)
class MeasureThreads:
    """A lane's task: how much a second thread changes the reference's answers."""

    def __call__(self, lane: "AuditLane") -> ToleranceUsed:
        exact = [item for item in lane.checks if not trains(item)]
        return ToleranceUsed(tolerance_used(exact, lane.reference, lane.asker, SEED))


@dataclass(frozen=True)
class AuditGroup:
    """A lane's task: the verdicts on cases that are asked the same questions."""

    cases: list[Case] = field(default_factory=list)

    def __call__(self, lane: "AuditLane") -> list[CaseVerdict]:
        lane.asker.crowd = [case.folder for case in self.cases]
        return [lane.verdict(case) for case in self.cases]


Task = MeasureThreads | AuditGroup


class AuditLane:
    """What one process of the audit has: the checks, the known mistakes, and remembered answers."""

    def __init__(self, sandbox: Sandbox, reference: Path, mutants: dict[str, Path], progress: Progress) -> None:
        self.asker, self.checks, self.progress = Remembering(sandbox, cache=AnswerCache()), collect_checks(), progress
        self.reference, staged = reference, Path(tempfile.mkdtemp())
        exercises, golden = read_assignment().exercises, read_golden()
        self.mistakes = LiveMistakes(self.asker, reference, staged, exercises, golden)
        self.mistakes.staged = mutants

    def verdict(self, case: Case) -> CaseVerdict:
        """What the judge says of a case in a graded run.

        Mistakes in one function are judged as on a student's machine too.
        """
        checks = [item for item in self.checks if case.concerns(item)]
        asked = Settings(case.folder, seed=SEED, asks=self.asker, has_clock=False)
        graded, laptop = hold_trial(asked, checks, self.mistakes), Trial()
        if case.kind in (CaseKind.MUTANT, CaseKind.SEVERAL):
            shows = graded.showing(case.mutants[0])
            visible = [item for item in checks if item.name in shows and not is_hidden(item.path)]
            laptop = hold_trial(replace(asked, seed=None, live=False), visible)
        self.progress.step(case.name)
        return CaseVerdict(case, graded, laptop)
