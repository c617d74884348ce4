"""`grader bench`: measure what the judge costs, side by side in one run.

It prints a table and writes build/bench.json.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from grader.assignment import KIT, STAFF, GraderError
from grader.exercises.models import probes
from grader.exercises.models.questions import network_arguments
from grader.intake.submission import stage_files
from grader.judging.opening import probe_modules
from grader.judging.reference import reference_files
from grader.sandbox import boundary, wire
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox
from grader.sandbox.lease import lease_user
from grader.staff.proving.bench_naming import naming_figures
from grader.staff.proving.bench_watch import watch_figures
from grader.staff.proving.figure import Figure, Seconds, expect_status, timed
from grader.staff.proving.peak_memory import PeakMemory
from grader.staff.release.solution import write_solution

HELP = (
    "Measures how long a probe, grading and naming mistakes take, and how much memory, and compares with limits; writes "
    "build/bench.json.  Linux only.  Exit status: 0 if every figure keeps its limit, 1 if not, 2 on other systems."
)
EXAMPLE = "grader bench"
OUT = KIT / "build" / "bench.json"
GRADE = (
    "import sys, pytest; from pathlib import Path; from grader.judging.settings import Settings\n"
    "run = Settings(Path(sys.argv[2]), secret=b'bench', in_process=sys.argv[1] == 'in-process')\n"
    "sys.exit(pytest.main(['tests', 'grader/staff/exercises', '-q'], plugins=[run]))"
)
FRESH = "import sys; from grader.sandbox import worker\nsys.exit(worker.answer(sys.stdin.buffer.read())[1] is not None)"
FIRST_TRY = STAFF / "examples" / "first_try" / "src"
HALF_DONE, COLUMNS = ("run_model", "models"), 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it always measures the same."""


def main(options: argparse.Namespace) -> int:
    if not sys.platform.startswith("linux"):
        raise GraderError("The benchmark measures memory as only Linux counts it (PSS): run it there.")
    figures: list[Figure] = []
    parts = (
        probe_figures,
        grading_figures,
        naming_figures,
        stub_figures,
        line_figures,
        watch_figures,
        training_figures,
    )
    for part in parts:
        for figure in part():
            print(figure, flush=True)
            figures.append(figure)
    OUT.parent.mkdir(exist_ok=True)
    entries = [{name: getattr(figure, name) for name in ("name", "value", "limit", "unit", "ok")} for figure in figures]
    OUT.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    print(f"Written to {OUT}")
    return 0 if all(figure.ok for figure in figures) else 1


def probe_figures() -> list[Figure]:
    """Time a LeNet5 forward probe through the sandbox, and in a fresh interpreter.

    The fresh interpreter imports torch for it.
    """
    call = Call(probes.network.name, network_arguments(np.random.default_rng(0), "LeNet5"))
    with tempfile.TemporaryDirectory() as temporary:
        lease = lease_user() if boundary.can_harden() else None
        folder = (lease.folder if lease else Path(temporary)) / "submission"
        stage_files(reference_files(("run_model", "models")), folder)
        if lease:
            lease.show(folder)
        sandbox = Sandbox(lease=lease, preload=probe_modules(("run_model", "models")))
        sandbox.ask(folder, call)  # the server starts with its first call
        walls = "plain" if lease is None else "in a jail" if sandbox.facts.jailed else "in a container"
        through = statistics.median(timed(lambda: sandbox.ask(folder, call)) for _ in range(41))
        fresh = statistics.median(timed(lambda: ask_fresh(folder, call)) for _ in range(5))
        sandbox.close()
        if lease:
            lease.end()
    return [
        Figure(f"a forward probe, {walls}, median of 41", 1000 * through, 80, "ms"),
        Figure("the same in a fresh interpreter, times as long", fresh / through, 20, "x", is_least=True),
    ]


def ask_fresh(folder: Path, call: Call) -> None:
    subprocess.run([sys.executable, "-c", FRESH], cwd=KIT, input=wire.encode(call.request([folder])), check=True)


def grading_figures() -> list[Figure]:
    """Time the reference's grading, visible and hidden, in turn with and without isolation.

    Each figure is the median of three.
    """
    isolated, plain, peaks = [], [], []
    for _ in range(3):
        with PeakMemory() as memory:
            isolated.append(timed(lambda: grade("sandbox")))
        peaks.append(memory.megabytes)
        plain.append(timed(lambda: grade("in-process")))
    seconds, without = statistics.median(isolated), statistics.median(plain)
    return [
        Figure("grading the reference, visible and hidden", seconds, 90, "s"),
        Figure("times as long as the same in one process", seconds / without, 1.3, "x"),
        Figure("peak memory of all its processes (PSS)", max(peaks), 700, "MB"),
    ]


def grade(mode: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-c", GRADE, mode, str(write_solution(Path(temporary)))]
        subprocess.run(command, cwd=KIT, check=True, stdout=subprocess.DEVNULL)


def stub_figures() -> list[Figure]:
    command = [sys.executable, "-m", "pytest", "tests/", "-q"]
    seconds = statistics.median(
        timed(lambda: expect_status(1, subprocess.run(command, cwd=KIT, stdout=subprocess.DEVNULL))) for _ in range(3)
    )
    return [Figure("pytest tests/ on untouched stubs, median of three", seconds, 8, "s")]


def line_figures() -> list[Figure]:
    """Count the lines that pytest prints for two files of a first try beside untouched stubs."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "src"
        shutil.copytree(KIT / "src", folder, ignore=shutil.ignore_patterns("experiments", "__pycache__"))
        for exercise in HALF_DONE:
            shutil.copy(FIRST_TRY / f"{exercise}.py", folder)
        command = [sys.executable, "-m", "pytest", "tests/", "--submission", temporary]
        environment = os.environ | {"COLUMNS": str(COLUMNS)}
        done = subprocess.run(command, cwd=KIT, env=environment, capture_output=True, text=True, encoding="utf-8")
    expect_status(1, done)
    n_lines = len(done.stdout.splitlines())
    return [Figure(f"lines printed for a half-done submission, {COLUMNS} columns", n_lines, 60, "")]


def training_figures() -> list[Figure]:
    """Time an experiment that trains by the reference's run_model, in turn with a bare loop.

    Both train the same networks on the same digits, in batches of 10, and each is timed twice.
    """
    experiment, bare = zip(*((experiment_seconds(), bare_seconds()) for _ in range(2)), strict=True)
    return [Figure("an experiment's training, times as long as a bare loop", sum(experiment) / sum(bare), 1.3, "x")]


def experiment_seconds() -> Seconds:
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "src.experiments", "mnist-sizes", "--data", "offline", "--out", temporary]
        command += ["--submission", str(write_solution(Path(temporary) / "solution"))]
        subprocess.run(command, cwd=KIT, check=True, stdout=subprocess.DEVNULL)
        content = json.loads((Path(temporary) / "mnist-sizes.json").read_text(encoding="utf-8"))
    return float(content["seconds"])


def bare_seconds() -> Seconds:
    command = [sys.executable, "-m", "grader.staff.exercises.run_model.bare_loop", "100", "500", "1000", "1500", "2000"]
    done = subprocess.run(command, cwd=KIT, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])
