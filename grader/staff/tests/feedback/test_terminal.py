"""What a run prints, and that pytest's options work as everywhere."""

import json
import os
import re
import shutil
from unittest.mock import patch

import pytest

from grader.assignment import KIT, VARIABLE
from grader.items import exercise_of, function_of, is_check
from grader.judging.mutants import read_mutants
from grader.staff.grading.trial import collect_checks
from grader.staff.tests.conftest import run, total_in, unwrapped
from grader.staff.tests.submissions import changed, make_submission

FIRST_TRY = KIT / "grader" / "staff" / "examples" / "first_try" / "src"
VISIBLE = (KIT / "tests",)
HINTS = {mutant.name: mutant.hint for mutant in read_mutants()}


@pytest.fixture(scope="module")
def half_done(tmp_path_factory):
    """Two files of a first try; the rest are stubs."""
    folder = tmp_path_factory.mktemp("half_done")
    shutil.copytree(KIT / "src", folder / "src", ignore=shutil.ignore_patterns("experiments", "__pycache__"))
    for name in ("run_model.py", "models.py"):
        shutil.copy(FIRST_TRY / name, folder / "src" / name)
    return folder


@pytest.fixture
def as_student(judge):
    """Run visible checks as on a student's machine: with recorded answers."""
    return lambda submission, *arguments: judge(submission, *arguments, folders=VISIBLE, live=False)


def broken(tmp_path, text):
    """A submission whose train_epoch starts with this line."""
    return make_submission(
        tmp_path / "s", run_model=changed("run_model", "    model.train()\n", f"    {text}\n    model.train()\n")
    )


def causes_in(printed):
    """The numbered causes, each in one line."""
    told = printed.partition(" what to fix ")[2].partition(" points ===")[0]
    return [unwrapped(part) for part in re.split(r"^ *\d+\. (?=\S)", told, flags=re.MULTILINE)[1:]]


# One cause, one message


@pytest.mark.slow
def test_a_half_done_submission_prints_less_than_sixty_lines(half_done, run_pytest):
    """Counted is everything, also what pytest prints."""
    environment = {"COLUMNS": "100", VARIABLE: str(KIT / "assignment.toml")}
    printed = run_pytest("tests/", "--submission", half_done, **environment).stdout
    assert 20 < len(printed.splitlines()) < 60, printed
    assert HINTS["train_epoch.loss_averages_batches"] in unwrapped(printed)
    assert re.search(r"^  DigitClassifier +2/2  1 passed$", printed, re.MULTILINE)
    assert re.search(r"^numpy_mlp +0/12  8 to do$", printed, re.MULTILINE)


@pytest.mark.slow
def test_the_last_line_is_the_next_step(half_done, without_staff):
    process = run("-m", "pytest", "tests/", "--submission", half_done, "-k", "run_model", cwd=without_staff)
    command = f'pytest tests/ --submission "{half_done}" -k train_epoch'
    assert process.stdout.endswith(f"\nNext: train_epoch.  Run  {command}\n")
    assert HINTS["train_epoch.loss_averages_batches"] in unwrapped(process.stdout)


def test_a_syntax_error_is_one_message(as_student, tmp_path):
    process = as_student(broken(tmp_path, "model.train(:"), "run_model and not digit")
    (cause,) = causes_in(process.stdout)
    assert "src/run_model.py has a syntax error in line " in cause
    assert process.stdout.count("syntax error") == 1
    assert "Next: src/run_model.py.  Run  pytest tests/ --submission " in process.stdout
    assert process.stdout.rstrip().endswith(" -k run_model")


def test_an_exception_at_one_line_is_one_message_whatever_its_numbers(as_student, tmp_path):
    process = as_student(broken(tmp_path, "raise KeyError(len(data_loader.dataset))"), "test_train_epoch")
    (cause,) = causes_in(process.stdout)
    assert re.search(r"train_epoch raised KeyError \(line \d+ of src/run_model.py\)", cause)
    assert "Costs 12 points (1.1 to 1.6)." in cause
    assert process.stdout.count("KeyError: ") == 1


def test_a_mistake_is_told_once_with_the_details_of_one_check(judge, tmp_path):
    text = changed("run_model", "return loss_sum / n_examples, 100 *", "return loss_sum, 100 *")
    process = judge(make_submission(tmp_path / "s", run_model=text), "train_epoch_even or train_epoch_uneven")
    (cause,) = causes_in(process.stdout)
    assert "Costs 4 points (1.1, 1.2)." in cause
    assert cause.count("The loss is wrong: expected ") == 1
    assert "Look at train_epoch in src/run_model.py" in cause


def test_v_shows_every_check_and_all_details(half_done, as_student):
    printed = as_student(half_done, "evaluate", "-v").stdout
    assert re.search(r"^ +2/2 +2\.1 +evaluate returns", printed, re.MULTILINE)
    assert re.search(r"^ +0/2  failed +2\.2 ", printed, re.MULTILINE)
    assert "tests/test_run_model.py::" not in printed


def test_a_submission_can_not_control_the_terminal(judge, tmp_path):
    process = judge(broken(tmp_path, "raise ValueError('\\x1b[2J gone')"), "train_epoch_even")
    assert "\x1b" not in process.stdout
    assert "[2J gone" in process.stdout


