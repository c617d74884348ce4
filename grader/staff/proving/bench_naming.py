"""What it costs to name mistakes: six of them, two in each of three functions."""

import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from grader.assignment import KIT
from grader.judging.mutants import read_mutants
from grader.staff.proving.cases import place
from grader.staff.proving.figure import Figure, Seconds, expect_status, timed

SIX_MISTAKES = (
    "train_epoch.loss_averages_batches",
    "train_epoch.no_training_mode",
    "evaluate.fraction",
    "evaluate.left_in_evaluation_mode",
    "LeNet5.never_pads",
    "LeNet5.average_pooling",
)
GRADE = (
    "import sys, pytest, grader.plugin; from pathlib import Path; from grader.judging.settings import Settings\n"
    "if sys.argv[2] == 'without':\n"
    "    grader.plugin.Hints.ask_again, grader.plugin.Hints.named = lambda self: None, lambda self: {}\n"
    "graded = sys.argv[3] == 'graded'\n"
    "run = Settings(Path(sys.argv[1]), secret=b'bench' if graded else None, live=graded)\n"
    "sys.exit(pytest.main(['tests', *(['grader/staff/exercises'] if graded else []), '-q'], plugins=[run]))"
)
N_RUNS = 3


def naming_figures() -> list[Figure]:
    """The time that naming six mistakes adds, graded and on a laptop."""
    mutants = {mutant.name: mutant for mutant in read_mutants()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = place(Path(temporary), "six", tuple(mutants[name] for name in SIX_MISTAKES))
        return [
            Figure("what naming six mistakes adds to grading them", added_by_naming(folder, "graded"), 8, "s"),
            Figure("the same on a laptop", added_by_naming(folder, "laptop"), 4, "s"),
        ]


def added_by_naming(folder: Path, where: str) -> Seconds:
    """Run with and without naming in turn; the difference of the medians of three."""
    took: dict[str, list[Seconds]] = {"with": [], "without": []}
    for _ in range(N_RUNS):
        for how, seconds in took.items():
            seconds.append(timed(partial(run, folder, how, where)))
    return statistics.median(took["with"]) - statistics.median(took["without"])


def run(folder: Path, how: str, where: str) -> None:
    command = [sys.executable, "-c", GRADE, str(folder), how, where]
    expect_status(1, subprocess.run(command, cwd=KIT, stdout=subprocess.DEVNULL))
