"""This kit, beside the other tools."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence

import psutil

from grader.intake.files import write_files
from grader.judging.reference import reference_files
from grader.sandbox.fork_server import Ended
from grader.staff.grading.processes import TORCH, end_runs, run
from grader.staff.proving.peak_memory import PeakMemory
from grader.staff.proving.peers.tools import NOTHING, PATIENCE_S, Graded, Tool, read_json, score_in


class Ours(Tool):
    """This kit, with the checks that ask the same.

    It grades classes: so each submission is a run of a batch, which imports torch once.
    """

    name = "this kit"

    def prepare(self) -> None:
        self.graded(NOTHING)
        self.import_s = sum(psutil.Process(TORCH.servers[-1].process.pid).cpu_times()[:2])

    def hand_in(self, text: str) -> None:
        files = reference_files(["run_model"]) | {"src/run_model.py": text.encode()}
        shutil.rmtree(self.folder / "submission", ignore_errors=True)
        write_files(files, self.folder / "submission")

    def grade(self, text: str) -> Graded:
        started = time.perf_counter()
        with PeakMemory() as memory:
            ended = self.graded(text)
        return Graded(self.share([]), ended.cpu_s or 0.0, time.perf_counter() - started, memory.megabytes)

    def graded(self, text: str) -> Ended:
        """Grade a submission, for at most PATIENCE_S."""
        self.hand_in(text)
        submission, results = self.folder / "submission", self.folder / "results.json"
        results.unlink(missing_ok=True)
        module = ["-m", "grader.staff.proving.peers.ours"]
        command = [sys.executable, *module, str(submission), str(results), "--while-open"]
        timer = threading.Timer(PATIENCE_S, end_runs)
        timer.start()
        with (self.folder / "log.txt").open("ab") as log:
            ended = run(command, os.environ | {"OMP_NUM_THREADS": "1"}, log.fileno())
        timer.cancel()
        return ended

    def share(self, statuses: Sequence[int]) -> float | None:
        results = read_json(self.folder / "results.json")
        if results is None:
            return None
        return score_in(results) / sum(float(test["max_score"]) for test in results["tests"])

    def close(self) -> None:
        TORCH.close()
