"""A class graded over two workers of a Dask cluster, one of which is killed on the way."""

import csv
import os
import subprocess
import sys
import threading

import psutil
import pytest

from grader import cli
from grader.assignment import KIT, VARIABLE
from grader.staff.grading import pools
from grader.staff.grading.pools import grade_there, what_happened
from grader.staff.tests.grading.downloads import make_download

STUB = (KIT / "src" / "perceptrons.py").read_bytes()


def grading_workers(pid):
    """The workers of Dask that grade something: the process that grades is three levels below."""
    try:
        found = psutil.Process(pid).children(recursive=True)
        return [child.parents()[2] for child in found if "--while-open" in child.cmdline()]
    except psutil.NoSuchProcess:
        return []


def kill_a_worker(process, killed):
    """Kill the first worker that grades something, with -9."""
    while process.poll() is None and not killed:
        for worker in grading_workers(process.pid):
            assert "spawn_main" in " ".join(worker.cmdline())
            worker.kill()
            killed.append(worker.pid)
            return


@pytest.mark.slow
def test_a_lost_worker_costs_only_time(tmp_path):
    (tmp_path / "a.toml").write_text('title = "A"\nexercises = ["perceptrons"]\n', encoding="utf-8")
    students = {"Ann Lee": {"perceptrons.py": STUB}, "Bo Li": {"notes.txt": b""}, "Cy Ng": {"src/perceptrons.py": STUB}}
    folder = make_download("moodle", tmp_path, students)
    options = ["--assignment", tmp_path / "a.toml", "--out", tmp_path / "out", "--cluster", "local:2"]
    command = [sys.executable, "-m", "grader.cli", "grade", *map(str, (folder, *options))]
    process = subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killed: list[int] = []
    killer = threading.Thread(target=kill_a_worker, args=(process, killed))
    killer.start()
    said, errors = process.communicate()
    killer.join()
    assert killed, said + errors
    assert process.returncode == 2, said + errors  # one has no file that can be graded
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student"], row["perceptrons"], row["problem"][:23]) for row in rows] == [
        ("Ann Lee", "0", ""),
        ("Bo Li", "0", "nothing could be graded"),
        ("Cy Ng", "0", ""),
    ]
    assert "Grading 3 submissions, 2 at a time." in said


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("local:none", "write a number of workers, as in local:4"),
        ("tcp://127.0.0.1:9", "there is no scheduler to talk to"),
        ("nonsense://", "there is no scheduler to talk to"),
    ],
)
def test_a_cluster_that_is_not_there_is_a_sentence(tmp_path, monkeypatch, capsys, address, words):
    monkeypatch.setattr(pools, "CONNECT_S", 1)
    (tmp_path / "a.toml").write_text('title = "A"\nexercises = ["perceptrons"]\n', encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a.toml"))
    assert cli.main(["grade", str(KIT / "src"), "--out", str(tmp_path / "out"), "--cluster", address]) == 2
    assert words in capsys.readouterr().err


def test_a_worker_with_another_kit_refuses():
    with pytest.raises(pools.ClusterError, match=r"differs from this one: install the same kit on every worker"):
        grade_there("another", None)


def die(file):
    with file.open("a") as deaths:
        deaths.write("x")
    os._exit(1)


def test_what_kills_its_worker_three_times_is_reported_and_skipped(tmp_path):
    with pools.cluster_pool("local:1") as pool:
        error = pool.executor.submit(die, tmp_path / "deaths").exception()
        assert pool.executor.submit(len, "abc").result() == 3
    assert what_happened(error) == "its worker died 3 times while it was graded, so it was skipped"
    assert (tmp_path / "deaths").read_text() == "xxx"


def test_grading_here_needs_no_cluster_and_nothing_that_only_tests_use():
    hidden = ["axe_core_python", "dask", "distributed", "hypothesis", "tomli_w", "xdist"]
    code = f"import sys; sys.modules |= dict.fromkeys({hidden}); from grader.cli import main; main(['grade', '--help'])"
    process = subprocess.run([sys.executable, "-c", code], cwd=KIT, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert "--jobs" in process.stdout
