"""`grader parity`: the visible part of a score must be the same wherever it is asked for.

A student's pytest and `grader check` run in the handout, on recorded answers and with a fixed seed; `grader grade` and Gradescope's container run
with the reference, the hidden checks and a seed of the submission's own.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader.assignment import KIT, GraderError
from grader.judging.mutants import read_mutants
from grader.judging.reference import read_solution
from grader.staff.proving.cases import FIVE_MISTAKES, place
from grader.staff.release.autograder import make_autograder
from grader.staff.release.handout import make_handout
from grader.staff.release.rehearse import environment_in, lay_out, read_valid, start_here
from grader.staff.release.solution import write_solution

HELP = (
    "Grades the reference, the stubs, five mutants and five bad inputs with pytest and `grader check` in the handout, with "
    "`grader grade`, and with the zip for Gradescope, and prints the visible points.  Exit status: 0 if the four agree, "
    "1 if not."
)
EXAMPLE = "grader parity"
TOTAL = re.compile(r"^total +(?:\d+ +){4}([\d.]+)/[\d.]+$", re.MULTILINE)


def make_submissions(folder: Path) -> dict[str, Path]:
    """The reference, the stubs, five mutants, and five bad inputs, by name."""
    made = {"reference": write_solution(folder / "solution") / "src", "stubs": KIT / "src"}
    for mutant in read_mutants():
        if mutant.name in FIVE_MISTAKES:
            made[mutant.name] = place(folder, mutant.name, (mutant,))
            shutil.rmtree(made[mutant.name] / "data")  # as handed in, not as staged
    return made | {name: broken(folder / name.replace(" ", "_")) for name, broken in BAD_INPUTS.items()}


def one_file(folder: Path) -> Path:
    return with_models(folder, None)


def syntax_error(folder: Path) -> Path:
    return with_models(folder, "def broken(:\n")


def empty_file(folder: Path) -> Path:
    return with_models(folder, "")


def raises_at_import(folder: Path) -> Path:
    return with_models(folder, "import no_such_package\n")


def one_folder_down(folder: Path) -> Path:
    write_solution(folder / "my homework")
    return folder


BAD_INPUTS: dict[str, Callable[[Path], Path]] = {
    "a missing file": one_file,
    "a syntax error": syntax_error,
    "an empty file": empty_file,
    "a missing package": raises_at_import,
    "one folder down": one_folder_down,
}


def with_models(folder: Path, text: str | None) -> Path:
    """The reference's run_model.py, and a models.py of this text, or none."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "run_model.py").write_text(read_solution("run_model"), encoding="utf-8")
    if text is not None:
        (folder / "src" / "models.py").write_text(text, encoding="utf-8")
    return folder


class Ways:
    """The four ways to a score; each gives the visible points of a submission."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_handout(folder / "handout")
        make_autograder(folder / "autograder.zip")
        self.ways = {"pytest": self.pytest, "check": self.check, "grade": self.grade, "autograder": self.autograder}

    def run(self, *command: object, cwd: Path) -> str:
        """What Python prints, run with these arguments."""
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
        """The submission's visible points by way."""
        return {way: ask(name, submission) for way, ask in self.ways.items()}


def points_printed(text: str) -> float:
    """The total that pytest's closing table says."""
    found = TOTAL.search(text)
    if found is None:
        raise GraderError(f"No total was printed:\n{text}")
    return float(found[1])


def visible_points(results: dict[str, Any]) -> float:
    """The points of the checks that a student sees at once."""
    return float(sum(test["score"] for test in results["tests"] if test.get("visibility", "visible") == "visible"))


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
