"""`grader calibrate`: measure the thresholds of checks, and how reliable they are.

Each check with a threshold runs on the reference with many seeds, on every style once, and a few
times on each mutant that names it (`caught_by`). The thresholds file beside the check then holds,
for each quantity and kind of data::

    threshold    between the worst correct run and the best broken one, a quarter of the way
                 from the correct one
    mean, deviation, runs    of the reference's runs
    worst        of all correct runs, the styles' too (`styles` of them)
    best broken  of the mutants' runs (`mutants` lists them)
    chance       upper bound on the probability that a correct solution fails

A check that misses is asked again with an independent seed. So the bound is the square of the 95 %
Clopper-Pearson bound on one run (https://doi.org/10.2307/2331986).
"""

import argparse
import hashlib
import json
import statistics
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import GraderError
from grader.feedback.progress import Progress
from grader.items import budget, exercises_of
from grader.judging.settings import Settings
from grader.judging.thresholds import Measured, Threshold
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import collect_checks, hold_trial, number
from grader.staff.proving.cases import Case, CaseKind, all_cases, is_style_of
from grader.staff.proving.lanes import in_lanes

HELP = (
    "Runs the checks that have thresholds on the reference with many seeds, on every style, and on the mutants that they "
    "must catch; writes thresholds.json next to the checks.  Thresholds are measured for the data in use: run it with "
    "DATA_DIR for real MNIST, and without for the offline digits.  Exit status: 0 if correct and broken runs are apart "
    "and enough runs were made; 1 if not; 2 if there is nothing to measure."
)
EXAMPLE = "DATA_DIR=~/data grader calibrate --only 3.11 --plot build/thresholds"
SEEDS, SEEDS_IF_EXPENSIVE, SEEDS_OF_MUTANTS = 200, 120, 5
EXPENSIVE = 30.0  # CPU seconds: the budget of a check beyond which it is run less often
SHARE = 0.25  # of the way from the worst correct run to the best broken one
MOST_CHANCE = 1e-3


@dataclass
class Distribution:
    """The measured values of one quantity: of the reference, styles, broken submissions by name."""

    threshold: Threshold
    is_least: bool
    reference: list[float] = field(default_factory=list)
    styles: list[float] = field(default_factory=list)
    broken: dict[str, list[float]] = field(default_factory=dict)

    @property
    def worst(self) -> float:
        return (min if self.is_least else max)(self.reference + self.styles)

    @property
    def best_broken(self) -> float:
        return (max if self.is_least else min)(value for values in self.broken.values() for value in values)

    @property
    def apart(self) -> bool:
        """Whether every broken run lies beyond every correct one."""
        return self.best_broken < self.worst if self.is_least else self.best_broken > self.worst

    @property
    def value(self) -> float:
        """The threshold, to three digits."""
        return float(f"{self.worst + SHARE * (self.best_broken - self.worst):.3g}")

    @property
    def chance(self) -> float:
        """Upper bound on the probability that a correct solution fails the check.

        It fails if it misses the threshold twice in a row.
        """
        from scipy.stats import binomtest

        beyond = sum(value < self.value if self.is_least else value > self.value for value in self.reference)
        bound = binomtest(beyond, len(self.reference)).proportion_ci(0.95, method="exact").high
        return float(bound) ** 2

    @property
    def problem(self) -> str:
        if not self.broken:
            return "no mutant names the check: give it one with caught_by"
        if not self.apart:
            worst, best = f"{self.worst:.4g}", f"{self.best_broken:.4g}"
            return f"the best broken run ({best}) is as good as the worst correct one ({worst})"
        if self.chance > MOST_CHANCE:
            return f"a correct solution may fail with probability {self.chance:.2g}: run more seeds"
        return ""

    def as_json(self) -> dict[str, Any]:
        return {
            "threshold": self.value,
            "mean": four_digits(statistics.fmean(self.reference)),
            "deviation": four_digits(statistics.stdev(self.reference)),
            "runs": len(self.reference),
            "worst": four_digits(self.worst),
            "styles": len(self.styles),
            "best broken": four_digits(self.best_broken),
            "mutants": sorted(self.broken),
            "chance": float(f"{self.chance:.2g}"),
        }


def four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", default="", metavar="NUMBER", help="calibrate only the check with this number")
    seeds = f"runs of the reference (default: {SEEDS}, and {SEEDS_IF_EXPENSIVE} for expensive checks)"
    parser.add_argument("--seeds", type=int, metavar="N", help=seeds)
    parser.add_argument("--plot", type=Path, metavar="DIR", help="draw the distributions into this folder")


def main(options: argparse.Namespace) -> int:
    return calibrate(options.only, options.seeds, options.plot)


