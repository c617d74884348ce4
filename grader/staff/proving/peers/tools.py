"""The tools that grade: each set up as its documentation says, in a folder of its own."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from grader.assignment import KIT
from grader.intake.files import write_files
from grader.judging.reference import read_solution
from grader.staff.proving.peak_memory import PeakMemory
from grader.staff.proving.peers.notebook import NOTEBOOK_NAME, SCORES, notebook_of

QUESTIONS_FILE = Path(__file__).parent / "files" / "questions.py"
PATIENCE_S = 90.0  # for one submission; a teacher would stop the tool by hand
QUESTIONS = (
    "train_epoch_even",
    "train_epoch_uneven",
    "train_epoch_weights",
    "train_epoch_before_step",
    "train_epoch_training_mode",
    "evaluate_even",
    "evaluate_uneven",
    "evaluate_evaluation_mode",
    "evaluate_leaves_the_model",
)
NOTHING = "raise NotImplementedError\n"


@dataclass(frozen=True)
class Graded:
    """The share of the points that a submission got, None without a result, and what it cost."""

    share: float | None
    cpu_s: float
    clock_s: float
    megabytes: float


class Tool:
    """A grader of run_model.py, set up in a folder.

    Args:
        folder: an empty folder of its own.
        python: an interpreter that has the tool and torch.
    """

    name = ""
    package = ""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder, self.python = folder, python
        shutil.copytree(KIT / "data", folder / "data", ignore=shutil.ignore_patterns("__pycache__", "downloads"))
        shutil.copy(QUESTIONS_FILE, folder)
        (folder / "reference.py").write_text(read_solution("run_model"), encoding="utf-8")
        self.prepare()

    def prepare(self) -> None:
        """Make what the tool needs before the first submission."""

    def close(self) -> None:
        """End what `prepare` started."""

    def commands(self) -> list[list[str]]:
        """What to run for the submission in run_model.py."""
        raise NotImplementedError

    def hand_in(self, text: str) -> None:
        """Put the submission where the tool expects it."""
        (self.folder / "run_model.py").write_text(text, encoding="utf-8")

    def share(self, statuses: Sequence[int]) -> float | None:
        """The share of the points in what the commands wrote."""
        raise NotImplementedError

    def grade(self, text: str) -> Graded:
        """Grade one submission, and measure what all its processes take."""
        self.hand_in(text)
        before, started = children_cpu_s(), time.perf_counter()
        with PeakMemory() as memory:
            statuses = [self.run(command) for command in self.commands()]
        clock_s, cpu_s = time.perf_counter() - started, children_cpu_s() - before
        return Graded(self.share(statuses), cpu_s, clock_s, memory.megabytes)

    def run(self, command: Sequence[str], **environment: str) -> int:
        """The command's status, -9 if it did not end."""
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        given = os.environ | {"PATH": path, "PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1"} | environment
        log = (self.folder / "log.txt").open("ab")
        with (
            log,
            subprocess.Popen(
                command,
                cwd=self.folder,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ) as process,
        ):
            try:
                return process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                os.killpg(process.pid, signal.SIGKILL)
                return -signal.SIGKILL


def children_cpu_s() -> float:
    """The CPU seconds of all processes that have ended below this one."""
    times = os.times()
    return times.children_user + times.children_system


class FreshProcesses(Tool):
    """A process for each check: its exit status is the verdict."""

    name = "a process for each check"

    def commands(self) -> list[list[str]]:
        code = (
            "import sys, questions, run_model; questions.check(sys.argv[1], run_model.train_epoch, run_model.evaluate)"
        )
        return [[str(self.python), "-c", code, question] for question in QUESTIONS]

    def share(self, statuses: Sequence[int]) -> float | None:
        return statuses.count(0) / len(statuses)


