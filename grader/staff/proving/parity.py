"""`grader parity`: every way to a score must give the same visible points.

A student's pytest and `grader check` run in the handout, on recorded answers and with a fixed seed.
`grader grade` and Gradescope's container run with the reference, the hidden checks and a seed of
the submission's own.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader.assignment import KIT, GraderError, checked_exercises
from grader.intake.files import Files, exercise_file, write_files
from grader.judging.mutants import read_mutants, with_mutant
from grader.judging.reference import reference_files
from grader.staff.release.autograder import make_autograder
from grader.staff.release.handout import make_handout
from grader.staff.release.rehearse import environment_in, lay_out, read_valid, start_here

HELP = (
    "Grades the reference, the stubs, five mutants and five bad inputs with pytest and `grader check` in the handout, with "
    "`grader grade`, and with the zip for Gradescope, and prints the visible points.  Exit status: 0 if the four agree, "
    "1 if not."
)
EXAMPLE = "grader parity"
TOTAL = re.compile(r"^([\d.]+)/[\d.]+ (?:visible )?points", re.MULTILINE)


FIVE_MISTAKES = (  # in five functions, each caught by exact checks
    "train_epoch.loss_averages_batches",
    "evaluate.left_in_evaluation_mode",
    "run_model.always_shuffles",
    "DogClassifierConv.viewed_not_permuted",
    "LeNet5.average_pooling",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it always compares the same submissions."""


def main(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="kit-parity-") as temporary, ThreadPoolExecutor(2) as pool:
        folder = Path(temporary)
        folder.chmod(0o755)  # workers reach the kit in Gradescope's layout
        ways, submissions = Ways(folder), make_submissions(folder)
        print(f"{'visible points of':<40}" + "".join(f"{way:>12}" for way in ways.ways), flush=True)
        differ = 0
        for name, points in zip(submissions, pool.map(ways.points, submissions, submissions.values()), strict=True):
            differ += len(set(points.values())) > 1
            print(f"{name:<40}" + "".join(f"{value:>12g}" for value in points.values()), flush=True)
    print(f"{len(submissions) - differ} of {len(submissions)} have the same points everywhere.")
    return 1 if differ else 0


def make_submissions(folder: Path) -> dict[str, Path]:
    """The reference, the stubs, five mutants, and five bad inputs, by name."""
    reference = reference_files(checked_exercises())
    mutants = {mutant.name: mutant for mutant in read_mutants()}
    submissions = {name: with_mutant(reference, mutants[name]) for name in FIVE_MISTAKES} | bad_inputs(reference)
    made = {name: write_files(files, folder / name.replace(" ", "_")) for name, files in submissions.items()}
    return {"reference": write_files(reference, folder / "reference") / "src", "stubs": KIT / "src"} | made


def bad_inputs(reference: Files) -> dict[str, Files]:
    """Submissions with a bad file, or with their files in another place, by name."""
    run_model, models = exercise_file("run_model"), exercise_file("models")
    one_file = {run_model: reference[run_model]}
    return {
        "a missing file": one_file,
        "a syntax error": one_file | {models: b"def broken(:\n"},
        "an empty file": one_file | {models: b""},
        "a package of the staff's": {name: b"import hypothesis\n" + content for name, content in reference.items()},
        "one folder down": {f"my homework/{name}": content for name, content in reference.items()},
    }


class Ways:
    """The four ways to a score: each gives the visible points of a submission."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_handout(folder / "handout")
        make_autograder(folder / "autograder.zip")
        self.ways = {"pytest": self.pytest, "check": self.check, "grade": self.grade, "autograder": self.autograder}

    def run(self, *command: object, cwd: Path) -> str:
        """What Python prints when it runs with these arguments."""
        line = [sys.executable, *map(str, command)]
        return subprocess.run(
            line, cwd=cwd, env=environment_in(cwd), capture_output=True, text=True, encoding="utf-8"
        ).stdout

    def pytest(self, name: str, submission: Path) -> float:
        cwd = self.folder / "handout"
        return points_printed(self.run("-m", "pytest", "tests", f"--submission={submission}", cwd=cwd))

    def check(self, name: str, submission: Path) -> float:
        copy = self.folder / "checked" / name  # it leaves a submission.zip
        shutil.copytree(submission, copy)
        return points_printed(self.run("-m", "grader.cli", "check", copy, cwd=self.folder / "handout"))

    def grade(self, name: str, submission: Path) -> float:
        out = self.folder / "grades" / name
        self.run("-m", "grader.cli", "grade", submission, "--out", out, cwd=KIT)
        return visible_points(json.loads(next(out.glob("*/results.json")).read_text(encoding="utf-8")))

    def autograder(self, name: str, submission: Path) -> float:
        root = self.folder / "autograders" / name
        lay_out(self.folder / "autograder.zip", root)
        shutil.copytree(submission, root / "submission", dirs_exist_ok=True)
        start_here(root).wait()
        return visible_points(read_valid(root / "results" / "results.json"))

    def points(self, name: str, submission: Path) -> dict[str, float]:
        """The submission's visible points, by way."""
        return {way: ask(name, submission) for way, ask in self.ways.items()}


def points_printed(text: str) -> float:
    """The total in the table at the end of a pytest run."""
    found = TOTAL.search(text)
    if found is None:
        raise GraderError(f"No total was printed:\n{text}")
    return float(found[1])


def visible_points(results: dict[str, Any]) -> float:
    """The points of visible checks."""
    return float(sum(test["score"] for test in results["tests"] if test.get("visibility", "visible") == "visible"))