def test_the_sample_in_the_readme_is_real(as_student, monkeypatch):
    """Except for how many other checks there are, and the time that it took."""
    monkeypatch.setenv("COLUMNS", "100")
    process = as_student(FIRST_TRY.parent, "train_epoch")
    sample = (KIT / "README.md").read_text(encoding="utf-8").partition("```\nrun_model ")[2].partition("\n```")[0]
    *lines, _, step = sample.splitlines()
    assert "run_model " + "\n".join(lines) in process.stdout
    assert step == "Next: train_epoch.  Run  pytest tests/ -k train_epoch"


# Selecting


def test_each_function_and_exercise_can_be_selected_by_its_name():
    with patch.dict(os.environ, {VARIABLE: ""}):
        checks = [item for item in collect_checks() if is_check(item)]
    for item in checks:
        assert {function_of(item), exercise_of(item)} <= set(item.extra_keyword_matches), item.name
    functions = {(exercise_of(item), function_of(item)) for item in checks}
    assert ("numpy_mlp", "NumpyMLP") in functions and ("models", "InversionInvariantLeNet5") in functions


@pytest.mark.parametrize("name", ["evaluate", "LeNet5"])
def test_the_command_of_the_next_step_runs_checks_of_that_function(name, judge):
    printed = judge(KIT, name, "-v", folders=VISIBLE).stdout
    titles = re.findall(r"^ +0/\d  to do +\d+\.\d+ +(.*)", printed, re.MULTILINE)
    assert titles and all(name in title for title in titles)


# pytest's options


@pytest.mark.slow
def test_last_failed_and_stepwise_run_what_they_run_everywhere(tmp_path, half_done):
    def pytest_on_evaluate(*options):
        cache = f"cache_dir={tmp_path / 'cache'}"
        arguments = ["tests/", "--submission", half_done, "-k", "evaluate", "-o", cache, *options]
        return run("-m", "pytest", *arguments).stdout

    assert total_in(pytest_on_evaluate()) == "4/8"
    again = pytest_on_evaluate("--lf")
    assert total_in(again) == "0/4"
    assert "rerun previous 2 failures" in again
    assert "Other checks were not selected" in again
    first = pytest_on_evaluate("--sw")
    assert "1 passed, 1 failed, 2 not run" in first
    assert "1 failed, 2 not run" in pytest_on_evaluate("--sw")


def test_x_stops_and_the_rest_is_not_run_and_earns_nothing(judge, half_done, tmp_path):
    results = tmp_path / "results.json"
    process = judge(half_done, "evaluate", "-x", f"--results={results}", folders=VISIBLE)
    assert "2/8 points: 1 passed, 1 failed, 2 not run." in process.stdout
    tests = json.loads(results.read_text())["tests"]
    assert [test["score"] for test in tests] == [2, 0, 0, 0]
    assert tests[-1]["output"].startswith("Not run")


@pytest.mark.slow
def test_less_is_printed_with_q_and_without_tracebacks(judge, half_done):
    quiet = judge(half_done, "evaluate", "-q", folders=VISIBLE).stdout
    assert re.search(r"^run_model +4/8  2 passed, 2 failed$", quiet, re.MULTILINE)
    assert "  evaluate  " not in quiet
    told = causes_in(judge(half_done, "evaluate", "--tb=no", folders=VISIBLE).stdout)
    assert len(told) == 2 and not any("Look at" in cause for cause in told)
    assert " what to fix " not in judge(half_done, "evaluate", "-qq", folders=VISIBLE).stdout


@pytest.mark.slow
def test_the_summary_of_pytest_comes_if_it_is_asked_for(judge, half_done):
    printed = judge(half_done, "evaluate", "-rA", folders=VISIBLE).stdout
    assert "PASSED tests/test_run_model.py::test_evaluate_even_batches" in printed
    assert "FAILED tests/test_run_model.py::test_evaluate_uneven_batches - 2.2 " in printed
    assert "short test summary" not in judge(half_done, "evaluate", folders=VISIBLE).stdout


def test_checks_run_without_pytests_terminal(judge, half_done, tmp_path):
    results = tmp_path / "results.json"
    process = judge(half_done, "evaluate", "-p", "no:terminal", f"--results={results}", folders=VISIBLE)
    assert (process.returncode, process.stdout) == (1, "")
    assert json.loads(results.read_text())["score"] == 4


# Consoles


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_that_can_not_show_every_character_gets_another_text(encoding, tmp_path, run_pytest):
    submission = broken(tmp_path, "print('\u2713 seen'); return 'caf\u00e9 \u2713'")
    environment = {"PYTHONIOENCODING": encoding, "COLUMNS": "100"}
    process = run_pytest("tests/", "--submission", submission, "-k", "train_epoch_even", **environment)
    assert process.returncode == 1
    assert "\\u2713 seen" in process.stdout
    assert "INTERNALERROR" not in process.stdout and "Traceback" not in process.stdout + process.stderr


@pytest.mark.slow
def test_lines_fit_a_narrow_terminal(judge, half_done, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    printed = judge(half_done, "evaluate or LeNet5", folders=VISIBLE).stdout
    told = printed.partition("\nrun_model ")[2].partition(" what to fix ")[0]
    assert all(len(line) <= 40 for line in told.splitlines()[:-1]), told
    assert "  evaluate 4/8\n    2 passed, 2 failed\n" in told


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [True, False])
def test_colours_are_left_out_if_nobody_wants_them(wanted, run_pytest, half_done):
    environment = {"FORCE_COLOR": "1"} | ({} if wanted else {"NO_COLOR": "1"})
    process = run_pytest("tests/", "--submission", half_done, "-k", "evaluate_even", **environment)
    assert ("\x1b[" in process.stdout) == wanted
