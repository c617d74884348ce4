"""Grades a mixed class of 40 in four ways, which must lead to one table, and measures the cost.

    python -m grader.staff.proving.bench_class FOLDER [--submissions N] [--ways WAY ...]

    plain    in one go
    killed   the same, but the batch is killed when half is done, and then continued
    cluster  on two workers of a Dask cluster, one of which is killed on the way
    alone    every fourth submission in a batch of its own

Takes an hour on two processors; nothing else should run on them.  Linux only.  Exit status: 0 if
the tables are equal and every figure keeps its limit, else 1.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from grader.assignment import KIT, VARIABLE
from grader.sandbox.fork_server import wait_for
from grader.staff.grading.job import RESULTS
from grader.staff.grading.store import FINISHED, read_finished
from grader.staff.proving.class_cases import SIZE, make_class
from grader.staff.proving.figure import Figure

ASSIGNMENT = 'title = "A class"\nexercises = ["run_model", "models"]\n'
N_CORES = 2
EVERY = 4  # of these, one is graded alone
LARGE = 200
LOOK_S = 0.1
Table = dict[str, list[tuple[str, float, str]]]  # of each submission: its checks, with points and status
Running = subprocess.Popen[bytes]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Grades a mixed class in four ways, and measures the cost.")
    parser.add_argument("folder", type=Path, help="where the class and the results go: a new folder")
    parser.add_argument("--submissions", type=int, default=SIZE, metavar="N", help="how many of the 40")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="plain is always one of them")
    options = parser.parse_args(arguments)
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text(ASSIGNMENT, encoding="utf-8")
    os.environ[VARIABLE] = str(folder / "a.toml")
    make_class(folder / "class", options.submissions)
    problems = [problem for way in WAYS if way in {"plain", *options.ways} for problem in WAYS[way](folder)]
    print(*problems, sep="\n")
    return 1 if problems else 0


def grade(folder: Path, way: str, *options: str, paths: Sequence[Path] = ()) -> Running:
    """Start to grade the class, or these paths of it, into a folder with the way's name."""
    command = [sys.executable, "-m", "grader.cli", "grade", *map(str, paths or [folder / "class"])]
    command += ["--format", "student" if paths else "folders", "--out", str(folder / way), *options]
    with (folder / f"{way}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=KIT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def plain(folder: Path) -> Iterator[str]:
    started = time.monotonic()
    cpu_s = wait_for(grade(folder, "plain").pid).cpu_s or 0.0
    clock_s, n_graded = time.monotonic() - started, len(finished(folder / "plain"))
    parts = sum(read_finished(path)["cpu_s"] for path in finished(folder / "plain"))
    print(f"{n_graded} submissions: {cpu_s:.0f} s of CPU time, {clock_s:.0f} s by the clock; the parts: {parts:.0f} s.")
    print(
        f"So {LARGE} take {LARGE * cpu_s / n_graded / 60 / N_CORES:.0f} minutes on {N_CORES} cores, if nothing else runs."
    )
    figures = [
        Figure("CPU time / sum of the parts", cpu_s / parts, 1.05, ""),
        Figure(f"clock time / (CPU time / {N_CORES})", clock_s / (cpu_s / N_CORES), 1.1, ""),
    ]
    for figure in figures:
        print(figure, flush=True)
        if not figure.ok:
            yield f"plain: {figure.name} is {figure.value:.2f}."


def killed(folder: Path) -> Iterator[str]:
    n_submissions = len(list((folder / "class").iterdir()))
    first = grade(folder, "killed")
    wait_until(first, lambda: len(finished(folder / "killed")) >= n_submissions // 2)
    first.kill()
    first.wait()
    before = times(folder / "killed")
    grade(folder, "killed").wait()
    after = times(folder / "killed")
    again = [path.name for path, written in before.items() if after[path] != written]
    print(f"Killed when {len(before)} were finished, and continued: {len(again)} were graded twice.", flush=True)
    yield from (f"killed: {name} was graded again." for name in again)
    yield from differences(folder, "killed")


def cluster(folder: Path) -> Iterator[str]:
    n_submissions = len(list((folder / "class").iterdir()))
    process = grade(folder, "cluster", "--cluster", f"local:{N_CORES}")
    wait_until(process, lambda: len(finished(folder / "cluster")) >= n_submissions // 4 and bool(workers(process)))
    lost = next(iter(workers(process)), None)
    if lost is None:
        yield "cluster: no worker could be killed."
    else:
        lost.kill()
        print(f"Killed a worker of Dask when {len(finished(folder / 'cluster'))} were finished.", flush=True)
    process.wait()
    yield from differences(folder, "cluster")


def alone(folder: Path) -> Iterator[str]:
    chosen = sorted((folder / "class").iterdir())[::EVERY]
    for path in chosen:
        grade(folder, "alone", "--jobs", "1", paths=[path]).wait()
    names = [path.name for path in finished(folder / "alone")]
    costs = [sum(read_finished(folder / way / name)["cpu_s"] for name in names) for way in ("alone", "plain")]
    print(f"{len(names)} one by one: {costs[0]:.0f} s of CPU time; the same in one go: {costs[1]:.0f} s.", flush=True)
    yield from differences(folder, "alone", names)


WAYS: dict[str, Callable[[Path], Iterator[str]]] = {
    "plain": plain,
    "killed": killed,
    "cluster": cluster,
    "alone": alone,
}


def finished(out: Path) -> list[Path]:
    """The folders of submissions that are graded."""
    return sorted(path.parent for path in out.glob(f"*/{FINISHED}"))


def times(out: Path) -> dict[Path, int]:
    """When each result was written."""
    return {path: (path / FINISHED).stat().st_mtime_ns for path in finished(out)}


def wait_until(process: Running, condition: Callable[[], bool]) -> None:
    """Wait until a condition is true, or until the process has ended."""
    while process.poll() is None and not condition():
        time.sleep(LOOK_S)


def workers(process: Running) -> list[psutil.Process]:
    """The workers of Dask that are grading: the process that grades is three levels below."""
    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(process.pid).children(recursive=True)
        return [child.parents()[2] for child in found if "--while-open" in child.cmdline()]
    return []


def differences(folder: Path, way: str, names: Sequence[str] = ()) -> Iterator[str]:
    """What is graded in another way than in `plain`, of all submissions or of some."""
    expected, found = table(folder / "plain"), table(folder / way)
    different = [name for name in names or expected | found if expected.get(name) != found.get(name)]
    print(f"{way}: {len(names or expected)} submissions, {len(different)} with another result.", flush=True)
    yield from (f"{way}: {name} has another result." for name in different)


def table(out: Path) -> Table:
    """What was graded.  How the texts name the end of a loop depends on the clock."""
    rows: Table = {}
    for path in finished(out):
        tests = json.loads((path / RESULTS).read_text(encoding="utf-8"))["tests"]
        rows[path.name] = [(test["name"], test["score"], test.get("status", "")) for test in tests]
    return rows


if __name__ == "__main__":
    sys.exit(main())
