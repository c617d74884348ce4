"""The zip for Gradescope: what is in it, and the results that its run_autograder writes.

For a run in a fresh Debian: `make rehearse`.
"""

import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from grader.assignment import KIT, STAFF, checked_exercises
from grader.judging.record import Record
from grader.staff.release.autograder import when_shown
from grader.staff.release.rehearse import (
    lay_out,
    problem_of_killed,
    read_valid,
    schema_problems,
    share_done,
    start_here,
)
from grader.staff.tests.conftest import run

TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The process of `grader autograder`, and the zip that it made."""
    out = tmp_path_factory.mktemp("bundle") / "autograder.zip"
    process = run("-m", "grader.cli", "autograder", out)
    assert process.returncode == 0, process.stderr
    return process, out


@pytest.fixture
def autograder(made, open_folder):
    """The zip laid out as /autograder; empty submission."""
    lay_out(made[1], open_folder / "autograder")
    return open_folder / "autograder"


def grade(root: Path) -> dict:
    process = start_here(root)
    assert process.wait(120) == 0, (root / "log.txt").read_text()
    return read_valid(root / "results" / "results.json")


def maximum(results: dict) -> float:
    return sum(test["max_score"] for test in results["tests"])


def names_in(bundle: Path) -> list[str]:
    return zipfile.ZipFile(bundle).namelist()


def test_the_zip_holds_what_grading_needs_and_nothing_else(made):
    names = names_in(made[1])
    at_top = {"assignment.toml", "conftest.py", "pyproject.toml", "report_template.md", "requirements.txt"}
    made_for_it = {"run_autograder", "setup.sh", "torch_index.txt", "zeros.json"}
    assert {name for name in names if "/" not in name} == at_top | made_for_it
    folders = {str(Path(name).parent) for name in names if "/" in name}
    exercises = {
        name
        for exercise in checked_exercises()
        for name in (f"grader/exercises/{exercise}", f"grader/staff/exercises/{exercise}")
    }
    packages = {
        f"grader/{name}"
        for name in (
            "exercises",
            "feedback",
            "feedback/pictures",
            "intake",
            "judging",
            "report",
            "sandbox",
            "staff",
            "staff/exercises",
            "staff/grading",
        )
    }
    assert folders == {"data", "grader", "tests", "tests/golden"} | packages | exercises
    of_staff = {Path(name).name for name in names if str(Path(name).parent) == "grader/staff"}
    assert of_staff == {"__init__.py", "secret.key"}
    assert not [name for name in names if re.search("styles|accidents|answers.md", name)]
    assert {Path(name).suffix for name in names} == {
        ".py",
        ".toml",
        ".txt",
        ".json",
        ".bin",
        ".key",
        ".sh",
        ".md",
        ".css",
        ".jinja",
        "",
    }


@pytest.mark.parametrize("out", ["new folder/autograder.zip", "autograder.zip"])
def test_what_is_wrong_is_one_sentence_and_nothing_is_made(grader, tmp_path, out):
    exercises = "nothing" if "/" not in out else "models"
    (tmp_path / "a.toml").write_text(f'title = "A"\nexercises = ["{exercises}"]\n', encoding="utf-8")
    process = grader("autograder", tmp_path / out, "--assignment", tmp_path / "a.toml")
    assert (process.returncode, process.stdout, len(process.stderr.splitlines())) == (2, "", 1)
    assert ("is not a folder: make it first" if "/" in out else "exercises must be a list") in process.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


@pytest.mark.parametrize(
    ("word", "own", "sentence"),
    [
        ("after_published", None, "Hidden checks are shown once grades are published.  Until then Gradescope"),
        ("after_due_date", None, "Hidden checks are shown after the due date.  Until then Gradescope"),
        ("visible", None, "Hidden checks are shown at once, as all others."),
        ("hidden", None, "Hidden checks are never shown.  Gradescope never shows students their total either."),
        ("visible", "hidden", "2 hidden checks are shown at once, as all others.  1 hidden checks are never shown."),
    ],
)
def test_the_summary_says_when_hidden_checks_are_really_shown(word, own, sentence):
    records = [Record("t", "models", 1, hidden=True, visibility=seen) for seen in (None, None, own)]
    assert when_shown(records, word).startswith(sentence)


def test_scripts_can_be_run_and_have_unix_line_ends(made):
    with zipfile.ZipFile(made[1]) as bundle:
        modes = {info.filename: info.external_attr >> 16 for info in bundle.infolist()}
        assert not any(b"\r" in bundle.read(name) for name in names_in(made[1]) if not name.endswith((".bin", ".key")))
    assert {name for name, mode in modes.items() if mode & 0o111} == {"run_autograder", "setup.sh"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_zip_is_its_owners_alone_and_the_command_says_why(made):
    process, out = made
    assert out.stat().st_mode & 0o077 == 0
    assert "Keep it private" in process.stdout
    assert "secret.key" in process.stdout


def test_a_second_zip_is_the_same_but_for_the_torch_index_that_is_given(made, grader, tmp_path):
    grader("autograder", tmp_path / "other.zip", "--torch-index", "")
    first, second = zipfile.ZipFile(made[1]), zipfile.ZipFile(tmp_path / "other.zip")
    different = {a.filename for a, b in zip(first.infolist(), second.infolist(), strict=True) if facts(a) != facts(b)}
    assert different == {"torch_index.txt"}
    assert first.read("torch_index.txt").decode().strip() == TORCH_INDEX
    assert second.read("torch_index.txt").decode().strip() == ""


def facts(entry: zipfile.ZipInfo) -> tuple:
    return entry.filename, entry.CRC, entry.date_time, entry.external_attr


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_scripts_are_sound_bash(name):
    script = STAFF / "release" / "container" / name
    subprocess.run(["bash", "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", script], check=True)


def test_setup_stops_at_the_first_thing_that_fails_and_says_where(autograder):
    (autograder / "source" / "torch_index.txt").unlink()
    process = subprocess.run(
        ["bash", autograder / "source" / "setup.sh"], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert process.returncode != 0
    assert "setup.sh failed in line" in process.stderr
    assert "done" not in process.stdout


def test_untouched_stubs_are_graded_in_full_behind_closed_folders(autograder):
    shutil.copytree(KIT / "src", autograder / "submission" / "src")
    results = grade(autograder)
    assert (results["score"], maximum(results)) == (0, 100)
    assert results["extra_data"]["checks"]["to do"] == len(results["tests"])
    hidden = [test for test in results["tests"] if test.get("visibility")]
    assert {test["visibility"] for test in hidden} == {"after_published"}
    assert sum(test["max_score"] for test in hidden) == 41
    closed = ["source/grader/staff", "source/zeros.json", "results", "submission", "submission_metadata.json"]
    assert not any((autograder / name).stat().st_mode & 0o077 for name in closed)


@pytest.mark.slow
def test_an_empty_submission_has_every_check_at_zero(autograder):
    results = grade(autograder)
    assert (results["score"], maximum(results)) == (0, 100)
    assert "holds no src/" in results["output"]


@pytest.mark.slow
def test_a_report_is_graded_there_too_behind_closed_folders(autograder):
    text = (KIT / "report_template.md").read_text(encoding="utf-8")
    text = re.sub(r"^  sgd_steps:", "  sgd_steps: [5000, 20000]", text, flags=re.MULTILINE)
    (autograder / "submission" / "report.md").write_text(text, encoding="utf-8")
    results = grade(autograder)
    assert (results["score"], maximum(results)) == (0, 100)
    *_, entry = results["tests"]
    assert (entry["number"], entry["visibility"]) == ("report", "after_published")
    assert re.match(r"1 of \d+ points\n1\.2 sgd_steps: right\n2\.1 dogs_images: missing\n", entry["output"])
    assert "Report: 0 of " in results["output"]
    assert "sgd_steps" not in results["output"]
    assert (autograder / "results" / "report.html").is_file()


def test_without_an_interpreter_the_zeros_stand_and_say_so(autograder, monkeypatch):
    monkeypatch.setattr("sys.executable", "/there/is/no/python")
    results = grade(autograder)
    assert (results["score"], maximum(results)) == (0, 100)
    assert "Grading did not start" in results["output"]
    assert "stopped with status 127" in (autograder / "log.txt").read_text()


def test_a_run_killed_halfway_keeps_what_was_earned(autograder, solution):
    shutil.copytree(solution, autograder / "submission", dirs_exist_ok=True)
    process, path = start_here(autograder), autograder / "results" / "results.json"
    deadline = time.monotonic() + 600
    while share_done(path) < 0.15 and time.monotonic() < deadline:
        time.sleep(0.05)
    kill_tree(process.pid)
    process.wait()
    results = read_valid(path)
    assert not problem_of_killed(results)
    assert maximum(results) == 100
    assert "Grading was interrupted" in results["output"]


def kill_tree(pid: int) -> None:
    """kill -9 of a process and all that it started."""
    top = psutil.Process(pid)
    for process in [top, *top.children(recursive=True)]:
        process.kill()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": "1"}, "score"),
        ({"execution_time": "2.50"}, "execution_time"),
        ({"visibility": "after_publication"}, "visibility"),
        ({"points": 1}, "points"),
        ({"tests": [{"score": 1, "status": "error"}]}, "tests[0].status"),
        ({"tests": [{"score": 1, "max_points": 1}]}, "tests[0]"),
        ({"output_format": "markdown"}, "output_format"),
        ({"leaderboard": [{"value": 1}]}, "leaderboard[0]"),
        ({"extra_data": []}, "extra_data"),
    ],
)
def test_what_gradescope_refuses_is_found(change, field):
    right = {"score": 1, "tests": [{"score": 1, "max_score": 1.5, "status": "passed", "tags": ["a"]}]}
    assert not schema_problems(right)
    (problem,) = schema_problems(right | change)
    assert field in problem


def test_results_need_a_score_or_tests():
    assert schema_problems({"output": "nothing"})
    assert schema_problems({"tests": [{"name": "no score"}]})
    assert not schema_problems({"score": 1})
    assert not schema_problems(json.loads('{"tests": [{"score": 0.5}]}'))
