"""The registry of probes: what each exercise is asked for, and that no name is used twice."""

import ast
import importlib

import pytest

from grader.assignment import KIT, read_assignment
from grader.judging.reference import solution_file
from grader.sandbox.probe import PROBES, probe, targets_of
from grader.staff.tests.toy_probes import answer, secret_number

EXERCISES = read_assignment(KIT / "assignment.toml").exercises


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_targets_of_an_exercise_are_what_its_stub_defines(exercise):
    importlib.import_module(f"grader.exercises.{exercise}.probes")
    stub = ast.parse((KIT / "src" / f"{exercise}.py").read_text(encoding="utf-8"))
    names = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert set(targets_of(exercise)) == names
    assert names <= {node.name for node in ast.parse(solution_file(exercise).read_text()).body if hasattr(node, "name")}


def test_two_files_can_not_have_a_probe_of_one_name():
    copy = compile("def answer(submission): return 1", "another_file.py", "exec")
    space = {"__name__": "another"}
    exec(copy, space)
    with pytest.raises(ValueError, match="Two probes are called answer: one in grader"):
        probe("toy", "answer")(space["answer"])
    assert PROBES["answer"] is answer


def test_a_staff_function_needs_no_file_of_the_submission():
    assert (secret_number.target({}), secret_number.files({})) == ("", ())
    assert secret_number.observe(None, {}) == 7
