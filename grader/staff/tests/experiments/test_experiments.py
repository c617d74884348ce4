"""`python -m src.experiments`: every row makes its files; a run that fails or stops says why."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.assignment import KIT, VARIABLE
from grader.staff.release.report import report_template
from grader.staff.release.solution import write_solution
from src.experiments.catalogue import EXPERIMENTS, NAMES
from src.experiments.speed import train

BREAKS_IN_TRAIN_EPOCH = """
    raise TypeError(f"no tensors on {device}")
"""


@pytest.fixture(scope="module")
def solution(tmp_path_factory):
    return write_solution(tmp_path_factory.mktemp("experiments") / "solution")


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A submission whose train_epoch raises TypeError."""
    folder = write_solution(tmp_path_factory.mktemp("experiments") / "failing")
    file = folder / "src" / "run_model.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    model.train()\n", BREAKS_IN_TRAIN_EPOCH, 1), encoding="utf-8")
    return folder


def experiments(*arguments, cwd=KIT):
    """Run the command with all exercises. It prints plain lines: its output is not a terminal."""
    command = [sys.executable, "-m", "src.experiments", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, encoding="utf-8", timeout=600
    )


def environment():
    return {name: value for name, value in os.environ.items() if name != VARIABLE} | {"PYTHONPATH": str(KIT)}


def quick(name, submission, out, *arguments):
    return experiments(name, "--budget", "quick", "--submission", submission, "--out", out, *arguments)


@pytest.fixture(scope="module")
def quick_runs(solution, tmp_path_factory):
    """The folder of a quick run of all experiments, in one process, which imports torch once."""
    folder = tmp_path_factory.mktemp("quick")
    done = quick("all", solution, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_run_makes_all_that_the_report_asks_for(name, quick_runs):
    content = json.loads((quick_runs / f"{name}.json").read_text(encoding="utf-8"))
    assert content["budget"] == "quick"
    assert content["data"] or experiment_of(name).data == ("(made here)",)
    wanted = wanted_of(name)
    assert wanted["figures"] <= {figure["file"] for figure in content["figures"].values()}
    assert wanted["tables"] <= content["tables"].keys()
    assert wanted["numbers"] <= content["numbers"].keys()
    for figure in content["figures"].values():
        assert (quick_runs / figure["file"]).read_bytes().startswith(b"\x89PNG")
        assert figure["title"] and figure["alt"]


def experiment_of(name):
    return next(experiment for experiment in EXPERIMENTS if experiment.name == name)


def wanted_of(name):
    """The figures' files, and the keys of tables and numbers, that the report's questions name."""
    template = report_template(KIT)
    return {
        "figures": set(re.findall(rf"\(report/({name}-[a-z]+\.png)\)", template)),
        "tables": set(re.findall(rf"<!-- table: {name} (\S+) -->", template)),
        "numbers": set(re.findall(rf"\b{name}\.(\w+)", " ".join(re.findall("<!-- measured: (.*) -->", template)))),
    }


def test_every_figure_of_the_report_has_a_row_and_every_row_a_question():
    named = set(re.findall(r"`python -m src\.experiments ([a-z-]+)`", report_template(KIT)))
    assert named == set(NAMES)


def test_a_function_that_is_still_to_do_is_named():
    done = experiments("mnist-sizes", "--budget", "quick")
    assert done.returncode == 1
    assert "DigitClassifier in src/models.py is still to do" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_function_that_fails_is_named_with_its_line_and_sees_the_device(failing, tmp_path):
    line = 1 + (failing / "src" / "run_model.py").read_text(encoding="utf-8").split("raise TypeError")[0].count("\n")
    done = quick("fashion", failing, tmp_path, "--device", "cpu:0")  # stands in for a device such as cuda:0
    assert done.returncode == 1
    assert f"train_epoch in src/run_model.py fails in line {line}: TypeError: no tensors on cpu:0." in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in quick("fashion", failing, tmp_path, "--traceback").stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_run_continues_after_its_last_finished_part(solution, tmp_path):
    command = [sys.executable, "-m", "src.experiments", "mnist-sizes", "--budget", "quick", "--submission", solution]
    run = subprocess.Popen(
        [*map(str, command), "--out", str(tmp_path)], cwd=KIT, env=environment(), stdout=subprocess.DEVNULL
    )
    parts = tmp_path / ".parts" / "mnist-sizes"
    wait_until(lambda: len(list(parts.glob("*.npz"))) == 2)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("*.npz")}
    done = quick("mnist-sizes", solution, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("taken from an earlier run") == len(kept) >= 2
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_a_step_may_take_less_time_than_the_system_counts(monkeypatch):
    monkeypatch.setattr("time.process_time", lambda: 1.0)
    assert train(steps=1) == 0


def test_a_syntax_error_is_one_sentence(solution, tmp_path):
    folder = shutil.copytree(solution, tmp_path / "broken")
    file = folder / "src" / "run_model.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\nprint((1)\n", encoding="utf-8")
    done = quick("zero-init", folder, tmp_path / "out")
    assert done.returncode == 1
    sentence = f"src/run_model.py has a syntax error in line {text.count(chr(10)) + 2}: '(' was never closed."
    assert f"zero-init: {sentence}" in done.stderr
    assert "Traceback" not in done.stderr


def wait_until(condition):
    while not condition():
        time.sleep(0.001)


@pytest.mark.slow
def test_other_files_start_again(solution, failing, tmp_path):
    assert quick("mnist-sizes", solution, tmp_path).returncode == 0
    assert quick("mnist-sizes", failing, tmp_path).returncode == 1


def test_the_list_says_what_each_needs_and_answers(tmp_path):
    done = experiments("--list", "--out", tmp_path)
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert [name for name in NAMES if f"{name} " not in text] == []
    assert "runs run_model.py, models.py; data: MNIST; quick " in text
    assert len(re.findall(r"report: \d+\.\d+", text)) == len(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mnist-size"], "There is no experiment 'mnist-size'. Did you mean mnist-sizes?"),
        (["mnist-sizes", "--device", "fpga"], "--device fpga can't be used here"),
        (["mnist-sizes", "--data", "no-such-folder"], "mnist-sizes has no data to run on: --data is no-such-folder"),
        (["mnist-sizes", "--submission", "no-such-folder"], "no-such-folder"),
    ],
)
def test_bad_input_gets_a_sentence(arguments, sentence, solution, tmp_path):
    extra = [] if "--submission" in arguments else ["--submission", str(solution)]
    done = experiments(*arguments, *extra, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_reports_folder_is_that_of_the_current_folder_by_default(solution, tmp_path):
    command = [sys.executable, "-m", "src.experiments", "zero-init", "--budget", "quick", "--submission", str(solution)]
    subprocess.run(command, cwd=tmp_path, env=environment(), check=True, capture_output=True, timeout=600)
    assert (Path(tmp_path) / "report" / "zero-init.json").is_file()
