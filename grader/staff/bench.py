"""`make bench`: what the judge costs, measured side by side in one run; prints a table and writes build/bench.json."""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil

from grader import probes
from grader.assignment import KIT
from grader.networks import question
from grader.reference import SOLUTION
from grader.sandbox import Call, Sandbox
from grader.submission import stage

OUT = KIT / "build" / "bench.json"
GRADE = (
    "import sys, pytest; from grader.reference import SOLUTION; from grader.run import Settings\n"
    "run = Settings(SOLUTION, secret=b'bench', in_process=sys.argv[1] == 'in-process')\n"
    "sys.exit(pytest.main(['tests', 'grader/staff/hidden', '-q'], plugins=[run]))"
)
FRESH = (
    "import pickle, sys; from pathlib import Path; from grader.sandbox import Call, InProcess\n"
    "folder, call = pickle.load(sys.stdin.buffer)\n"
    "sys.exit(InProcess().ask(folder, call).problem is not None)"
)
Seconds = float


@dataclass(frozen=True)
class Figure:
    """A measured value and its limit; `ok` says whether it keeps to it."""

    name: str
    value: float
    limit: float
    unit: str
    ok: bool


def at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, round(value, 2), limit, unit, value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, round(value, 2), limit, unit, value >= limit)


def main() -> int:
    """Measure, print and write; 0 when every figure keeps to its limit."""
    figures: list[Figure] = []
    for part in (probe_figures, grading_figures, stub_figures):
        for figure in part():
            print(f"{figure.name:<58} {figure.value:>8g} {figure.unit:<3} {bound(figure)}", flush=True)
            figures.append(figure)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8")
    print(f"Written to {OUT}")
    return 0 if all(figure.ok for figure in figures) else 1


def bound(figure: Figure) -> str:
    kind = "at least" if figure.ok == (figure.value >= figure.limit) and figure.value != figure.limit else "at most"
    return f"({kind} {figure.limit:g}: {'ok' if figure.ok else 'MISSED'})"


def probe_figures() -> list[Figure]:
    """A LeNet5 forward probe through the sandbox, and the same in a fresh interpreter that imports torch for it."""
    call = Call(probes.network.name, question(np.random.default_rng(0), "LeNet5"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "submission"
        stage(SOLUTION, folder, ("run_model", "models"))
        sandbox = Sandbox()
        sandbox.ask(folder, call)  # the server starts with its first call
        through = statistics.median(timed(lambda: sandbox.ask(folder, call)) for _ in range(41))
        fresh = statistics.median(timed(lambda: ask_fresh(folder, call)) for _ in range(5))
        sandbox.close()
    return [
        at_most("a forward probe through the sandbox, median of 41", 1000 * through, 50, "ms"),
        at_least("the same in a fresh interpreter, times as long", fresh / through, 20, "x"),
    ]


def ask_fresh(folder: Path, call: Call) -> None:
    import pickle

    subprocess.run([sys.executable, "-c", FRESH], cwd=KIT, input=pickle.dumps((folder, call)), check=True)


def grading_figures() -> list[Figure]:
    """Grading the reference, visible and hidden, with and without isolation in turn; the median of three each."""
    isolated, plain, peaks = [], [], []
    for _ in range(3):
        with PeakMemory() as memory:
            isolated.append(timed(lambda: grade("sandbox")))
        peaks.append(memory.megabytes)
        plain.append(timed(lambda: grade("in-process")))
    seconds, without = statistics.median(isolated), statistics.median(plain)
    return [
        at_most("grading the reference, visible and hidden", seconds, 45, "s"),
        at_most("times as long as the same in one process", seconds / without, 1.5, "x"),
        at_most("peak memory of all its processes (PSS)", max(peaks), 600, "MB"),
    ]


def grade(mode: str) -> None:
    subprocess.run([sys.executable, "-c", GRADE, mode], cwd=KIT, check=True, stdout=subprocess.DEVNULL)


def stub_figures() -> list[Figure]:
    command = [sys.executable, "-m", "pytest", "tests/", "-q"]
    seconds = statistics.median(
        timed(lambda: subprocess.run(command, cwd=KIT, stdout=subprocess.DEVNULL)) for _ in range(3)
    )
    return [at_most("pytest tests/ on untouched stubs, median of three", seconds, 8, "s")]


def timed(action: Callable[[], object]) -> Seconds:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


class PeakMemory:
    """The largest sum of proportional set sizes (memory, shared pages divided among their users) of this process's children."""

    def __enter__(self) -> "PeakMemory":
        self.megabytes = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        self.thread.join()

    def watch(self) -> None:
        this = psutil.Process()
        while not self.ended.wait(0.1):
            total = sum(map(proportional_bytes, this.children(recursive=True)))
            self.megabytes = max(self.megabytes, total / 2**20)


def proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it has just ended


if __name__ == "__main__":
    sys.exit(main())
