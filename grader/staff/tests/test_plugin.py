"""`pytest tests/` and its options, as students and graders run them.

Most runs are in this process; some start from the command line.
"""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from grader.assignment import KIT
from grader.staff.tests.conftest import points_of, run, total_in
from grader.staff.tests.submissions import EXERCISES, changed, make_submission, reference_text

VISIBLE = (KIT / "tests",)


@pytest.fixture
def judge_text(tmp_path, judge, solution):
    """Run checks written in a test, on the reference; returns the process and results.json."""

    def judge_text(text):
        results = tmp_path / "results.json"
        process = judge(solution, "", f"--results={results}", folders=[checks_file(tmp_path, text)])
        return process, json.loads(results.read_text())

    return judge_text


def checks_file(folder, text):
    header = """
        import os
        import pytest
        from gradescope_utils.autograder_utils.decorators import number, partial_credit, weight
        from grader.exercises.run_model import probes
        from grader.exercises.inputs import task
        from grader.judging.thresholds import Threshold
    """
    module = folder / "test_run_model.py"
    module.write_text(textwrap.dedent(header) + textwrap.dedent(text))
    return module


def test_untouched_stubs_have_everything_to_do_and_no_traceback(judge, checks):
    process = judge(KIT)
    assert process.returncode == 1
    assert "Traceback" not in process.stdout
    assert "NotImplementedError" not in process.stdout
    assert f"0/{points_of(checks):g} points: {len(checks)} to do.\n" in process.stdout


def test_selected_checks_run_from_the_command_line(run_pytest, visible, solution):
    process = run_pytest("tests/", "--submission", solution, "-k", "train_epoch_even")
    assert process.returncode == 0, process.stdout
    assert "live reference" in process.stdout
    points = points_of([check for check in visible if "train_epoch_even" in check.name])
    assert total_in(process.stdout) == f"{points:g}/{points:g}"


def test_recorded_answers_also_tell_what_blocks_a_check(judge, tmp_path):
    old = "            return measure(model, data_loader, device)\n"
    text = changed("run_model", old, f"            model.requires_grad_(False)\n{old}")
    process = judge(make_submission(tmp_path / "s", run_model=text), "history", "-v", folders=VISIBLE, live=False)
    assert "recorded reference" in process.stdout
    assert "Not checked yet: first fix evaluate's changes to the model." in " ".join(process.stdout.split())
    assert "The grader could not check this" not in process.stdout


@pytest.mark.slow
def test_the_reference_has_all_points_where_there_is_no_fork(checks, solution):
    program = (
        "import sys, pytest; from pathlib import Path; from grader.judging.settings import Settings\n"
        "from grader.sandbox.frames import Workers\n"
        "sys.exit(pytest.main(['tests', 'grader/staff/exercises'], plugins=[Settings(Path(sys.argv[1]), workers=Workers.PERSISTENT)]))"
    )
    process = run("-c", program, solution)
    assert process.returncode == 0, process.stdout
    assert "{0:g}/{0:g}".format(points_of(checks)) in process.stdout
    assert "one worker process, " in process.stdout