def calibrate(only: str = "", seeds: int | None = None, plots: Path | None = None) -> int:
    """Measure, print and write. Returns 0 if every threshold is sound, and keeps unsound ones."""
    checks = [item for item in collect_checks() if "thresholds" in item.fixturenames and only in ("", number(item))]
    if not checks:
        raise GraderError(f"No check with a threshold has the number {only}.")
    if seeds is not None and seeds < 2:
        raise GraderError(f"--seeds is {seeds}; it must be at least 2.")
    problems = []
    with tempfile.TemporaryDirectory(prefix="grader-calibrate-") as temporary:
        folder = Path(temporary)
        reference = Case("reference", CaseKind.SUBMISSION).staged_in(folder)
        others = [case.staged_in(folder) for case in all_cases() if case.kind is not CaseKind.PAIR]
        for item in checks:
            for found in measure(item, reference, others, seeds, folder):
                problems += finish(found, plots)
    return 1 if problems else 0


def finish(found: Distribution, plots: Path | None) -> list[str]:
    """Print, write and draw one quantity; what is wrong with it, if anything."""
    print(
        f"{found.threshold.name} ({found.threshold.data}): {found.problem or json.dumps(found.as_json())}", flush=True
    )
    if not found.problem:
        write(found)
    if plots is not None and found.broken:
        draw(found, plots)
    return [found.problem] if found.problem else []


def measure(
    item: pytest.Function, reference: Case, others: list[Case], seeds: int | None, folder: Path
) -> list[Distribution]:
    """One check's quantities, with progress; the folder is for what is written meanwhile."""
    n_seeds = seeds or (SEEDS_IF_EXPENSIVE if budget(item) > EXPENSIVE else SEEDS)
    styles = [case for case in others if not case.mutants and is_style_of(case.name, exercises_of(item))]
    broken = [case for case in others if number(item) in case.caught_by]
    print(f"{number(item)} {item.name}: {n_seeds} seeds, {len(styles)} styles, {len(broken)} mutants", flush=True)
    cases = [reference] * n_seeds + styles + broken * SEEDS_OF_MUTANTS
    found: dict[str, Distribution] = {}
    for case, values in zip(cases, run_all(item.name, cases, folder), strict=True):
        for value in values:
            entry = found.setdefault(value.threshold.name, Distribution(value.threshold, value.is_least))
            if case.is_claimed_by(number(item), value.threshold.name):
                entry.broken.setdefault(case.name, []).append(value.value)
            elif not case.mutants:
                (entry.reference if case is reference else entry.styles).append(value.value)
    return list(found.values())


def run_all(check: str, cases: list[Case], folder: Path) -> Iterable[list[Measured]]:
    """What the check measures on each case, each with a seed of its own; two at a time."""
    progress, measured = Progress(len(cases)), dict[int, list[Measured]]()
    for i, values in in_lanes(Lane, (check,), [methodcaller("run", i, case) for i, case in enumerate(cases)], folder):
        measured[i] = values
        progress.step(cases[i].name)
    return [measured[i] for i in range(len(cases))]


class Lane:
    """A process that runs one check."""

    def __init__(self, sandbox: Sandbox, check: str) -> None:
        [self.check] = [item for item in collect_checks() if item.name == check]
        self.sandbox = sandbox

    def run(self, i: int, case: Case) -> tuple[int, list[Measured]]:
        """What it measures on the case with the i-th seed, beside i."""
        seed = hashlib.sha256(f"calibrate {i}".encode()).digest()
        settings = Settings(case.folder, seed=seed, asks=self.sandbox, calibrating=True)
        return i, hold_trial(settings, [self.check]).measured


def write(found: Distribution) -> None:
    """Put the figures into the thresholds file, in place of those for the same data."""
    path = found.threshold.path
    entries = json.loads(path.read_text(encoding="utf-8"))
    entries.setdefault(found.threshold.name, {})[found.threshold.data] = found.as_json()
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def draw(found: Distribution, folder: Path) -> None:
    """Draw the correct runs, the broken ones, and the threshold as a line, to DIR/NAME-DATA.png."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
    axes.hist(found.reference, bins=25, color="tab:blue", label=f"reference, {len(found.reference)} seeds")
    broken = [value for values in found.broken.values() for value in values]
    for values, colour, label in [(found.styles, "tab:green", "styles"), (broken, "tab:red", "broken runs")]:
        axes.plot(values, [0.5] * len(values), "|", markersize=18, color=colour, label=f"{len(values)} {label}")
    axes.axvline(found.value, color="black", linestyle="--", label=f"threshold {found.value:g}")
    axes.set(xlabel=f"{found.threshold.name} ({found.threshold.data})", ylabel="runs")
    axes.legend()
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "_" for letter in found.threshold.name)
    figure.savefig(folder / f"{name}-{found.threshold.data}.png", dpi=120)
    plt.close(figure)
