"""What a failed check says of the mistake behind it: to a student, and in a graded run."""

import json

import numpy as np
import pytest

from grader.assignment import VARIABLE, is_hidden
from grader.hints import Hints
from grader.items import new_record, run_check
from grader.judging.compare import RTOL
from grader.judging.facets import fingerprint
from grader.judging.mutants import read_mutants, texts_with
from grader.judging.record import Status
from grader.judging.reference import read_solution
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox.client import SandboxError
from grader.staff.grading.trial import collect_checks, hold_trial
from grader.staff.tests.conftest import run, unwrapped
from grader.staff.tests.submissions import EXERCISES, make_submission, reference_text

MUTANTS = {mutant.name: mutant for mutant in read_mutants()}


def with_mistakes(folder, *names):
    """The reference with these mutants' changes."""
    texts = {exercise: reference_text(exercise) for exercise in EXERCISES}
    for name in names:
        texts[MUTANTS[name].exercise] = MUTANTS[name].apply(texts[MUTANTS[name].exercise])
    return make_submission(folder, **texts)


THREE = ["train_epoch.loss_averages_batches", "run_model.best_so_far", "LeNet5.average_pooling"]
SHOWN_IN = "(train_epoch or history or compares or LeNet5) and not learns"  # the checks that fail, and others of these functions


@pytest.fixture(scope="module")
def outputs(judge, tmp_path_factory):
    """What a graded run's failed checks say of a submission with three mistakes, by title."""
    folder = tmp_path_factory.mktemp("graded")
    results = folder / "results.json"
    judge(with_mistakes(folder / "three", *THREE), SHOWN_IN, f"--results={results}", secret=b"of the staff")
    tests = json.loads(results.read_text())["tests"]
    return {test["name"]: test["output"] for test in tests if test["status"] == "failed"}


@pytest.mark.slow("outputs")
def test_three_mistakes_in_three_functions_each_get_their_own_message(outputs):
    hints = [MUTANTS[name].hint for name in THREE]
    assert all(any(text.startswith(hint) for text in outputs.values()) for hint in hints)
    for title, text in outputs.items():
        told = [hint for hint in hints if hint in text]
        assert len(told) == 1 or "Not checked yet: first fix" in text, (title, text)


@pytest.mark.slow("outputs")
def test_a_hidden_check_tells_the_hint_and_nothing_of_its_inputs(outputs):
    title = "run_model compares a validation loss with the previous epoch's, not the best or the first."
    hint, _, rest = outputs[title].partition("\n\n")
    assert hint == MUTANTS["run_model.best_so_far"].hint
    assert rest == "The validation losses are wrong."


@pytest.mark.slow
def test_a_student_is_told_the_mistakes_where_there_is_no_reference(without_staff, tmp_path):
    names = ["train_epoch.never_cleared", "DogClassifierConv.viewed_not_permuted"]
    submission = with_mistakes(tmp_path / "s", *names)
    select = "train_epoch or DogClassifierConv"
    process = run("-m", "pytest", "tests/", "--submission", submission, "-k", select, cwd=without_staff)
    assert all(MUTANTS[name].hint in unwrapped(process.stdout) for name in names), process.stdout


def test_another_mistake_gets_no_hint_but_what_was_expected_and_what_came(judge, tmp_path):
    old = "return loss_sum / n_examples, 100 *"
    text = reference_text("run_model").replace(old, "return 3.7 * loss_sum / n_examples, 100 *", 1)
    process = judge(make_submission(tmp_path / "s", run_model=text), "train_epoch_even or train_epoch_weights")
    assert "3.7 times as large" in process.stdout
    assert not any(mutant.hint in unwrapped(process.stdout) for mutant in MUTANTS.values() if mutant.hint)


