"""A batch imports torch once, and what it knows reaches no submission."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from grader.assignment import KIT
from grader.sandbox import fork_server
from grader.sandbox.frames import USUAL_WORKERS, Workers
from grader.staff.grading import processes
from grader.staff.grading.processes import KILLED, TORCH, run

pytestmark = pytest.mark.skipif(USUAL_WORKERS is not Workers.FORKED, reason="there is no fork here")
STUB = (KIT / "src" / "perceptrons.py").read_text(encoding="utf-8")
TOKEN = "known-to-the-teacher-only"
# The patterns are written so that they don't match themselves.
SEARCHES = """
import ctypes, re

found = []
for line in open("/proc/self/maps"):
    if " rw-p " in line:
        start, end = (int(text, 16) for text in line.split()[0].split("-"))
        memory = (ctypes.c_char * (end - start)).from_address(start)
        for name, pattern in {"batch": b"known-to-the-teac[h]er", "neighbour": b"neigh[b]our-of", "kit": b"perceptro[n]s"}.items():
            if re.search(pattern, memory):
                found.append(name)
raise ImportError(f"found: {' '.join(sorted(set(found)))}.")
"""


def first_place_of_torch(process: psutil.Process) -> str | None:
    """Where a process has torch in its memory.  Copies of one process have it at the same place."""
    try:
        lines = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None  # it has just ended
    return next((line.partition("-")[0] for line in lines if line.endswith("libtorch_cpu.so")), None)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """The results of three submissions from one batch, and the places in memory where torch was."""
    folder, places = tmp_path_factory.mktemp("batch"), set()
    (folder / "a.toml").write_text('title = "A"\nexercises = ["perceptrons"]\n', encoding="utf-8")
    for name, text in {"Ann": SEARCHES, "neighbour-of-Ann": STUB, "Cy": STUB}.items():
        (folder / "class" / name).mkdir(parents=True)
        (folder / "class" / name / "perceptrons.py").write_text(text, encoding="utf-8")
    options = ["--assignment", folder / "a.toml", "--out", folder / "out", "--jobs", 2]
    command = [sys.executable, "-m", "grader.cli", "grade", *map(str, (folder / "class", *options))]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=KIT, env=os.environ | {"TOKEN": TOKEN}, stdout=said, stderr=said)
        while process.poll() is None:
            places |= {first_place_of_torch(child) for child in psutil.Process(process.pid).children(recursive=True)}
            time.sleep(0.05)
    assert process.returncode == 0, (folder / "said").read_text()
    results = {path.parent.name: path.read_text(encoding="utf-8") for path in folder.glob("out/*/results.json")}
    return results, places - {None}


@pytest.mark.slow("batch")
def test_a_batch_imports_torch_once(batch):
    results, places = batch
    assert len(results) == 3 and len(places) == 1


@pytest.mark.slow("batch")
def test_a_submission_finds_nothing_of_the_batch_in_its_memory(batch):
    assert "found: kit." in batch[0]["Ann"]


def test_if_torch_cannot_be_imported_the_log_says_why_and_the_next_run_tries_again(tmp_path, monkeypatch):
    command = [sys.executable, "-c", "import sys; print(sys.argv[1][:9])"]
    with (tmp_path / "log").open("wb") as log:
        with monkeypatch.context() as patch:
            TORCH.close()
            patch.setattr(fork_server, "BOOTSTRAP", "import no_such_module")
            assert run(command, os.environ, log.fileno()).status == KILLED
        ended = run(command, os.environ, log.fileno())
    assert ended.status == 0 and ended.cpu_s > 0 and ended.memory > 2**20
    assert re.search(r"has ended\..*no_such_module.*--server=$", (tmp_path / "log").read_text().strip(), re.DOTALL)


def test_the_fork_server_is_in_the_kits_folder_wherever_the_teacher_is(tmp_path, monkeypatch):
    """Its copies remember that folder, and a submission can read it there."""
    TORCH.close()
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "log").open("wb") as log:
        assert run([sys.executable, "-c", ""], os.environ, log.fileno()).status == 0
    assert Path(psutil.Process(TORCH.servers[-1].process.pid).cwd()) == KIT


def test_a_dead_holder_costs_its_own_run_alone(tmp_path):
    def run_in_thread(pool, text):
        return pool.submit(run, [sys.executable, "-c", text], os.environ, log.fileno())

    with (tmp_path / "log").open("wb") as log, ThreadPoolExecutor(3) as pool:
        waits = f"import os, time\nwhile not os.path.exists({str(tmp_path / 'end')!r}): time.sleep(0.05)"
        longer = run_in_thread(pool, waits)
        hit = run_in_thread(
            pool, f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
        )
        while not (tmp_path / "pid").is_file() or not (pid := (tmp_path / "pid").read_text()):
            time.sleep(0.05)
        program = psutil.Process(int(pid))
        program.parent().kill()
        assert hit.result(timeout=10).status == KILLED and not longer.done()
        assert run_in_thread(pool, "").result().status == 0
        (tmp_path / "end").touch()
        assert longer.result().status == 0
        program.kill()


def test_where_there_is_no_fork_a_run_imports_torch_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "USUAL_WORKERS", Workers.PERSISTENT)
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-c", "import sys; print(sys.argv)"]
        assert run(command, os.environ, log.fileno()).status == 0
    assert (tmp_path / "log").read_text() == "['-c']\n"