def test_pdb_stops_in_the_submissions_own_line_in_pytests_own_process(tmp_path):
    text = changed("run_model", "    model.eval()\n", "    model.eval()\n    raise KeyError('here')\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = run("-m", "pytest", "tests/", "--submission", submission, "--pdb", "-k", "epoch_even or evaluate_even")
    assert "in pytest's own process: no limits, no isolation" in process.stdout
    assert re.search(r"^  train_epoch +(\d+)/\1  1 passed", process.stdout, re.MULTILINE), process.stdout
    assert "raise KeyError('here')" in process.stdout
    assert "(Pdb)" in process.stdout


@pytest.mark.parametrize("option", ["--in-process", "--pdb"])
def test_in_process_can_be_asked_for(option):
    class Catcher:
        def pytest_collection_finish(self, session):
            self.settings = session.config.pluginmanager.get_plugin("grading").settings

    catcher = Catcher()
    arguments = [str(KIT / "tests"), f"--rootdir={KIT}", "-p", "grader.plugin", "--collect-only", "-q"]
    pytest.main([*arguments, option], plugins=[catcher])
    assert catcher.settings.in_process


def test_a_difference_is_shown_with_expected_got_and_where_to_look(tmp_path, judge):
    text = changed("run_model", "return loss_sum / n_examples, 100 *", "return 4 * loss_sum / n_examples, 100 *")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = judge(submission, "train_epoch_even")
    assert process.returncode == 1
    assert "4 times as large" in process.stdout
    assert "Look at train_epoch in src/run_model.py.\n" in process.stdout


def test_printing_is_shown_with_a_failed_check(tmp_path, judge):
    text = changed(
        "run_model", "    model.train()\n", "    model.train()\n    print('the size is', 7)\n    return 0, 0\n"
    )
    submission = make_submission(tmp_path / "s", run_model=text)
    process = judge(submission, "train_epoch_even")
    assert "What your code printed:\n      the size is 7" in process.stdout


def test_a_check_that_needs_an_unfinished_function_is_blocked(tmp_path, judge):
    stub = 'raise NotImplementedError("to do: train_epoch")'
    text = changed("run_model", "    model.train()\n", f"    {stub}\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = judge(submission, "train_epoch_even or history")
    assert "to do" in process.stdout
    assert "blocked" in process.stdout
    assert "train_epoch is still to do: run_model needs it." in process.stdout


def test_a_not_implemented_error_of_ones_own_is_no_to_do(tmp_path, judge):
    text = changed("run_model", "    model.train()\n", "    raise NotImplementedError('later')\n")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = judge(submission, "train_epoch_even")
    assert "1 failed" in process.stdout
    assert "to do" not in process.stdout


def test_a_wrong_average_in_train_epoch_costs_nothing_in_run_model(tmp_path, judge):
    text = changed("run_model", "return loss_sum / n_examples, 100 *", "return loss_sum / 7, ")
    submission = make_submission(tmp_path / "s", run_model=text)
    process = judge(submission, "test_run_model_history or test_run_model_weights or stops or patience or nan")
    assert re.findall(r"^ +0/.*", process.stdout, re.MULTILINE) == []
    assert process.returncode == 0


def test_points_can_not_vanish(judge_text):
    process, results = judge_text("""
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
    assert "That is not your fault" in by_name["The check itself has a bug."]["output"]
    assert "ZeroDivisionError" in process.stdout


@pytest.mark.parametrize("kind", ["skip", "partial_credit"])
def test_the_exit_status_is_zero_only_for_all_points(judge_text, kind):
    marks = {"skip": "@weight(1)\n@pytest.mark.skip(reason='x')", "partial_credit": "@partial_credit(2)"}[kind]
    process, _ = judge_text(f"{marks}\ndef test_one(set_score=lambda x: 0):\n    set_score(1)\n")
    assert process.returncode == 1


def test_a_killed_run_keeps_what_was_earned(tmp_path, run_pytest, solution):
    text = """
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
    """
    options = ["-p", "grader.plugin", "-c", KIT / "pyproject.toml", f"--rootdir={KIT}", f"--submission={solution}"]
    process = run_pytest(checks_file(tmp_path, text), *options, f"--results={tmp_path / 'results.json'}")
    results = json.loads((tmp_path / "results.json").read_text())
    assert process.returncode == -9
    assert [(t["name"], t["score"], t["max_score"]) for t in results["tests"]] == [
        ("First.", 1, 1),
        ("Second.", 0, 2),
        ("Third.", 0, 4),
    ]


def test_ctrl_c_leaves_valid_results_and_nothing_behind(tmp_path, open_folder, visible):
    submission = make_submission(
        tmp_path / "s", run_model=changed("run_model", "    model.train()\n", "    import time\n    time.sleep(1000)\n")
    )
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "pytest", "tests/", f"--submission={submission}", f"--results={results}"]
    # what a script runs in the background ignores Ctrl-C, as would this child
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, cwd=KIT, env=os.environ | {"TMPDIR": str(open_folder)}, stdout=subprocess.PIPE, start_new_session=True
    )
    until = time.monotonic() + 300
    while '"mode"' not in (results.read_text() if results.exists() else "") and time.monotonic() < until:
        time.sleep(0.1)
    while len(psutil.Process(process.pid).children(recursive=True)) < 3 and time.monotonic() < until:
        time.sleep(0.1)  # two servers have no worker yet
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 2
    assert b" not run" in said and b"0/" in said and b"error" not in said
    assert sum(test["max_score"] for test in json.loads(results.read_text())["tests"]) == points_of(visible)
    assert list(open_folder.glob("grader-*")) == []


def test_a_missed_threshold_is_asked_once_more_with_other_inputs(judge_text):
    process, results = judge_text("""
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
    assert "The number is too high: expected at most 2, got 3" in process.stdout


def test_figures_stand_in_a_table_and_on_the_leaderboard(judge_text):
    process, results = judge_text("""
        @weight(1)
        def test_figures(check):
            '''Shows what was measured.'''
            check.show("accuracy", 97.123456, documents=97.61, order="desc")
            check.show("parameters", 79510, order="asc")
            check.show("points right", 60000, documents=60000)
            check.show("nothing learnt", float("nan"), order="asc")
    """)
    rows = [line.split() for line in process.stdout.partition("documents\n")[2].splitlines()[:3]]
    assert rows == [["accuracy", "97.12", "97.61"], ["parameters", "79,510"], ["points", "right", "60,000", "60,000"]]
    assert results["leaderboard"] == [
        {"name": "accuracy", "value": 97.1235, "order": "desc"},
        {"name": "parameters", "value": 79510, "order": "asc"},
    ]


def test_a_check_that_asks_an_exercise_that_it_does_not_name_is_the_graders_error(judge_text):
    """Where that exercise is not handed out it would fail everybody."""
    process, results = judge_text("""
        from grader.exercises.models.questions import network_arguments
        from grader.exercises.models import probes as models

        @weight(1)
        def test_network(check, rng):
            '''Asks models.'''
            check.ask(models.network, **network_arguments(rng, "LeNet5"))
    """)
    assert "test_network asks models: name those that are not its own in @pytest.mark.also." in process.stdout
    assert results["extra_data"]["checks"]["error"] == 1


@pytest.mark.parametrize("command", ["pytest", "grade"])
def test_the_full_budget_needs_real_data(command, run_pytest, grader, tmp_path, solution):
    if command == "pytest":
        process = run_pytest("tests/", "--full", "--submission", solution)
    else:
        process = grader("grade", solution, "--full", "--out", tmp_path / "out")
    assert process.returncode != 0
    assert "--full trains on all of MNIST: set DATA_DIR to the folder that holds it." in process.stdout + process.stderr


def test_a_folder_without_real_data_is_answered_with_a_command(grader, tmp_path):
    process = grader("grade", KIT / "src", "--out", tmp_path / "out", DATA_DIR=str(tmp_path))
    assert process.returncode == 2
    assert f"MNIST is not in it.  Download it with  python -m data.fetch MNIST --to {tmp_path}" in process.stderr
    assert "download=" not in process.stderr


def test_checks_can_be_selected_and_listed(judge, visible):
    listed = judge(KIT, "", "--collect-only", "-q", folders=VISIBLE)
    assert listed.returncode == 0
    assert listed.stdout.count("::") == len(visible)
    points = points_of([check for check in visible if check.function == "SmallVGG"])
    assert total_in(judge(KIT, "SmallVGG", folders=VISIBLE).stdout) == f"0/{points:g}"


def test_a_submission_that_does_not_exist_is_said_at_once(run_pytest):
    process = run_pytest("tests/", "--submission", "no/such/place")
    assert process.returncode == 4
    assert "no/such/place: there is no such folder or zip" in process.stderr


@pytest.mark.slow
def test_check_packs_a_submission_and_has_status_zero_for_all_visible_points(without_staff, tmp_path, visible):
    """Where there is no staff's folder, the reference's answers are the recorded ones."""
    make_submission(tmp_path / "mine")
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    process = run("-m", "grader.cli", "check", tmp_path / "mine", cwd=without_staff)
    assert process.returncode == 0, process.stdout
    assert "data: offline digits" in process.stdout
    assert "Hidden checks count as well" in process.stdout
    assert total_in(process.stdout) == "{0:g}/{0:g}".format(points_of(visible))
    with zipfile.ZipFile(tmp_path / "mine" / "submission.zip") as packed:
        assert packed.namelist() == [f"src/{exercise}.py" for exercise in EXERCISES]


def test_check_of_a_zip_with_a_file_missing_has_status_one_and_leaves_the_zip(without_staff, tmp_path):
    package = tmp_path / "mine.zip"
    with zipfile.ZipFile(package, "w") as file:
        file.write(KIT / "src" / "run_model.py", "run_model.py")
    before = package.read_bytes()
    process = run("-m", "grader.cli", "check", package, "-v", cwd=without_staff)
    assert process.returncode == 1
    assert re.search(r"^ +0/2  to do +1\.1 +train_epoch returns", process.stdout, re.MULTILINE), "-v shows each check"
    assert "src/models.py was not handed in" in process.stdout
    assert package.read_bytes() == before


def test_check_of_nothing_gradable_has_status_two(grader, tmp_path):
    process = grader("check", tmp_path)
    assert process.returncode == 2
    assert "holds no src/run_model.py or src/models.py" in process.stderr


def test_this_python_is_the_kits_own():
    assert Path(sys.prefix) != Path(sys.base_prefix), "run the kit's tests in its virtual environment: make test"


FORGED = """
from grader.sandbox import wire
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
    assert total_in(result.stdout) == "0/1"
    assert "The result has the wrong form" in result.stdout