SEVERAL = [
    # an exception that neither raises alone
    *("RegularizedFashionCNN.never_flattened", "RegularizedFashionCNN.last_pool_missing"),
    # the first question of 4.2 is asked nobody else
    *("DogClassifierConv.first_kernel_for_both", "DogClassifierConv.never_flattened"),
    # no student's machine knows what these three give together
    *("FashionCNN.third_relu_missing", "FashionCNN.padded_with_mirror", "FashionCNN.relu_on_output"),
    # with the inputs of a graded run they look like something else
    *("CatDogVGG.one_convolution_in_last_block", "CatDogVGG.convolutions_frozen", "CatDogVGG.layers_in_a_list"),
]
ABOUT_SEVERAL = "(test_network or kernel_sizes) and (FashionCNN or DogClassifierConv or CatDogVGG)"


@pytest.fixture(scope="module")
def told_of_several(judge, without_staff, tmp_path_factory):
    """The mistakes that visible checks name, when graded and on a student's machine."""
    folder, told = tmp_path_factory.mktemp("several"), []
    submission = with_mistakes(folder / "s", *SEVERAL)
    results = folder / "results.json"
    arguments = ("-m", "pytest", "tests/", "--submission", submission, "-k", ABOUT_SEVERAL, f"--results={results}")
    for start in (
        lambda: judge(submission, ABOUT_SEVERAL, f"--results={results}", secret=b"of the staff"),
        lambda: run(*arguments, cwd=without_staff),
    ):
        start()
        tests = [test for test in json.loads(results.read_text())["tests"] if test["status"] == "failed"]
        told.append(
            {test["name"]: {name for name in SEVERAL if MUTANTS[name].hint in test["output"]} for test in tests}
        )
        results.unlink()
    return told


@pytest.mark.slow("several")
def test_a_graded_run_names_what_a_students_machine_names(told_of_several):
    graded, laptop = told_of_several
    assert {"CatDogVGG.layers_in_a_list"} in laptop.values()
    assert laptop == {name: graded[name] for name in laptop}


class Noting:
    """A sandbox that notes the seeds of the questions that it is asked; what has no seed has 0."""

    def __init__(self, sandbox):
        self.sandbox, self.seeds = sandbox, []

    def ask(self, folder, call):
        return self.ask_each([folder], call)[0]

    def ask_each(self, folders, call):
        self.seeds += [call.seed] if call.seed else []
        return self.sandbox.ask_each(folders, call)


def test_hidden_checks_wait_until_the_students_questions_are_asked(sandbox, tmp_path):
    """What a submission learns from hidden checks can't change the hints of visible ones."""
    submission = with_mistakes(tmp_path / "s", "train_epoch.fraction")
    checks = [item for item in collect_checks() if item.name.startswith("test_train_epoch")]
    hidden = [item for item in checks if is_hidden(item.path)]
    visible = [item for item in checks if item not in hidden]

    def seeds(chosen, **how):
        noting = Noting(sandbox)
        trial = hold_trial(Settings(submission, asks=noting, **how), chosen)
        return noting.seeds, trial.named

    students, told = seeds(visible, live=False)
    of_hidden, _ = seeds(hidden, secret=b"of the staff")
    asked, told_when_graded = seeds(checks, secret=b"of the staff")
    assert told.keys() <= told_when_graded.keys()
    first_hidden = min(asked.index(seed) for seed in of_hidden)
    assert set(students) & set(asked[:first_hidden])
    assert not set(students) & set(asked[first_hidden:])


def test_a_recording_that_can_not_be_read_costs_hints_and_no_points(sandbox, tmp_path, monkeypatch):
    def unreadable(*arguments):
        raise SandboxError("tests/golden/run_model.bin can't be read")

    submission = with_mistakes(tmp_path / "s", "train_epoch.fraction")
    run = Run(Settings(submission, asks=sandbox, secret=b"of the staff"))
    (item,) = (item for item in collect_checks() if item.name == "test_train_epoch_even_batches")
    record = new_record(item, run.assignment)
    try:
        run_check(item, run, record)
        monkeypatch.setattr("grader.judging.run.read_golden", unreadable)
        hints = Hints(run, [item], {item.name: record})
        hints.ask_again()
        assert record.status == Status.FAILED
        with pytest.raises(SandboxError, match="can't be read"):
            hints.named()
    finally:
        run.close()


