"""Submissions graded with all checks, through `grader grade`, and broken ones with some checks.

For correct submissions in every style: `grader audit`.
"""

import json
import re
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import pytest

from grader.assignment import KIT, STAFF, GraderError
from grader.items import CPU_S
from grader.sandbox import boundary, jail
from grader.staff.grading.grade import require_way_to_kit
from grader.staff.grading.grade_one import read_secret
from grader.staff.proving.container import IN_A_CONTAINER
from grader.staff.tests.conftest import points_of, run
from grader.staff.tests.submissions import EXERCISES, changed, make_submission, reference_text

as_root = pytest.mark.skipif(not boundary.can_harden(), reason="only root's workers run as another user")
FIRST_TRY = STAFF / "examples" / "first_try"
TRAIN = "    model.train()\n"
TATTLE = """
    print("LEAK", model)
    raise type("LEAK", (Exception,), {})("LEAK")
"""
OTHER_FILE = "DigitClassifier and not learns"  # checks of models.py alone
UNUSABLE = f"test_run_model.py or {OTHER_FILE}"
NEEDS_NO_TRAINING = f"evaluate_ or run_model_test_mode or {OTHER_FILE}"
TRAINS = "train_epoch_even or train_epoch_uneven or train_epoch_weights or history"
# for each way to break run_model.py: its text, and the checks that show it
BROKEN = {
    "syntax": (changed("run_model", "model.train()", "model.train("), UNUSABLE),
    "missing": (None, UNUSABLE),
    "exits": ("import os\nos._exit(0)\n" + reference_text("run_model"), UNUSABLE),
    "loops_at_import": ("while True:\n    pass\n" + reference_text("run_model"), UNUSABLE),
    "loops": (
        changed("run_model", TRAIN, TRAIN + "    while True:\n        pass\n"),
        f"{TRAINS} or {NEEDS_NO_TRAINING}",
    ),
    "allocates": (
        changed("run_model", TRAIN, TRAIN + "    hoard = torch.empty(2 * 10**9)\n"),
        f"{TRAINS} or {NEEDS_NO_TRAINING}",
    ),
    "tattles": (changed("run_model", TRAIN, TRAIN + TATTLE), f"train_epoch_even or uses_the_optimizer or {OTHER_FILE}"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """`grader grade` over the first try, as a zip, and a useless submission: process, results."""
    folder = tmp_path_factory.mktemp("submissions")
    useless = dict.fromkeys(EXERCISES) | {"run_model": "def"}
    paths = [zipped(FIRST_TRY / "src", folder / "first_try.zip"), make_submission(folder / "useless", **useless)]
    process = run("-m", "grader.cli", "grade", *paths, "--out", folder / "out", "--jobs", 2)
    results = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("out/*/results.json")}
    return process, results


@pytest.fixture(scope="module")
def grade(judge, tmp_path_factory):
    """Grade a submission with some of the checks, perhaps in less time; its results."""
    folder = tmp_path_factory.mktemp("some")

    def grade_some(submission, select, secret=b"a secret of the staff", cpu_s=CPU_S, **settings):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.items.CPU_S", cpu_s)
            patch.setattr("grader.sandbox.call.WALL_FACTOR", 300)  # on a busy machine the clock must not stop it first
            judge(submission, select, f"--results={folder / 'results.json'}", secret=secret, **settings)
        return json.loads((folder / "results.json").read_text())

    return grade_some


@pytest.fixture(scope="module")
def broken(grade, tmp_path_factory):
    """The results of every broken submission, by name."""
    folder = tmp_path_factory.mktemp("broken")
    made = {name: make_submission(folder / name, run_model=text) for name, (text, _) in BROKEN.items()}
    little = {"cpu_s": 2.0, "import_s": 2.0}  # for those that use up all that they have
    return {
        name: grade(made[name], select, **(little if "loops" in name else {})) for name, (_, select) in BROKEN.items()
    }


def zipped(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as file:
        for path in source.glob("*.py"):
            file.write(path, f"src/{path.name}")
    return target


def earned(results, exercise):
    """The checks of one exercise that earned points, and those that did not."""
    numbers = {"run_model": ("1.", "2.", "3."), "models": ("4.",)}[exercise]
    own = [test for test in results["tests"] if test["number"].startswith(numbers)]
    return [test for test in own if test["score"]], [test for test in own if not test["score"]]


def outputs(results, hidden=False):
    """What the failed checks say: the visible ones, or the hidden ones."""
    failed = [test for test in results["tests"] if test["status"] == "failed"]
    return {test["output"] for test in failed if (test.get("visibility") == "after_published") == hidden}


@pytest.mark.slow("graded")
def test_every_submission_is_graded_in_full_and_the_status_says_so(graded, checks):
    process, results = graded
    assert process.returncode == 0, process.stderr
    assert results.keys() == {"first_try", "useless"}
    for name, result in results.items():
        assert [test["max_score"] for test in result["tests"]] == [check.max_points for check in checks]
        assert not result["extra_data"]["checks"]["error"]
        assert f"{name} " in process.stdout


@pytest.mark.slow("graded")
def test_hidden_checks_wait_for_publication(graded, checks):
    for results in graded[1].values():
        hidden = [test for test in results["tests"] if test.get("visibility") == "after_published"]
        assert sum(test["max_score"] for test in hidden) == points_of([check for check in checks if check.hidden]) > 0


@pytest.mark.slow("graded")
def test_each_submission_gets_a_page_that_says_no_more_of_hidden_checks_than_its_results(graded):
    process, results = graded
    folder = Path(process.args[process.args.index("--out") + 1])
    for name, result in results.items():
        page = unescape(re.sub("</?code>", "`", (folder / name / "feedback.html").read_text(encoding="utf-8")))
        assert f"{result['score']:g}/" in page and result["extra_data"]["submission"] in page
        shown = [test for test in result["tests"] if test.get("visibility") == "after_published" and test.get("output")]
        assert shown and all(line in page for test in shown for line in test["output"].splitlines())


@pytest.mark.slow
def test_untouched_stubs_have_no_points_and_everything_to_do(grade):
    results = grade(KIT, "")
    assert results["score"] == 0
    assert results["extra_data"]["checks"]["to do"] == len(results["tests"])


@pytest.mark.slow("graded")
def test_the_first_try_is_about_half_right(graded):
    results = graded[1]["first_try"]
    assert 0.4 < results["score"] / sum(test["max_score"] for test in results["tests"]) < 0.7
    assert "CatDogVGG is still to do." in outputs(results)
    assert graded[1]["useless"]["score"] == 0


@pytest.mark.slow("broken")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("syntax", "src/run_model.py has a syntax error in line"),
        ("missing", "src/run_model.py was not handed in."),
        ("exits", "src/run_model.py can't be imported.  Python ended (exit status 0) before the code had finished"),
        ("loops_at_import", "src/run_model.py can't be imported.  The code had not finished after"),
    ],
)
def test_an_unusable_file_is_explained_and_the_other_keeps_its_points(broken, name, words):
    results = broken[name]
    assert earned(results, "run_model")[0] == earned(results, "models")[1] == []
    assert earned(results, "run_model")[1] and earned(results, "models")[0]
    assert [text for text in outputs(results) if words not in text] == []


