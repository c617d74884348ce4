"""`pytest tests/` and its options, as students and graders run them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from grader.assignment import KIT
from grader.reference import GOLDEN, SOLUTION, digest_of
from grader.staff.record import recorded_digest, sources
from grader.staff.tests.conftest import run
from grader.staff.tests.submissions import changed, make_submission, reference_text

N_VISIBLE = 38


@pytest.fixture
def run_checks(tmp_path, run_pytest):
    """Run checks written in a test, on the reference; returns the process and results.json."""

    def run_text(text, *options, submission=SOLUTION):
        header = """
            import os
            import pytest
            from gradescope_utils.autograder_utils.decorators import number, partial_credit, weight
            from grader import probes
            from grader.inputs import task
            from grader.thresholds import Threshold
        """
        module = tmp_path / "test_run_model.py"
        module.write_text(textwrap.dedent(header) + textwrap.dedent(text))
        results = tmp_path / "results.json"
        arguments = [module, "-p", "grader.plugin", "-c", KIT / "pyproject.toml", f"--rootdir={KIT}"]
        process = run_pytest(*arguments, f"--submission={submission}", f"--results={results}", *options)
        return process, json.loads(results.read_text())

    return run_text


def test_the_reference_has_all_points(run_pytest):
    process = run_pytest("tests/", "--submission", "grader/staff/solution")
    assert process.returncode == 0, process.stdout
    assert "59/59" in process.stdout
    assert "live reference" in process.stdout


def test_recorded_answers_also_tell_what_blocks_a_check(without_staff, tmp_path):
    old = "            return measure(model, data_loader, device)\n"
    text = changed("run_model", old, f"            model.requires_grad_(False)\n{old}")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run("-m", "pytest", "tests/", "--submission", submission, "-k", "history", cwd=without_staff)
    assert "evaluate's loss, accuracy, changed must be right first" in " ".join(process.stdout.split())
    assert "grader's fault" not in process.stdout


def test_the_reference_has_all_points_where_there_is_no_fork():
    program = (
        "import sys, pytest; from grader.reference import SOLUTION; from grader.run import Settings\n"
        "sys.exit(pytest.main(['tests', 'grader/staff/hidden'], plugins=[Settings(SOLUTION, fork=False)]))"
    )
    process = run("-c", program)
    assert process.returncode == 0, process.stdout
    assert "100/100" in process.stdout
    assert "one worker process, " in process.stdout


def test_in_process_runs_the_checks_in_this_process(run_pytest):
    process = run_pytest("tests/", "--submission", SOLUTION, "--in-process", "-k", "train_epoch or LeNet5")
    assert process.returncode == 0, process.stdout
    assert "no isolation" in process.stdout


def test_pdb_stops_in_the_submissions_own_line(tmp_path):
    text = changed("run_model", "    model.train()\n", "    model.train()\n    raise KeyError('here')\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    arguments = ["tests/", "--submission", submission, "--pdb", "-k", "test_train_epoch_even"]
    process = run("-m", "pytest", *arguments)
    assert "raise KeyError('here')" in process.stdout
    assert "(Pdb)" in process.stdout


def test_a_difference_is_shown_with_expected_got_and_where_to_look(tmp_path, run_pytest):
    text = changed("run_model", "return loss_sum / n_examples, 100 *", "return 4 * loss_sum / n_examples, 100 *")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run_pytest("tests/", "--submission", submission, "-k", "train_epoch_even")
    assert process.returncode == 1
    assert "4 times as large" in process.stdout
    line = text[: text.index("def train_epoch")].count("\n") + 1
    assert f"Look at train_epoch in src/run_model.py, line {line}." in process.stdout


def test_printing_is_shown_with_a_failed_check(tmp_path, run_pytest):
    text = changed(
        "run_model", "    model.train()\n", "    model.train()\n    print('the size is', 7)\n    return 0, 0\n"
    )
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run_pytest("tests/", "--submission", submission, "-k", "train_epoch_even")
    assert "What your code printed:\n  the size is 7" in process.stdout


def test_a_check_that_needs_an_unfinished_function_is_blocked(tmp_path, run_pytest):
    stub = 'raise NotImplementedError("to do: train_epoch")'
    text = changed("run_model", "    model.train()\n", f"    {stub}\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run_pytest("tests/", "--submission", submission, "-k", "train_epoch_even or history")
    assert "to do" in process.stdout
    assert "blocked" in process.stdout
    assert "train_epoch is still to do: run_model needs it." in process.stdout


def test_a_not_implemented_error_of_ones_own_is_no_to_do(tmp_path, run_pytest):
    text = changed("run_model", "    model.train()\n", "    raise NotImplementedError('later')\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run_pytest("tests/", "--submission", submission, "-k", "train_epoch_even")
    assert "failed" in process.stdout
    assert "Still to do" not in process.stdout


def test_a_wrong_average_in_train_epoch_costs_nothing_in_run_model(tmp_path, run_pytest):
    text = changed("run_model", "return loss_sum / n_examples, 100 *", "return loss_sum / 7, ")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run_pytest(
        "tests/", "grader/staff/hidden", "--submission", submission, "-k", "test_run_model_ or stops or patience or nan"
    )
    assert re.findall(r"^ +0/.*", process.stdout, re.MULTILINE) == []
    assert process.returncode == 0


def test_points_can_not_vanish(run_checks):
    process, results = run_checks("""
        @weight(1)
        def test_passes(agree, rng):
            '''It passes.'''
            agree(probes.evaluate, **task(rng, n=4, batch_size=2))

        @weight(2)
        @pytest.mark.skip(reason="not today")
        def test_skipped(agree):
            '''It is skipped.'''

        @pytest.fixture
        def broken():
            raise OSError("no disk")

        @weight(3)
        def test_set_up_fails(broken):
            '''Its set-up fails.'''

        @weight(4)
        def test_has_a_bug(agree):
            '''The check itself has a bug.'''
            1 / 0

        @pytest.mark.parametrize("credit", [2.5, None])
        @partial_credit(5)
        def test_partial(credit, set_score=None):
            '''Some credit: {credit}.'''
            if credit:
                set_score(credit)
    """)
    tests = {test["name"]: (test["score"], test["max_score"], test["status"]) for test in results["tests"]}
    assert tests == {
        "It passes.": (1, 1, "passed"),
        "It is skipped.": (0, 2, "failed"),
        "Its set-up fails.": (0, 3, "failed"),
        "The check itself has a bug.": (0, 4, "failed"),
        "Some credit: 2.5.": (2.5, 5, "failed"),
        "Some credit: None.": (5, 5, "passed"),
    }
    assert results["score"] == 8.5
    assert process.returncode == 1
    by_name = {test["name"]: test for test in results["tests"]}
    assert "the grader's fault, not yours" in by_name["The check itself has a bug."]["output"]
    assert "ZeroDivisionError" in process.stdout


@pytest.mark.parametrize("kind", ["skip", "partial_credit"])
def test_the_exit_status_is_zero_only_for_all_points(run_checks, kind):
    marks = {"skip": "@weight(1)\n@pytest.mark.skip(reason='x')", "partial_credit": "@partial_credit(2)"}[kind]
    process, _ = run_checks(f"{marks}\ndef test_one(set_score=lambda x: 0):\n    set_score(1)\n")
    assert process.returncode == 1


def test_a_killed_run_keeps_what_was_earned(run_checks):
    process, results = run_checks("""
        @weight(1)
        def test_first(agree, rng):
            '''First.'''
            agree(probes.evaluate, **task(rng, n=4, batch_size=2))

        @weight(2)
        def test_second():
            '''Second.'''
            os.kill(os.getpid(), 9)

        @weight(4)
        def test_third():
            '''Third.'''
    """)
    assert process.returncode == -9
    assert [(t["name"], t["score"], t["max_score"]) for t in results["tests"]] == [
        ("First.", 1, 1),
        ("Second.", 0, 2),
        ("Third.", 0, 4),
    ]


def test_ctrl_c_leaves_valid_results_and_nothing_behind(tmp_path):
    submission = make_submission(
        tmp_path / "s", run_model=changed("run_model", "    model.train()\n", "    import time\n    time.sleep(1000)\n")
    )
    temporary, results = tmp_path / "temporary", tmp_path / "results.json"
    temporary.mkdir()
    command = [sys.executable, "-m", "pytest", "tests/", f"--submission={submission}", f"--results={results}"]
    process = subprocess.Popen(
        command, cwd=KIT, env=os.environ | {"TMPDIR": str(temporary)}, stdout=subprocess.PIPE, start_new_session=True
    )
    until = time.monotonic() + 30
    while "run_model" not in (results.read_text() if results.exists() else "") and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 2
    assert sum(test["max_score"] for test in json.loads(results.read_text())["tests"]) == 59
    assert list(temporary.glob("grader-*")) == []


def test_a_missed_threshold_is_asked_once_more_with_other_inputs(run_checks):
    process, results = run_checks("""
        SEEN = []

        @weight(1)
        def test_lucky(check, rng):
            '''Reached at the second attempt.'''
            SEEN.append(rng.random())
            check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))
            check.at_least(len(set(SEEN)), Threshold(2, None, "", ""), "The number")

        @weight(1)
        def test_unlucky(check, rng):
            '''Never reached.'''
            check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))
            check.at_most(3, Threshold(2, None, "", ""), "The number")
    """)
    assert [test["score"] for test in results["tests"]] == [1, 0]
    assert "The number: expected at most 2, got 3" in process.stdout


def test_checks_can_be_selected_and_listed(run_pytest):
    listed = run_pytest("tests/", "--collect-only", "-q")
    assert listed.returncode == 0
    assert listed.stdout.count("::") == N_VISIBLE
    selected = run_pytest("tests/", "-k", "SmallVGG")
    assert "0/2" in selected.stdout
    assert "0/59" not in selected.stdout


def test_a_submission_that_does_not_exist_is_said_at_once(run_pytest):
    process = run_pytest("tests/", "--submission", "no/such/place")
    assert process.returncode == 4
    assert "no/such/place: there is no such folder or zip" in process.stderr


def test_check_packs_a_submission_and_says_visible_points_only(without_staff, tmp_path):
    make_submission(tmp_path / "mine", models=None)
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    process = run("-m", "grader.cli", "check", tmp_path / "mine", cwd=without_staff)
    assert process.returncode == 1
    assert "src/models.py was not handed in" in process.stdout
    assert "visible points only" in process.stdout
    assert "33/59" in process.stdout
    package = tmp_path / "mine" / "submission.zip"
    packed = package.read_bytes()
    again = run("-m", "grader.cli", "check", package, cwd=without_staff)
    assert "33/59" in again.stdout
    assert package.read_bytes() == packed


def test_check_of_nothing_gradable_has_status_two(grader, tmp_path):
    process = grader("check", tmp_path)
    assert process.returncode == 2
    assert "holds no src/run_model.py or src/models.py" in process.stdout


@pytest.mark.parametrize(
    "command", [[], ["check"], ["grade"], ["stubs"], ["record"], ["handout"], ["audit"], ["calibrate"]], ids=" ".join
)
def test_every_help_has_an_example(grader, command):
    assert "Example:" in grader(*command, "--help").stdout


def test_students_have_no_staff_commands(without_staff):
    process = run("-m", "grader.cli", "--help", cwd=without_staff)
    assert re.findall(r"^    (\w+) ", process.stdout, re.MULTILINE) == ["check"]


def test_what_is_recorded_was_recorded_from_this_reference_and_these_mutants():
    assert recorded_digest(GOLDEN) == digest_of(sources()), "run  grader record"


def test_recorded_observations_that_are_out_of_date_are_noticed(tmp_path):
    copy = tmp_path / "kit"
    shutil.copytree(KIT, copy, ignore=shutil.ignore_patterns(".*", "build", "__pycache__", "tests", "*.egg-info"))
    shutil.copytree(KIT / "tests", copy / "tests")
    solution = copy / "grader" / "staff" / "solution" / "run_model.py"
    solution.write_text(solution.read_text() + "# changed\n")
    process = run("-m", "grader.cli", "record", "--check", cwd=copy)
    assert process.returncode == 1
    assert "run  grader record" in process.stdout


def test_this_python_is_the_kits_own():
    assert Path(sys.prefix) != Path(sys.base_prefix), "run the kit's tests in its virtual environment: make test"


FORGED = """
from grader import wire
honest = wire.encode
def encode(tree):
    seen = tree.get("observation")
    if isinstance(seen, dict) and seen.keys() == {"weights", "losses"}:
        tree = tree | {"observation": {"losses": seen["losses"]}}
    return honest(tree)
wire.encode = encode
"""


def test_an_answer_that_the_probe_can_not_have_given_is_the_submissions_fault(run_pytest, tmp_path):
    submission = make_submission(tmp_path / "s", run_model=reference_text("run_model") + FORGED)
    result = run_pytest("tests", "-q", f"--submission={submission}", "-k", "fits_a_small")
    assert "0/1  failed" in result.stdout
    assert "what came back has another form than it should" in result.stdout