ODD_ANSWERS = """

import grader.sandbox.wire

encode = grader.sandbox.wire.encode


def encode_odd_text(message):
    observation = message.get("observation")
    if isinstance(observation, dict):
        message = message | {"observation": observation | {"loss": chr(0xD800) * 100}}
    return encode(message)


grader.sandbox.wire.encode = encode_odd_text
"""


def test_text_that_no_file_can_hold_ends_no_run(judge, tmp_path):
    submission = make_submission(tmp_path / "s", run_model=reference_text("run_model") + ODD_ANSWERS)
    process = judge(submission, "train_epoch_even", secret=b"of the staff")
    assert "what to fix" in process.stdout, process.stdout
    assert "could not be named" not in process.stdout
    assert "Traceback" not in process.stdout + process.stderr


def test_more_numbers_than_any_reference_gives_take_no_memory():
    assert fingerprint(np.zeros((2, 10**6), np.uint8), RTOL) == ["many", [2, 10**6]]


@pytest.mark.slow("several")
def test_two_mistakes_that_raise_together_are_named(told_of_several):
    for of_a_run in told_of_several:
        assert set(SEVERAL[:2]) in of_a_run.values()


@pytest.mark.slow("several")
def test_a_precondition_names_what_raised_the_same_elsewhere(told_of_several):
    for of_a_run in told_of_several:
        (told,) = (names for title, names in of_a_run.items() if "kernel sizes" in title)
        assert told == {"DogClassifierConv.never_flattened"}


def test_mistakes_that_only_raise_together_are_not_taken_for_others(tmp_path):
    """Others change the same alone: there the values tell which, but an exception has none."""
    mutants = (MUTANTS["narrow_mlp.no_hidden_layer"], MUTANTS["narrow_mlp.not_flattened"])
    src = tmp_path / "src"
    src.mkdir()
    (src / "design.py").write_text(texts_with(mutants, read_solution)["design"], encoding="utf-8")
    process = run(
        "-m", "pytest", "tests/test_design.py", "--submission", tmp_path, "-k", "narrow_mlp and rules", **{VARIABLE: ""}
    )
    told = {mutant.name for mutant in MUTANTS.values() if mutant.hint and mutant.hint in unwrapped(process.stdout)}
    assert told == {mutant.name for mutant in mutants}, process.stdout


def test_a_mistake_is_found_among_many_that_change_the_same(tmp_path):
    """Only sixty are tried together, and more change when training stops."""
    names = ["train_epoch.evaluated_after_epoch", "run_model.previous_loss_stays_0"]
    chosen = "train_epoch or stops_when or patience_counts or batch_size or shuffle or refuses_missing"
    process = run("-m", "pytest", "tests/", "--submission", with_mistakes(tmp_path / "s", *names), "-k", chosen)
    told = {mutant.name for mutant in MUTANTS.values() if mutant.hint and mutant.hint in unwrapped(process.stdout)}
    assert told == {*names}, process.stdout


@pytest.mark.slow
def test_two_mistakes_in_one_function_are_both_told(judge, tmp_path):
    """Where each shows alone, and where only both together give what is wrong."""
    names = ["train_epoch.averages_batches", "train_epoch.no_training_mode"]
    process = judge(with_mistakes(tmp_path / "s", *names), "train_epoch_uneven or train_epoch_training_mode")
    assert all(MUTANTS[name].hint in unwrapped(process.stdout) for name in names), process.stdout