@pytest.mark.slow("broken")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loops", "had not finished after 2 s of CPU time"),
        ("allocates", "asked for more memory than the 4 GB allowed"),
    ],
)
def test_time_or_memory_without_end_is_explained_and_costs_what_needs_it(broken, name, words):
    def trains(test):
        return not test["number"].startswith("2.") and '"test" mode' not in test["name"]

    right, wrong = earned(broken[name], "run_model")
    assert right and not any(map(trains, right))
    assert wrong and all(map(trains, wrong))
    assert earned(broken[name], "models")[1] == []
    assert words in "".join(outputs(broken[name]))
    if name == "allocates":
        assert all(words in text or "Not checked yet: first fix" in text for text in outputs(broken[name]))


@pytest.mark.slow
def test_a_misspelt_forward_and_a_misspelt_class_cost_their_networks_and_are_named(grade, tmp_path):
    text = changed("models", "def forward", "def foward").replace("class SmallVGG", "class SmallVgg")
    results = grade(
        make_submission(tmp_path / "s", models=text), "DigitClassifier or SmallVGG or small_vgg or FashionCNN"
    )
    right, wrong = earned(results, "models")
    assert right and all("FashionCNN" in test["name"] for test in right)
    assert not any("FashionCNN" in test["name"] for test in wrong)
    assert all("DigitClassifier" in text or "SmallVGG" in text for text in outputs(results))
    assert any("forward" in text for text in outputs(results))
    assert any(
        "does not define `SmallVGG`. Did you mean `SmallVgg`? Then rename it to `SmallVGG`." in text
        for text in outputs(results)
    )


