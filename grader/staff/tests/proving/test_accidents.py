"""Honest accidents: each has full results, keeps what other code earns, and gets an explanation."""

import json
import os
from unittest.mock import patch

import pytest

from grader.assignment import VARIABLE, checked_exercises, read_assignment
from grader.items import BUDGET, CPU_S, budget
from grader.judging.opening import probe_modules
from grader.judging.settings import Settings
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import collect_checks
from grader.staff.proving.accident import (
    PACKERS,
    Accident,
    accident_files,
    points_of,
    read_accidents,
    read_by_student,
    results_of,
    stage_crowd,
)
from grader.staff.proving.memory import Remembering
from grader.staff.tests.conftest import CORE
from grader.staff.tests.conftest import run as run_command

ENDLESS = ("had not finished", "a loop that never ends")  # what is said of accidents that use up all their time
LITTLE = {"check": 3.0, "import": 2.0}  # CPU seconds for those, where others have 5 and 10
ACCIDENTS = {accident.name: accident for accident in read_accidents()}
SOUP = ("Traceback", "/tmp/", "site-packages", "grader/", "object at 0x", "The grader could not check this")


@pytest.fixture(scope="module")
def checks():
    """All checks of all exercises."""
    with patch.dict(os.environ, {VARIABLE: ""}):
        return collect_checks()


@pytest.fixture(scope="module")
def budgets(checks):
    """Each check's CPU seconds for a submission that ends.

    They are twice as many as students have, because machines may be slow.
    """
    return {item: 2 * budget(item) for item in checks}


@pytest.fixture(scope="module")
def asks(request, tmp_path_factory):
    """One sandbox for all accidents, which is asked about the same code only once.

    Most accidents touch one function.
    """
    sandbox = Sandbox(preload=probe_modules(checked_exercises()))
    selected = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    crowd = [accident for name, accident in ACCIDENTS.items() if name in selected]
    yield Remembering(sandbox, stage_crowd(crowd, tmp_path_factory.mktemp("crowd")))
    sandbox.close()


@pytest.fixture(autouse=True)
def no_clock(monkeypatch):
    """On a busy machine the clock must not stop a call before its CPU seconds are used up."""
    monkeypatch.setattr("grader.sandbox.call.WALL_FACTOR", 300)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCIDENTS)
def test_accident(name, checks, budgets, asks, tmp_path, monkeypatch):
    accident = ACCIDENTS[name]
    is_endless = any(words in sentence for words in ENDLESS for sentence in accident.says)
    for item, cpu_s in budgets.items():
        item.stash[BUDGET] = LITTLE["check"] if is_endless and cpu_s == 2 * CPU_S else cpu_s
    if not accident.keeps.keys() <= {*read_assignment(CORE).exercises}:
        monkeypatch.setenv(VARIABLE, "")
    checks = accident.checks(checks)
    results = results_of(accident.make(tmp_path), checks, asks, LITTLE["import"] if is_endless else Settings.import_s)
    assert [test["number"] for test in results["tests"]] == [getattr(item.obj, "__number__", "") for item in checks]
    assert [test["max_score"] for test in results["tests"]] == [item.obj.__weight__ for item in checks]
    text = read_by_student(results)
    assert {exercise: points_of(results, exercise) for exercise in accident.keeps} == accident.keeps, text
    assert [words for words in accident.says if words not in text] == [], text
    assert [words for words in (*SOUP, *accident.never) if words in text] == []


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """`grader grade` over what costs little to grade: the process, and the results by name."""
    folder = tmp_path_factory.mktemp("front door")
    names = ("circular_import", "rar")
    paths = [renamed(ACCIDENTS[name].make(folder / name), name) for name in names]
    empty = folder / "empty.zip"
    empty.write_bytes(b"PK\5\6" + bytes(18))
    paths += [empty, folder / "nobody.zip"]
    process = run_command("-m", "grader.cli", "grade", *paths, "--out", folder / "out", "--jobs", 2)
    return process, {path.parent.name: json.loads(path.read_text()) for path in folder.glob("out/*/results.json")}


def renamed(path, name):
    return path.rename(path.with_name(name + path.suffix))


@pytest.mark.slow("graded")
def test_what_can_be_graded_is_graded_as_in_the_trials(graded):
    results = graded[1]["circular_import"]
    assert results["score"] == 0
    assert sum(test["max_score"] for test in results["tests"]) == 100
    said = [words in test["output"] for test in results["tests"] for words in ACCIDENTS["circular_import"].says]
    assert all(said)


@pytest.mark.slow("graded")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rar", "rar.zip is not a readable zip (it is a RAR archive): hand in the src folder, or a zip of it."),
        ("empty", "empty.zip holds no src/run_model.py or src/models.py: hand in the src folder, or a zip of it."),
    ],
)
def test_what_can_not_be_graded_is_explained_to_student_and_teacher(graded, name, words):
    process, results = graded
    assert process.returncode == 2
    assert words in results[name]["output"]
    assert f"{name}: nothing could be graded; the student reads: {words}" in process.stdout
    assert sum(test["max_score"] for test in results[name]["tests"]) == 100
    assert not any(soup in json.dumps(results[name]) for soup in SOUP)


@pytest.mark.slow("graded")
def test_a_path_that_is_not_there_stops_no_other(graded):
    process, results = graded
    assert "nobody.zip does not exist." in process.stdout
    assert "nobody" not in results
    assert "Traceback" not in process.stdout + process.stderr


def test_an_accident_that_no_longer_fits_the_reference_is_an_error(tmp_path):
    stale = Accident("stale", "", {}, file="models", replace=(("no such text", ""),))
    with pytest.raises(ValueError, match="stale replaces"):
        stale.make(tmp_path)


def test_there_are_accidents_of_all_kinds():
    kinds = {accident_file.stem for accident_file in accident_files() if accident_file.parent.name == "accidents"}
    assert kinds == {"code", "files", "imports", "text"}
    assert {accident.pack for accident in ACCIDENTS.values()} == {"folder", *PACKERS}
    broken = {accident.file for accident in ACCIDENTS.values()} - {""}
    assert broken >= {"run_model", "models", "design", "perceptrons", "autoencoder", "numpy_mlp", "adversarial"}