@pytest.mark.slow
def test_a_third_mistake_that_nobody_knows_silences_no_other(judge, tmp_path):
    text = MUTANTS["train_epoch.fraction"].apply(
        MUTANTS["train_epoch.never_cleared"].apply(reference_text("run_model"))
    )
    text = text.replace("return loss_sum / n_examples, n_correct", "return 3.7 * loss_sum / n_examples, n_correct", 1)
    process = judge(make_submission(tmp_path / "s", run_model=text), "train_epoch_even or train_epoch_weights")
    told = unwrapped(process.stdout)
    assert all(MUTANTS[f"train_epoch.{name}"].hint in told for name in ("fraction", "never_cleared")), told
    assert "3.7 times as large" in told


def test_a_mistake_is_not_blamed_for_another_functions_exception(judge, tmp_path):
    """run_model returns None: that train_epoch is wrong too does not explain it."""
    text = MUTANTS["train_epoch.fraction"].apply(reference_text("run_model"))
    text = text.replace("return model, losses, accuracies", "return None")
    results = tmp_path / "results.json"
    submission = make_submission(tmp_path / "s", run_model=text)
    judge(submission, "train_epoch_even or fits_a_small", f"--results={results}", secret=b"of the staff")
    fits = next(test for test in json.loads(results.read_text())["tests"] if "small problem" in test["name"])
    assert fits["status"] == "failed"
    assert "it returned None" in fits["output"]
    assert MUTANTS["train_epoch.fraction"].hint not in fits["output"]


@pytest.mark.slow
def test_a_network_is_shown_layer_by_layer(judge, tmp_path):
    text = reference_text("models").replace("nn.Conv2d(6, 16, kernel_size=5)", "nn.Conv2d(6, 12, kernel_size=5)")
    text = text.replace("nn.Linear(16 * 5 * 5, 120)", "nn.Linear(12 * 5 * 5, 120)")
    process = judge(make_submission(tmp_path / "s", models=text), "test_network and LeNet5")
    said = "After the first max-pool 2x2: expected Conv2d(6, 16, 5x5), found Conv2d(6, 12, 5x5)."
    assert f"The layers are wrong. {said}" in unwrapped(process.stdout)
    assert "! Conv2d(6, 12, 5x5)" in process.stdout
    assert "61,706 parameters" in process.stdout
    assert "49,102 parameters" in process.stdout


def test_a_forward_that_never_flattens_is_told_to_even_though_it_raises(judge, tmp_path):
    text = reference_text("models").replace("x = images.flatten(start_dim=1)", "x = images")
    process = judge(make_submission(tmp_path / "s", models=text), "test_network and DigitClassifier")
    assert "The input is never flattened: Linear(784, 128) receives rows of 28 numbers." in unwrapped(process.stdout)
    assert "in_features" not in process.stdout


def test_a_forged_record_of_steps_changes_no_points(judge, tmp_path):
    forged = """
import grader.exercises.forward as forward
forward.forward_passes = lambda model, inputs: [{"training": True, "shape": [[]], "steps": ["\x1b[2J"], "receives": []}]
"""
    text = reference_text("models").replace("F.relu(self.hidden1(x))", "self.hidden1(x)", 1)
    process = judge(make_submission(tmp_path / "s", models=text + forged), "test_network and DigitClassifier")
    assert "0/2" in process.stdout
    assert "\x1b[2J" not in process.stdout


def test_a_network_without_its_dropout_has_not_the_layers_asked_for(judge, tmp_path):
    submission = with_mistakes(tmp_path / "s", "RegularizedFashionCNN.no_dropout")
    process = judge(submission, "test_network and RegularizedFashionCNN")
    assert "0/2" in process.stdout
    assert "expected Dropout(0.2), found max-pool 2x2." in unwrapped(process.stdout)


def test_every_mutant_has_a_hint_for_a_student_or_a_reason_for_the_staff():
    for mutant in MUTANTS.values():
        assert 20 < len(mutant.hint or mutant.equivalent) < 300, mutant.name
        assert not mutant.hint or mutant.hint.startswith(mutant.function), mutant.name
        compile(mutant.apply(reference_text(mutant.exercise)), mutant.name, "exec")
