"""`grader watch`, as an editor and a reader meet it."""

import os
import re
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from grader.assignment import KIT
from grader.staff.proving.watching import Watched, five_saves, function_in, with_function
from grader.staff.release.solution import write_solution
from grader.staff.tests.conftest import BOTH_WORKERS
from grader.staff.tests.submissions import changed, reference_text

ENDLESS = "def train_epoch(model, data_loader, optimizer, device='cpu'):\n    while True:\n        pass"


@pytest.fixture(scope="module", params=BOTH_WORKERS)
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The watch on the reference, after its first run, with each kind of worker."""
    folder = write_solution(tmp_path_factory.mktemp("watched") / "mine")
    with Watched(folder, "--workers", request.param.value) as watch:
        watch.wait_for("visible points")
        yield watch


def test_five_saves(watched: Watched) -> None:
    saves = five_saves()
    watched.save(saves["wrong"][0])
    assert watched.wait_for("run_model.py") == "run_model.py: train_epoch changed."
    assert re.search(r"train_epoch 0/12 \(-12\): 8 failed", watched.wait_for("  train_epoch "))
    watched.wait_for("No longer passes: 1.1 to 1.6")
    watched.save(saves["a syntax error"][0])
    assert re.fullmatch(r"run_model.py, line \d+: '\(' was never closed\.", watched.wait_for("run_model.py"))
    watched.save(saves["half right"][0])
    assert "train_epoch 10/12 (+10)" in watched.wait_for("  train_epoch ")
    assert "does not put the model and all its submodules in training mode" in watched.wait_for("1. ")
    watched.save(saves["right"][0])
    assert "train_epoch 12/12 (+2): 8 passed" in watched.wait_for("  train_epoch ")
    watched.wait_for("visible points")
    seen = watched.seen
    watched.save(saves["another function"][0])
    assert "evaluate 4/8 (-4)" in watched.wait_for("  evaluate ")
    watched.wait_for("visible points")
    assert not any("train_epoch" in line for line in watched.lines[seen:])


def test_each_place_is_shown_once_with_all_its_checks(watched: Watched) -> None:
    """Some of run_model's checks train, and run last."""
    first = watched.lines[: next(i for i, line in enumerate(watched.lines) if "visible points" in line)]
    watched.save(changed("run_model", "batch_size, shuffle)", "batch_size, True)"))
    watched.wait_for(" changed.")
    seen = watched.seen
    watched.wait_for("visible points")
    for lines in (first, watched.lines[seen : watched.seen]):
        (line,) = (line for line in lines if line.startswith("  run_model "))
        assert "not run" not in line


def test_a_save_while_checks_run_starts_them_again(watched: Watched) -> None:
    right = reference_text("run_model")
    watched.save(with_function(right, "train_epoch", ENDLESS))
    watched.wait_for("train_epoch changed")
    time.sleep(1)
    watched.save(with_function(right, "train_epoch", function_in(five_saves()["half right"][0], "train_epoch")))
    assert "train_epoch 10/12 (-2)" in watched.wait_for("  train_epoch ")


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Watched]:
    """The watch on untouched stubs, of which nothing takes long."""
    (tmp_path / "mine").mkdir()
    shutil.copytree(KIT / "src", tmp_path / "mine" / "src", ignore=shutil.ignore_patterns("experiments"))
    with Watched(tmp_path / "mine") as watch:
        watch.wait_for("visible points")
        yield watch


def test_other_changes_run_everything_or_nothing(quick: Watched) -> None:
    stub = (quick.folder / "src" / "run_model.py").read_text(encoding="utf-8")
    quick.save(stub + "\n# a remark\n")
    assert quick.wait_for("run_model.py") == "run_model.py: nothing that Python reads changed."
    quick.save(stub + "\nLEAST = 3\n")
    assert "an import or a constant changed, so all checks run" in quick.wait_for("run_model.py")
    quick.wait_for("visible points")
    quick.save(stub + "\nLEAST = 3\n\n\ndef mean(values):\n    return sum(values) / len(values)\n")
    assert "mean changed, so all checks run" in quick.wait_for("run_model.py")
    quick.wait_for("visible points")
    quick.save("x = 1\n", exercise="scratch")
    assert quick.wait_for("scratch.py") == "scratch.py: no exercise imports it."


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    with Watched(write_solution(tmp_path / "mine")) as watch:
        watch.wait_for("models ")  # in the middle of the first run
        processes = psutil.Process(watch.process.pid).children(recursive=True)
        assert processes
        assert watch.interrupt() == 0
    assert watch.lines[-1] == "Stopped."
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive
    assert not [*room.iterdir()]


def test_a_folder_without_src_is_refused(grader: Callable[..., object], tmp_path: Path) -> None:
    done = grader("watch", tmp_path)
    assert done.returncode == 2
    assert "has no folder src/ in it" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals that Python can open")
def test_the_table_on_a_terminal(tmp_path: Path) -> None:
    import pty

    folder = write_solution(tmp_path / "mine")
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
        os.chdir(KIT)
        os.execv(sys.executable, [sys.executable, "-m", "grader.cli", "watch", str(folder)])
    try:
        printed = read_until(terminal, r"\d visible points\S*  \S*[\d.]+ s")
        saves = five_saves()
        (folder / "src" / "run_model.py").write_text(saves["half right"][0], encoding="utf-8")
        printed = read_until(terminal, "training mode")
        assert re.search(r"train_epoch +10/12 +-2 +7 passed, 1 failed", without_codes(printed))
        assert "No longer passes: 1.6" in without_codes(printed)
        (folder / "src" / "run_model.py").write_text(saves["a syntax error"][0], encoding="utf-8")
        assert "'(' was never closed." in read_until(terminal, "never closed")
        os.write(terminal, b"\x03")
        printed = read_until(terminal, "Stopped.")
        assert "\x1b[?25h" in printed  # the cursor is shown again
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
        process = 0
    finally:
        if process:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
        os.close(terminal)


def read_until(terminal: int, pattern: str, seconds: float = 120) -> str:
    """What is printed until it matches, with the terminal's codes."""
    printed, ends = "", time.monotonic() + seconds
    while not re.search(pattern, without_codes(printed)):
        assert time.monotonic() < ends, printed[-3000:]
        if select.select([terminal], [], [], 0.2)[0]:
            printed += os.read(terminal, 65536).decode(errors="replace")
    return printed


def without_codes(printed: str) -> str:
    return re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", printed)
