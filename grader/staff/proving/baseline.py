"""`grader baseline`: save what the judge says of many submissions, and compare it later.

It proves that a change of the code changes no score: save a baseline before, compare afterwards.
"""

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF, is_hidden, read_assignment
from grader.feedback.progress import Progress
from grader.intake.submission import stage
from grader.judging.live_mistakes import LiveMistakes
from grader.judging.mutants import read_mutants
from grader.judging.reference import read_golden
from grader.judging.settings import Settings
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import Trial, collect_checks, hold_trial
from grader.staff.proving.cases import Case, CaseKind, place, style_names
from grader.staff.proving.lanes import in_lanes
from grader.staff.proving.memory import Remembering

HELP = (
    "Runs the reference, the stubs, the example, every style and 50 mutants, each graded and as on a student's machine, "
    "and writes status, points and named mistake of every check to FILE.  With --compare, prints what differs from FILE "
    "instead: run it before and after a change that must not change any score.  Exit status: 0, or 1 if something differs."
)
EXAMPLE = "grader baseline build/before.json"
SEED = b"the inputs that a baseline is asked with"
N_MUTANTS = 50
Verdicts = dict[str, list[Any]]  # by check: its status, its points, and the mutant that was named, or ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write, or to compare with")
    parser.add_argument("--compare", action="store_true", help="write nothing; print what differs from FILE")


def main(options: argparse.Namespace) -> int:
    return save_or_compare(options.file, options.compare)


def save_or_compare(file: Path, compare: bool) -> int:
    """Save the verdicts to a file, or print how they differ from those in it; 1 if they differ."""
    verdicts = collect_verdicts()
    if not compare:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{file}: {count(verdicts)}")
        return 0
    saved = json.loads(file.read_text(encoding="utf-8"))
    different = list(differences(saved, verdicts))
    for line in different:
        print(line)
    print(f"{count(verdicts)}; {len(different)} differ from {file}.")
    return 1 if different else 0


def count(verdicts: dict[str, Verdicts]) -> str:
    named = sum(bool(verdict[2]) for of_run in verdicts.values() for verdict in of_run.values())
    return f"{len(verdicts)} runs, {sum(map(len, verdicts.values()))} verdicts, {named} of them with a named mistake"


def differences(saved: dict[str, Verdicts], now: dict[str, Verdicts]) -> list[str]:
    """A line for each verdict that is not the saved one."""
    return [
        f"{run}, {check}: was {saved.get(run, {}).get(check)}, is {now.get(run, {}).get(check)}"
        for run in sorted({*saved, *now})
        for check in sorted({*saved.get(run, {}), *now.get(run, {})})
        if saved.get(run, {}).get(check) != now.get(run, {}).get(check)
    ]


def collect_verdicts() -> dict[str, Verdicts]:
    """The verdicts of every run: graded, and as on a student's machine."""
    verdicts: dict[str, Verdicts] = {}
    with tempfile.TemporaryDirectory(prefix="grader-baseline-") as temporary:
        folder = Path(temporary)
        tasks = [partial(BaselineLane.run, case=case) for case in stage_cases(folder)]
        progress = Progress(len(tasks))
        for found in in_lanes(BaselineLane, (place(folder, "reference", ()),), tasks, folder):
            verdicts |= found
            progress.step(next(iter(found)).removesuffix(", graded"))
    return verdicts


def stage_cases(folder: Path) -> list[Case]:
    """The examples, every style, and N_MUTANTS mutants spread over all exercises, staged."""
    exercises = read_assignment().exercises
    paths = {"stubs": KIT / "src", "first_try": STAFF / "examples" / "first_try"}
    examples = [
        Case(name, CaseKind.SUBMISSION, folder=stage(path, folder / name, exercises).folder)
        for name, path in paths.items()
    ]
    correct = [Case("the reference", CaseKind.SUBMISSION), *(Case(name, CaseKind.STYLE) for name in style_names())]
    mutants = [mutant for mutant in read_mutants() if not mutant.equivalent and mutant.exercise in exercises]
    chosen = mutants[:: len(mutants) // N_MUTANTS][:N_MUTANTS]
    broken = [Case(mutant.name, CaseKind.MUTANT, (mutant,)) for mutant in chosen]
    return [*examples, *(case.staged_in(folder) for case in [*correct, *broken])]


class BaselineLane:
    """What one process that runs cases has: the checks, the known mistakes, remembered answers."""

    def __init__(self, sandbox: Sandbox, reference: Path) -> None:
        self.asker, self.checks = Remembering(sandbox), collect_checks()
        exercises, golden = read_assignment().exercises, read_golden()
        self.mistakes = LiveMistakes(self.asker, reference, Path(tempfile.mkdtemp()), exercises, golden)

    def run(self, case: Case) -> dict[str, Verdicts]:
        """The case's verdicts in a graded run, and on a student's machine."""
        everything = case.kind is CaseKind.SUBMISSION
        checks = [item for item in self.checks if everything or case.concerns(item)]
        visible = [item for item in checks if not is_hidden(item.path)]
        graded = hold_trial(Settings(case.folder, seed=SEED, asks=self.asker), checks, self.mistakes)
        laptop = hold_trial(Settings(case.folder, asks=self.asker, live=False), visible)
        return {f"{case.name}, graded": verdicts_of(graded), f"{case.name}, laptop": verdicts_of(laptop)}


def verdicts_of(trial: Trial) -> Verdicts:
    return {
        name: [record.status, record.points, " + ".join(mutant.name for mutant in trial.named.get(name, ()))]
        for name, record in trial.records.items()
    }
