"""Checks, as pytest, the audit and the accidents run them: by one function, with the same rules."""

import json
import textwrap

import pytest

from grader.assignment import KIT, STAFF
from grader.items import new_record, run_check
from grader.judging.conversation import TOO_LARGE
from grader.judging.record import Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox import wire
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import collect_checks, hold_trial
from grader.staff.tests.conftest import run
from grader.staff.tests.submissions import changed, make_submission, reference_text

HEADER = """
    import pytest
    from gradescope_utils.autograder_utils.decorators import number, partial_credit, weight
    from grader.exercises.run_model import probes
    from grader.exercises.inputs import task
    from grader.judging.thresholds import Threshold
"""
MISSPELT = "agree(probes.evaluate, {}, **task(rng, n=4, batch_size=2))"


@pytest.fixture
def results_of(tmp_path, judge, solution):
    """Run a test's own checks on the reference.

    Returns the process, and the tests in results.json by title.
    """

    def results_of(text, **options):
        file = tmp_path / "test_run_model.py"
        file.write_text(textwrap.dedent(HEADER) + textwrap.dedent(text))
        results = tmp_path / "results.json"
        process = judge(solution, "", f"--results={results}", folders=[file], **options)
        tests = json.loads(results.read_text())["tests"] if results.is_file() else []
        return process, {test["name"]: test for test in tests}

    return results_of


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("only=('los',)", "KeyError: 'the observation has no los; it has "),
        ("only=('loss')", "TypeError: keys must be a tuple"),
        ("up_to_scale=('los',)", "KeyError: 'the observation has no los; it has "),
    ],
)
def test_a_misspelt_key_gives_no_points_to_anybody(results_of, options, words):
    process, tests = results_of(f"""
        @weight(1)
        def test_one(agree, rng):
            '''One.'''
            {MISSPELT.format(options)}
    """)
    assert tests["One."]["score"] == 0
    assert words in process.stdout


def test_a_misspelt_key_of_a_condition_or_a_need_is_an_error(results_of):
    process, tests = results_of("""
        @weight(1)
        def test_condition(check, rng):
            '''Condition.'''
            check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))
            check.require(True, "It is wrong.", only=("los",))

        @weight(1)
        def test_need(check, rng):
            '''Need.'''
            check.block_unless([(probes.evaluate, task(rng, n=4, batch_size=2), ("los",))])
    """)
    assert [test["score"] for test in tests.values()] == [0, 0]
    assert process.stdout.count("the observation has no los") >= 2


def test_what_a_check_needs_is_asked_first(results_of):
    """The answer is right; but what it is built on is not, so it is not even asked for."""
    _, tests = results_of("""
        @weight(1)
        def test_one(check, rng):
            '''One.'''
            arguments = task(rng, n=4, batch_size=2)

            def other(place, probe, given):
                observation = type(check).observe(check, place, probe, given)
                return observation | {"loss": [9.0, 9.0, 1.0]} if "." in place else observation

            check.observe = other
            check.agree(probes.evaluate, needs=[(probes.evaluate, arguments, ("loss",))], only=("loss",), **arguments)
    """)
    assert tests["One."]["score"] == 0
    assert "Not checked yet: first fix evaluate's loss." in tests["One."]["output"]


@pytest.mark.parametrize(
    "exercise, old, new, blamed",
    [
        (
            "run_model",
            "batch_size, shuffle)",
            "batch_size, True)",
            "run_model's weights after training with shuffle=False",
        ),
        (
            "models",
            "F.relu(self.hidden1(x))",
            "F.relu(self.hidden1(x)).detach()",
            "DigitClassifier's weights",
        ),
    ],
)
def test_the_function_whose_training_differs_is_the_one_to_fix(tmp_path, judge, exercise, old, new, blamed):
    submission = make_submission(tmp_path / "s", **{exercise: changed(exercise, old, new)})
    printed = judge(submission, "digit_classifier_learns", "-v", folders=[KIT / "tests"]).stdout
    assert f"Not checked yet: first fix {blamed}." in " ".join(printed.split())


def test_two_checks_with_one_name_are_refused_wherever_they_are(tmp_path, judge, solution):
    for name in ("test_run_model.py", "test_models.py"):
        check = "@weight(1)\ndef test_twin():\n    '''Twin.'''\n"
        (tmp_path / name).write_text(textwrap.dedent(HEADER) + check)
    process = judge(solution, "", folders=[tmp_path])
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Two checks are called test_twin" in process.stdout
    assert "test_models.py" in process.stdout and "test_run_model.py" in process.stdout