@pytest.mark.slow("broken")
def test_hidden_checks_say_nothing_that_the_submission_could_have_put_there(broken):
    said = outputs(broken["tattles"], hidden=True)
    assert said
    assert not any("expected" in text or "LEAK" in text for text in said)
    assert any("LEAK" in text for text in outputs(broken["tattles"]))


@pytest.mark.slow("graded")
def test_grading_again_draws_the_same_inputs_and_gives_the_same_points(graded, grade):
    again = grade(FIRST_TRY, "DogClassifierFC", read_secret())
    before = {test["name"]: test for test in graded[1]["first_try"]["tests"]}
    assert any("found" in text for text in outputs(again)), "a check should show what the code does"
    for test in again["tests"]:
        assert all(test.get(key) == before[test["name"]].get(key) for key in ("score", "output"))


def test_what_can_not_be_graded_is_said_and_the_status_is_two(grader, tmp_path):
    process = grader("grade", tmp_path / "nobody.zip", "--out", tmp_path / "out")
    assert process.returncode == 2
    assert "nobody.zip does not exist" in process.stderr


def test_two_submissions_of_one_name_are_refused_before_anything_is_graded(grader, tmp_path):
    (tmp_path / "a").mkdir()
    zipped(KIT / "src", tmp_path / "a.zip")
    process = grader("grade", tmp_path / "a", tmp_path / "a.zip", "--out", tmp_path / "out")
    assert process.returncode == 2
    assert "rename one" in process.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def closed_folder(open_folder):
    """A folder in one that only its owner may enter, like root's home on most servers."""
    (open_folder / "home" / "kit").mkdir(parents=True)
    (open_folder / "home").chmod(0o700)
    return open_folder / "home" / "kit"


@as_root
def test_a_kit_that_workers_can_not_enter_is_said_before_anything_is_graded(monkeypatch, closed_folder, open_folder):
    monkeypatch.setattr(jail, "is_possible", lambda: False)
    require_way_to_kit(open_folder)
    with pytest.raises(GraderError, match=f"{closed_folder.parent} is closed to other users: move the kit to a folder"):
        require_way_to_kit(closed_folder)


@as_root
def test_make_setup_says_so_too_and_sets_nothing_up(closed_folder, open_folder):
    for name in ("requirements.txt", "grader/staff/requirements.txt", "setup.py"):
        (closed_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (closed_folder / name).touch()
    command = [*IN_A_CONTAINER, "make", "--no-print-directory", "-f", str(KIT / "Makefile"), "setup"]
    process = subprocess.run(command, cwd=closed_folder, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stdout.startswith("Submissions run as another user than root, and ")
    assert f"{closed_folder.parent} is closed to other users: move the kit to a folder" in process.stdout
    assert not (closed_folder / ".venv").exists()
    assert subprocess.run([*command[:-1], "way"], cwd=open_folder).returncode == 0
