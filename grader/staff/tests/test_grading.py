"""Whole submissions through `grader grade`: half right, and broken in every way.  (Correct ones in every style: `grader audit`.)"""

import json
import zipfile
from pathlib import Path

import pytest

from grader.assignment import KIT
from grader.reference import STAFF
from grader.staff.tests.conftest import run
from grader.staff.tests.submissions import changed, make_submission, reference_text

TRAIN = "    model.train()\n"
TATTLE = """
    print("LEAK", model)
    raise type("LEAK", (Exception,), {})("LEAK")
"""


def broken_submissions(folder: Path) -> dict[str, Path]:
    """A submission for each way to break run_model.py (and forward), by name."""
    run_models = {
        "loops": changed("run_model", TRAIN, TRAIN + "    while True:\n        pass\n"),
        "allocates": changed(
            "run_model", TRAIN, TRAIN + "    hoard = []\n    while True:\n        hoard.append(torch.empty(10**8))\n"
        ),
        "syntax": changed("run_model", "model.train()", "model.train("),
        "missing": None,
        "tattles": changed("run_model", TRAIN, TRAIN + TATTLE),
        "exits": "import os\nos._exit(0)\n" + reference_text("run_model"),
        "loops_at_import": "while True:\n    pass\n" + reference_text("run_model"),
    }
    made = {name: make_submission(folder / name, run_model=text) for name, text in run_models.items()}
    misspelt = changed("models", "def forward", "def foward").replace("class SmallVGG", "class SmallVgg")
    return made | {"misspelt": make_submission(folder / "misspelt", models=misspelt)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The process of one `grader grade` over everything, and the results by name."""
    folder = tmp_path_factory.mktemp("submissions")
    paths = [*broken_submissions(folder).values(), STAFF / "examples" / "first_try"]
    paths += [zipped(KIT / "src", folder / "stubs.zip")]
    process = run("-m", "grader.cli", "grade", *paths, "--out", folder / "out", "--jobs", 2)
    results = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("out/*/results.json")}
    return process, results


def zipped(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as file:
        for path in source.glob("*.py"):
            file.write(path, f"src/{path.name}")
    return target


def points(results, exercise):
    """The points of one exercise; models' checks have numbers that start with 4."""
    return sum(t["score"] for t in results["tests"] if t["number"].startswith("4.") == (exercise == "models"))


def outputs(results, hidden=False):
    """What the failed checks say: the visible ones, or the hidden ones."""
    failed = [test for test in results["tests"] if test["status"] == "failed"]
    return {test["output"] for test in failed if (test.get("visibility") == "after_published") == hidden}


def test_every_submission_is_graded_in_full_and_the_status_says_so(graded):
    process, results = graded
    assert process.returncode == 0, process.stderr
    assert len(results) == 10
    assert {sum(test["max_score"] for test in r["tests"]) for r in results.values()} == {100}
    assert all(name in process.stdout for name in results)
    assert not any(r["extra_data"]["checks"]["error"] for r in results.values())


def test_untouched_stubs_have_no_points_and_everything_to_do(graded):
    results = graded[1]["stubs"]
    assert results["score"] == 0
    assert results["extra_data"]["checks"]["to do"] == len(results["tests"])


def test_the_first_try_is_about_half_right(graded):
    results = graded[1]["first_try"]
    assert 40 <= results["score"] <= 70
    assert "CatDogVGG is still to do." in outputs(results)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("syntax", "src/run_model.py has a syntax error in line"),
        ("missing", "src/run_model.py was not handed in."),
        ("exits", "src/run_model.py can't be imported.  Python ended (exit status 0) before it could answer"),
        ("loops_at_import", "src/run_model.py can't be imported.  It had not finished after 10 s of computing"),
    ],
)
def test_an_unusable_file_is_explained_and_the_other_keeps_its_points(graded, name, words):
    results = graded[1][name]
    assert (points(results, "run_model"), points(results, "models")) == (0, 50)
    assert all(words in text for text in outputs(results))


def test_a_loop_that_never_ends_costs_what_needs_it(graded):
    results = graded[1]["loops"]
    assert points(results, "models") == 50
    assert points(results, "run_model") == 12  # evaluate, and "test" mode
    assert any("had not finished after 5 s of computing" in text for text in outputs(results))


def test_memory_without_end_costs_what_needs_it(graded):
    results = graded[1]["allocates"]
    assert (points(results, "models"), points(results, "run_model")) == (50, 12)
    waiting = "train_epoch's weights must be right first"
    assert all("asked for more memory than the 4 GB allowed" in text or waiting in text for text in outputs(results))


def test_a_misspelt_forward_and_a_misspelt_class_cost_their_networks_and_are_named(graded):
    results = graded[1]["misspelt"]
    assert points(results, "models") == 41
    assert all("DigitClassifier" in text or "SmallVGG" in text for text in outputs(results))
    assert any("forward" in text for text in outputs(results))
    assert any("defines no `SmallVGG`; did you mean to call `SmallVgg` that?" in text for text in outputs(results))


def test_hidden_checks_wait_for_publication(graded):
    for results in graded[1].values():
        hidden = [test for test in results["tests"] if test.get("visibility") == "after_published"]
        assert sum(test["max_score"] for test in hidden) == 41


def test_hidden_checks_say_nothing_that_the_submission_could_have_put_there(graded):
    said = outputs(graded[1]["tattles"], hidden=True)
    assert said
    assert not any("expected" in text or "LEAK" in text for text in said)
    assert any("LEAK" in text for text in outputs(graded[1]["tattles"]))


def test_grading_again_gives_the_same_points(graded, tmp_path, grader):
    submission = make_submission(tmp_path / "missing", run_model=None)
    again = grader("grade", submission, "--out", tmp_path / "out")
    assert again.returncode == 0
    results = json.loads((tmp_path / "out" / "missing" / "results.json").read_text())
    before = graded[1]["missing"]
    assert [(t["name"], t["score"], t.get("output")) for t in results["tests"]] == [
        (t["name"], t["score"], t.get("output")) for t in before["tests"]
    ]


def test_what_can_not_be_graded_is_said_and_the_status_is_two(grader, tmp_path):
    process = grader("grade", tmp_path / "nobody.zip", "--out", tmp_path / "out")
    assert process.returncode == 2
    assert "nobody.zip does not exist" in process.stdout


def test_two_submissions_of_one_name_are_refused_before_anything_is_graded(grader, tmp_path):
    (tmp_path / "a").mkdir()
    zipped(KIT / "src", tmp_path / "a.zip")
    process = grader("grade", tmp_path / "a", tmp_path / "a.zip", "--out", tmp_path / "out")
    assert process.returncode == 2
    assert "rename one" in process.stderr
    assert not (tmp_path / "out").exists()