@pytest.mark.slow
def test_a_wrong_form_in_the_second_attempt_is_the_submissions_fault_too(results_of):
    """The check raises KeyError over the second observation, as over the first."""
    process, tests = results_of("""
        ATTEMPTS = []

        @weight(1)
        def test_one(check, rng):
            '''One.'''
            observation = check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))
            ATTEMPTS.append(1)
            if len(ATTEMPTS) == 1:
                check.at_least(1, Threshold(2, None, "", ""), "The number")
            if not check.of_reference:
                observation = {"accuracy": [1.0]}
            observation["loss"]
    """)
    assert "The result has the wrong form" in tests["One."]["output"]
    assert "For the staff: answers caused exceptions in these checks" in process.stdout


def test_an_exception_over_an_answer_is_the_submissions_fault_with_a_sandbox_for_each_side_too(judge, tmp_path):
    """Then the reference, asked in the submission's place, is asked in its own sandbox: in turn."""
    file, results = tmp_path / "test_run_model.py", tmp_path / "results.json"
    check = """
    @weight(1)
    def test_one(agree, rng):
        '''One.'''
        agree(probes.evaluate, explain=lambda difference: 1 / 0, **task(rng, n=4, batch_size=2))
    """
    file.write_text(textwrap.dedent(HEADER) + textwrap.dedent(check))
    wrong = reference_text("run_model").replace("return loss_sum / n_examples, 100 *", "return loss_sum, 100 *")
    own = Sandbox()
    try:
        judge(
            make_submission(tmp_path / "s", run_model=wrong), "", f"--results={results}", folders=[file], staff_asks=own
        )
    finally:
        own.close()
    (one,) = json.loads(results.read_text())["tests"]
    assert "The result has the wrong form" in one["output"]


@pytest.mark.slow
def test_what_the_references_answer_raises_too_is_the_graders_error(results_of):
    _, tests = results_of("""
        @weight(1)
        def test_one(check, rng):
            '''One.'''
            check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))["losss"]
    """)
    assert "The grader could not check this" in tests["One."]["output"]


def test_the_audit_gives_partial_credit_as_students_get_it(tmp_path, sandbox, solution, monkeypatch):
    """A check with half its points in pytest has half its points in a trial."""
    text = """
        @partial_credit(4)
        def test_half(check, rng, set_score=None):
            '''Half.'''
            check.ask(probes.evaluate, **task(rng, n=4, batch_size=2))
            set_score(2)
    """
    file = tmp_path / "test_run_model.py"
    file.write_text(textwrap.dedent(HEADER) + textwrap.dedent(text))
    monkeypatch.setattr("grader.staff.grading.trial.CHECKS", (file,))
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p grader.plugin -c {KIT / 'pyproject.toml'}")
    trial = hold_trial(Settings(solution, asks=sandbox), collect_checks())
    [record] = trial.records.values()
    assert (record.status, record.points, record.max_points) == (Status.PASSED, 2, 4)
    assert not record.earned_all


def test_grading_never_loads_torch_on_the_trusted_side(solution):
    """Visible and hidden checks of every exercise are collected, and some of each are run."""
    program = (
        "import sys, pytest\n"
        "from pathlib import Path\n"
        "from grader.assignment import CHECKS\n"
        "from grader.judging.settings import Settings\n"
        "from grader.plugin import run_checks\n"
        "chosen = 'train_epoch_even or evaluate_dtypes or test_imports or or_network'\n"
        "status = run_checks(Settings(Path(sys.argv[1]), secret=b'x'), CHECKS, '-q', '-k', chosen)\n"
        "print('status', int(status), 'torch' in sys.modules, 'torchvision' in sys.modules)\n"
    )
    process = run("-c", program, solution, cwd=KIT)
    assert "status 0 False False" in process.stdout, process.stdout + process.stderr


def test_nothing_more_than_the_reference_answers_is_kept_of_a_right_answer(tmp_path):
    ballast = (STAFF / "attacks" / "floods" / "right_answers_pile_up.py").read_text(encoding="utf-8")
    run = Run(Settings(make_submission(tmp_path, run_model=f"{reference_text('run_model')}\n{ballast}")))
    (item,) = (item for item in collect_checks() if item.name == "test_train_epoch_even_batches")
    record = new_record(item, run.assignment)
    try:
        run_check(item, run, record)
        assert record.status == Status.PASSED
        assert sum(wire.size_of(exchange.answer.observation) for exchange in run.exchanges) < 2**20
    finally:
        run.close()


def test_wrong_answers_take_no_more_memory_together_than_there_is_room(tmp_path):
    ballast = (STAFF / "attacks" / "floods" / "wrong_answers_pile_up.py").read_text(encoding="utf-8")
    run = Run(Settings(make_submission(tmp_path, run_model=f"{reference_text('run_model')}\n{ballast}")))
    run.room = 2_500_000
    try:
        for item in collect_checks():
            if item.name.startswith("test_train_epoch"):
                run_check(item, run, new_record(item, run.assignment))
        answers = [exchange.answer for exchange in run.exchanges]
        assert sum(wire.size_of(answer.observation) > 10**6 for answer in answers) == 2
        assert sum(answer.raised == TOO_LARGE for answer in answers) > 2
    finally:
        run.close()
