"""Any exercises can be handed out, packed and graded: files, checks and maxima follow."""

import json
import os
import re
import zipfile
from unittest.mock import patch

import pytest

from grader.assignment import KIT, STAFF_EXERCISES, VARIABLE, Assignment, checked_exercises, read_assignment
from grader.items import exercises_of
from grader.judging.mutants import read_mutants
from grader.judging.reference import read_solution, solution_file, unpacked
from grader.staff.grading.trial import collect_checks
from grader.staff.release import handout
from grader.staff.release.handout import golden_for, handout_files, refuse_leaks
from grader.staff.tests.conftest import run

WHOLE = read_assignment(KIT / "assignment.toml").exercises
SUBSETS = [("numpy_mlp",), ("perceptrons", "design"), ("adversarial", "models", "autoencoder"), WHOLE]
by_name = pytest.mark.parametrize("exercises", SUBSETS, ids="+".join)


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Write an assignment of some exercises and name it in the environment."""

    def write(exercises):
        path = tmp_path / "homework.toml"
        path.write_text(f'title = "Homework"\nexercises = {json.dumps(exercises)}\n')
        monkeypatch.setenv(VARIABLE, str(path))
        return read_assignment()

    return write


@pytest.fixture(scope="module")
def every_check():
    with patch.dict(os.environ, {VARIABLE: ""}):
        return collect_checks()


def test_every_exercise_is_handed_out_by_default():
    assert sorted(WHOLE) == checked_exercises()
    assert {path.parent.name for path in STAFF_EXERCISES.glob("*/solution.py")} == set(WHOLE)


def test_the_place_of_a_difference_is_written_as_in_python(named, judge, tmp_path):
    named(["design"])
    mutant = next(one for one in read_mutants() if one.name == "two_layer_mlp.drops_in_evaluation")
    file = tmp_path / "submission" / "src" / "design.py"
    file.parent.mkdir(parents=True)
    file.write_text(mutant.apply(read_solution("design")), encoding="utf-8")
    process = judge(file.parent.parent, "test_computes_its_layers and two_layer_mlp")
    assert "logits[0]: the largest difference" in process.stdout


@pytest.mark.slow
@by_name
def test_the_handout_has_these_exercises_and_no_leak(exercises):
    files = handout_files(Assignment("Homework", exercises))
    refuse_leaks(files)
    stubs = {name for name in files if name.startswith("src/") and not name.startswith("src/experiments/")}
    assert stubs == {f"src/{name}.py" for name in (*exercises, "__init__")}
    assert {name[11:-3] for name in files if name.startswith("tests/test_")} == set(exercises)
    recorded = golden_for(Assignment("Homework", exercises))
    assert set(recorded) == {f"tests/golden/{name}.bin" for name in exercises}
    mistakes = [entry for file in recorded.values() for entry in unpacked(file)["mistakes"].values()]
    assert {entry["exercise"] for entry in mistakes} == set(exercises)
    assert f"src/{exercises[0]}.py" in files["README.md"].decode()


@pytest.mark.slow
@by_name
def test_the_autograder_has_the_maxima_of_these_exercises(exercises, named, every_check, grader, tmp_path):
    """A check that needs another exercise is left out with it."""
    named(exercises)
    out = tmp_path / "autograder.zip"
    process = grader("autograder", out, "--assignment", tmp_path / "homework.toml")
    assert process.returncode == 0, process.stderr
    with zipfile.ZipFile(out) as bundle:
        zeros = json.loads(bundle.read("zeros.json"))
        assert bundle.read("assignment.toml").decode() == (tmp_path / "homework.toml").read_text()
    expected = [item.obj.__weight__ for item in every_check if exercises_of(item) <= set(exercises)]
    assert sorted(test["max_score"] for test in zeros["tests"]) == sorted(expected)


@pytest.mark.slow
@pytest.mark.parametrize("exercises", [("numpy_mlp", "perceptrons"), ("adversarial",)], ids="+".join)
def test_a_student_with_these_exercises_can_earn_all_visible_points(exercises, named, tmp_path):
    assignment = named(exercises)
    kit = tmp_path / "kit"
    handout.make_handout(kit)
    for name in assignment.exercises:
        (kit / "src" / f"{name}.py").write_bytes(solution_file(name).read_bytes())
    process = run("-m", "pytest", "tests/", cwd=kit)
    assert process.returncode == 0, process.stdout
    assert tuple(name for name, _ in re.findall(r"^(\w+) +(\d+)/\2$", process.stdout, re.MULTILINE)) == exercises