class GradescopeUtils(Tool):
    """unittest with @weight and JSONTestRunner, as Gradescope's documentation writes it."""

    name, package = "gradescope-utils", "gradescope-utils"
    TESTS = (
        "import unittest\nfrom gradescope_utils.autograder_utils.decorators import weight\n"
        "import questions\nfrom run_model import evaluate, train_epoch\n\n\nclass TestRunModel(unittest.TestCase):\n"
    )
    RUN = (
        "import unittest\nfrom gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner\n"
        "suite = unittest.defaultTestLoader.discover('tests')\n"
        "with open('results.json', 'w') as file:\n    JSONTestRunner(visibility='visible', stream=file).run(suite)\n"
    )

    def prepare(self) -> None:
        checks = [
            f"    @weight(1)\n    def test_{name}(self):\n        questions.check({name!r}, train_epoch, evaluate)\n"
            for name in QUESTIONS
        ]
        files = {"tests/test_run_model.py": self.TESTS + "\n".join(checks), "run_tests.py": self.RUN}
        write_files({name: text.encode() for name, text in files.items()}, self.folder)

    def commands(self) -> list[list[str]]:
        (self.folder / "results.json").unlink(missing_ok=True)
        return [[str(self.python), "run_tests.py"]]

    def share(self, statuses: Sequence[int]) -> float | None:
        results = read_json(self.folder / "results.json")
        return None if results is None else score_in(results) / len(QUESTIONS)


class Otter(Tool):
    """`otter run`, with exception-based test files."""

    name, package = "otter run", "otter-grader"
    TEST = (
        "from otter.test_files import test_case\nimport questions\n\nOK_FORMAT = False\nname = {name!r}\npoints = 1\n\n\n"
        "@test_case(points=1, hidden=False)\ndef test_it(train_epoch, evaluate):\n"
        "    questions.check({name!r}, train_epoch, evaluate)\n"
    )

    def prepare(self) -> None:
        tests = {f"tests/{name}.py": self.TEST.format(name=name).encode() for name in QUESTIONS}
        write_files(tests, self.folder)
        otter = [str(self.python), "-m", "otter"]
        self.run([*otter, "generate", "-t", "tests", "-o", "autograder.zip"])
        self.otter = otter

    def commands(self) -> list[list[str]]:
        (self.folder / "results.json").unlink(missing_ok=True)
        return [[*self.otter, "run", "-a", "autograder.zip", "-o", ".", "--no-logo", "run_model.py"]]

    def share(self, statuses: Sequence[int]) -> float | None:
        results = read_json(self.folder / "results.json")
        return None if results is None else score_in(results) / len(QUESTIONS)


class NbGrader(Tool):
    """`nbgrader autograde`: a notebook with a cell for the submission and a cell for each check."""

    name, package = "nbgrader autograde", "nbgrader"

    def prepare(self) -> None:
        (self.folder / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.ExecutePreprocessor.timeout = 30\n"
        )
        self.write("source", NOTHING)
        self.nbgrader = [str(self.python), "-m", "nbgrader"]
        self.run([*self.nbgrader, "generate_assignment", "ps1", "--create", "--force"])

    def write(self, where: str, text: str) -> None:
        target = self.folder / where / "ps1" / NOTEBOOK_NAME
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(notebook_of(text, QUESTIONS)), encoding="utf-8")

    def hand_in(self, text: str) -> None:
        shutil.rmtree(self.folder / "autograded", ignore_errors=True)
        self.write("submitted/student", text)

    def commands(self) -> list[list[str]]:
        return [[*self.nbgrader, "autograde", "ps1", "--student", "student", "--force"]]

    def share(self, statuses: Sequence[int]) -> float | None:
        if statuses[0] != 0:
            return None
        self.run([str(self.python), "-c", SCORES])
        scores = read_json(self.folder / "scores.json")
        return None if scores is None else float(scores["score"]) / len(QUESTIONS)


def score_in(results: Any) -> float:
    return sum(float(test.get("score") or 0) for test in results["tests"])


def read_json(file: Path) -> Any:
    """What the file holds, None if there is none or if it is not JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
