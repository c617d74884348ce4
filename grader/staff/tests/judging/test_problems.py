"""What a visible and a hidden check say of a call that gave no observation."""

import signal

import pytest

from grader.judging.problems import Problem, problem_of
from grader.sandbox.outcome import Failure, Kind
from grader.sandbox.raised import Frame, SyntaxPosition

OUTER = Frame("src/run_model.py", 3, "run_model", "train_epoch()")
INNER = Frame("src/run_model.py", 7, "train_epoch", "return 1 / 0")


def raised(exception: str, message: str, kind: Kind = Kind.RAISED, importing: str = "") -> Problem:
    return problem_of(Failure(kind, exception, message, (OUTER, INNER), importing), "run_model")


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_sentence(kind):
    syntax = SyntaxPosition("src/models.py", "3", "def f(:")
    problem = problem_of(Failure(kind, "Error", "some words", importing="src/models.py", syntax=syntax))
    assert problem.kind == kind
    assert problem.sentence and problem.public


def test_a_timeout_names_the_limit_that_was_reached():
    problem = problem_of(Failure(Kind.TIMEOUT, seconds=10, is_cpu_time=True))
    assert problem.sentence == "The code had not finished after 10 s of CPU time: look for a loop that never ends."
    assert problem.told == problem.sentence
    problem = problem_of(Failure(Kind.TIMEOUT, seconds=40), "evaluate")
    assert problem.sentence.startswith("evaluate had not finished after 40 s: ")


def test_only_a_visible_check_tells_where_a_call_was_when_it_was_stopped():
    def told(subject: str, importing: str = "") -> str:
        problem = problem_of(Failure(Kind.TIMEOUT, frames=(OUTER, INNER), importing=importing), subject)
        assert problem.public == problem.sentence
        assert "When" not in problem.public
        return problem.told.partition("  ")[2]

    assert told("train_epoch") == "When it was stopped, it was in line 7 of src/run_model.py."
    assert told("run_model") == "When it was stopped, it was in line 7 of src/run_model.py, in train_epoch."


def test_a_crash_names_the_signal_or_the_exit_status():
    def sentence(status: int) -> str:
        return problem_of(Failure(Kind.CRASH, exit=status), "evaluate").sentence

    assert sentence(-11) == "Python was killed by SIGSEGV while it ran evaluate."
    assert sentence(-250) == "Python was killed by signal 250 while it ran evaluate."
    assert "too much memory" in sentence(-int(signal.SIGKILL))
    assert sentence(7).startswith("Python ended (exit status 7) before evaluate had finished")


def test_a_garbled_answer_is_told_with_what_is_wrong_with_it():
    problem = problem_of(Failure(Kind.GARBLED, message="the message is not JSON"))
    assert problem.details == "the message is not JSON"
    assert "too long" in problem_of(Failure(Kind.GARBLED, is_too_long=True)).details


def test_an_exception_is_told_with_its_last_line():
    assert raised("ZeroDivisionError", "division by zero") == Problem(
        Kind.RAISED,
        "run_model raised ZeroDivisionError (line 7 of src/run_model.py).",
        "ZeroDivisionError: division by zero",
        (OUTER, INNER),
        "ZeroDivisionError",
        subject="run_model",
    )


def test_an_exception_of_another_file_than_the_subjects_names_that_file():
    failure = Failure(Kind.RAISED, "SystemExit", "", (OUTER, INNER))
    sentence = problem_of(failure, "DigitClassifier", "src/models.py").sentence
    assert sentence == "src/run_model.py raised SystemExit in line 7 while the grader checked DigitClassifier."
    sentence = problem_of(failure, "run_model", "src/run_model.py").sentence
    assert sentence == "run_model raised SystemExit (line 7 of src/run_model.py)."


def test_an_exception_outside_the_submissions_files_has_no_place():
    assert problem_of(Failure(Kind.RAISED, "ZeroDivisionError", "")).sentence == "The code raised ZeroDivisionError."


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        ("", "  Look for a missing import or a misspelt name."),
        (". Did you mean: 'logits'?", " Did you mean `logits`?"),
    ],
)
def test_a_name_that_is_not_defined_is_told_with_its_line(tail, told):
    told = f" uses `logit`, which is not defined.{told}"
    problem = raised("NameError", f"name 'logit' is not defined{tail}")
    assert problem.told == f"Line 7 of src/run_model.py{told}"
    assert problem.public == "run_model raised an exception."
    problem = raised("NameError", f"name 'logit' is not defined{tail}", Kind.IMPORT, "src/run_model.py")
    assert problem.told.startswith(f"src/run_model.py can't be imported: line 7{told}")
    assert problem.public == "The file of run_model can't be imported."


def test_another_class_of_the_file_is_not_suggested_for_an_old_name_in_super():
    inner = Frame("src/models.py", 100, "__init__", "super(DogClassifier, self).__init__()")
    message = "name 'DogClassifier' is not defined. Did you mean: 'DogClassifierFC'?"
    told = problem_of(Failure(Kind.RAISED, "NameError", message, (inner,)), "DogClassifierConv").told
    assert told.endswith("uses `DogClassifier`, which is not defined.  Write super().__init__() without arguments.")


def test_a_sentence_names_the_function_once():
    unusable = Failure(Kind.UNUSABLE, "Unusable", "losses should be a list of numbers; it is None.")
    sentence = "run_model: losses should be a list of numbers; it is None."
    assert problem_of(unusable, "run_model").sentence == sentence
    failure = Failure(Kind.UNUSABLE, "Unusable", sentence)
    assert problem_of(failure, "run_model").sentence == sentence


def test_an_exception_while_a_file_is_imported_names_the_file():
    problem = raised("ZeroDivisionError", "division by zero", Kind.IMPORT, "src/models.py")
    assert problem.sentence == "src/models.py can't be imported: ZeroDivisionError (line 7 of src/run_model.py)."


def test_a_missing_file_is_told_without_pythons_words():
    failure = Failure(
        Kind.MISSING_FILE, "ModuleNotFoundError", "No module named 'src.models'", importing="src/models.py"
    )
    assert problem_of(failure) == Problem(Kind.MISSING_FILE, "src/models.py was not handed in.")


def test_a_syntax_error_names_its_line_and_reason():
    position = SyntaxPosition("src/models.py", "3", "def f(:")
    problem = problem_of(Failure(Kind.SYNTAX, "SyntaxError", "invalid syntax (models.py, line 3)", syntax=position))
    assert problem.sentence.startswith("src/models.py has a syntax error in line 3: invalid syntax.")
    assert problem.details == "line 3: def f(:"
    failure = Failure(Kind.SYNTAX, "SyntaxError", "Did you mean print(...)? (models.py, line 3)", syntax=position)
    assert "in line 3: Did you mean print(...)?  Python" in problem_of(failure).sentence


@pytest.mark.parametrize("kind", [Kind.MISSING_NAME, Kind.UNUSABLE])
def test_what_the_kit_says_itself_is_told_in_its_own_words(kind):
    sentence = "run_model should return (loss, accuracy); it returned 3."
    problem = raised("Unusable", sentence, kind)
    assert (problem.sentence, problem.details) == (sentence, "")
    assert "3" not in problem.public


def test_a_hidden_check_tells_no_advice_since_an_exceptions_text_may_hold_inputs():
    message = "name 'null' is not defined"
    assert "notebook" in raised("NameError", message).told
    assert raised("NameError", message).public == "run_model raised an exception."
    assert "notebook" in raised("NameError", message, Kind.IMPORT, "src/models.py").told
    assert raised("NameError", message, Kind.IMPORT).public == "The file of run_model can't be imported."
