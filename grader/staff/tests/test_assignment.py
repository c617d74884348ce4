"""assignment.toml: what each key does, and that a wrong value is refused with a sentence."""

import json
import re
import shutil
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from grader.assignment import KIT, Assignment, AssignmentError, read_assignment
from grader.items import score_of
from grader.staff.release import handout
from grader.staff.release.handout import for_students
from grader.staff.tests.conftest import run
from grader.staff.tests.submissions import changed, make_submission

NEEDED = 'title = "Homework 1"\nexercises = ["run_model", "models"]\n'


@pytest.fixture
def read(tmp_path):
    """Read a text as assignment.toml."""
    path = tmp_path / "assignment.toml"

    def read_text(text):
        path.write_text(text, encoding="utf-8")
        return read_assignment(path)

    return read_text


def test_title_and_exercises_are_enough(read):
    assert read(NEEDED) == Assignment("Homework 1", ("run_model", "models"), 1.0, "after_published", {})


def test_every_key_is_read(read):
    text = NEEDED + '[limits]\ntime_factor = 2\n[visibility]\nhidden = "visible"\n[points]\n"1.1" = 3\n"4.13" = 0.5\n'
    text += '[report.points]\n"2.1" = 4\n'
    points = {"1.1": 3.0, "4.13": 0.5}
    assert read(text) == Assignment("Homework 1", ("run_model", "models"), 2.0, "visible", points, {"2.1": 4.0})


def test_what_students_get_reads_as_the_same(read):
    assignment = Assignment('"Homework" \\ 1: é\x7f\n', ("models",), 2.5, points={"4.1": 0.25})
    assert read(for_students(assignment)) == assignment


def test_points_of_questions_reach_students_in_the_template_alone(read):
    assignment = read(NEEDED + '[report.points]\n"2.1" = 7.5\n')
    assert "7.5" not in for_students(assignment)
    with patch.object(handout, "out_of_date", return_value=[]), patch.object(handout, "stale_files", return_value=[]):
        template = handout.handout_files(assignment)["report_template.md"].decode()
    assert "**2.1** (7.5 points) " in template
    assert template.count("7.5 points") == 1


def test_the_kits_own_is_right():
    assert read_assignment(KIT / "assignment.toml").exercises


def test_another_file_can_be_named(grader, tmp_path):
    """Relative to where the command is given, whatever the kit's own says."""
    (tmp_path / "second.toml").write_text('title = "Homework 2"\nexercises = ["models"]\n')
    environment = {"PYTHONPATH": str(KIT)}
    process = grader("handout", "out", "--assignment", "second.toml", cwd=tmp_path, **environment)
    assert process.returncode == 0, process.stdout + process.stderr
    assert [path.name for path in sorted((tmp_path / "out" / "src").glob("*.py"))] == ["__init__.py", "models.py"]
    assert "Homework 2" in (tmp_path / "out" / "README.md").read_text()
    process = grader("grade", tmp_path, "--assignment", "third.toml", "--out", "grades", cwd=tmp_path, **environment)
    assert process.returncode == 2
    assert "third.toml can't be read" in process.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "can't be read: "),
        ('exercises = ["models"]', "it needs a line like  title ="),
        ('title = " "\nexercises = ["models"]', "it needs a line like  title ="),
        ('title = "x"\nexercises = []', "exercises must be a list of names from ["),
        ('title = "x"\nexercises = "models"', "it is 'models'."),
        ('title = "x"\nexercises = [["models"]]', "it is [['models']]."),
        ('title = "x"\nexercises = ["models", "models"]', "exercises names 'models' twice; name each once."),
        (f"excercises = []\n{NEEDED}", "excercises is unknown; the file may have title, exercises, limits, "),
        (f"{NEEDED}[limit]\ntime_factor = 1", "limit is unknown; the file may have "),
        (f"{NEEDED}[limits]\ntime = 1", "limits.time is unknown; the table [limits] may have time_factor."),
        (f"limits = 2\n{NEEDED}", "limits must be a table that starts with a line [limits]; it is 2."),
        (f"{NEEDED}[limits]\ntime_factor = 0", "limits.time_factor must be a number from 0.1 to 20; it is 0."),
        (f"{NEEDED}[limits]\ntime_factor = inf", "limits.time_factor must be a number from 0.1 to 20; it is inf."),
        (f"{NEEDED}[limits]\ntime_factor = '2'", "limits.time_factor must be a number from 0.1 to 20; it is '2'."),
        (
            f"{NEEDED}[visibility]\nhidden = 'never'",
            "visibility.hidden must be one of after_published, after_due_date, ",
        ),
        (f"{NEEDED}[visibility]\nvisible = 'hidden'", "visibility.visible is unknown; "),
        (f'{NEEDED}[points]\n"1.1" = -1', 'points."1.1" must be a number from 0 to 1000; it is -1.'),
        (f'{NEEDED}[points]\n"1.1" = nan', 'points."1.1" must be a number from 0 to 1000; it is nan.'),
        (f'{NEEDED}[points]\n"1.1" = true', 'points."1.1" must be a number from 0 to 1000; it is True.'),
        (f'{NEEDED}[points]\n"1.1" = "two"', "it is 'two'."),
        (f"{NEEDED}[points]\n1.1 = 2", 'put a check\'s number in quotes:  "1.1" = 3.'),
        (f"{NEEDED}[report]\npoint = 2", "report.point is unknown; the table [report] may have points."),
        (f"{NEEDED}[report]\npoints = 2", "report.points must be a table that starts with a line [report.points]; "),
        (f'{NEEDED}[report.points]\n"2.1" = -1', 'report.points."2.1" must be a number from 0 to 1000; it is -1.'),
        (f"{NEEDED}[report.points]\n2.1 = 2", 'put a question\'s number in quotes:  "1.1" = 3.'),
        (
            f'{NEEDED}[report.points]\n"99.9" = 2',
            "no question that is handed out has that number; there are 1.1, 1.2, ",
        ),
        (
            f'{NEEDED}[points]\n"99.9" = 2',
            'points."99.9": no check that is handed out has that number; there are 1.1, ',
        ),
        (f'{NEEDED}[points]\n"6.1" = 2', 'points."6.1": no check that is handed out has that number; there are 1.1, '),
        (f"{NEEDED}[late]\ndeadline = 'soon'", "late.deadline must be a date with a time, as 2026-11-30T23:59:00"),
        (f"{NEEDED}[late]\ndeadline = 2026-11-30", "late.deadline must be a date with a time"),
        (f"{NEEDED}[late]\npercent_per_day = 200", "late.percent_per_day must be a number from 0 to 100; it is 200."),
        (f"{NEEDED}[late]\npercent = 2", "late.percent is unknown; the table [late] may have deadline, "),
    ],
)
def test_a_wrong_value_is_refused_with_the_file_the_key_the_value_and_what_is_allowed(read, tmp_path, text, sentence):
    with pytest.raises(AssignmentError, match=re.escape(sentence)) as error:
        read(text)
    assert str(error.value).startswith(str(tmp_path / "assignment.toml"))


@pytest.mark.parametrize(("score", "points"), [(None, 10), (5, 10), (2.5, 5), (0, 0), (-1, 0), (7, 10)])
def test_partial_credit_is_a_share_of_the_checks_own_points(score, points):
    item = SimpleNamespace(obj=SimpleNamespace(__score__=score, __weight__=5))
    assert score_of(item, 10) == points


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A copy of the kit that has an assignment.toml of its own."""
    folder = tmp_path_factory.mktemp("assignment") / "kit"
    ignored = (".*", "build", "__pycache__", "*.egg-info", "downloads", "styles", "docs")
    shutil.copytree(KIT, folder, ignore=shutil.ignore_patterns(*ignored))
    tables = (
        '[limits]\ntime_factor = 0.1\n[visibility]\nhidden = "visible"\n[points]\n"1.1" = 5\n"1.5" = 0\n"1.7" = 0.5\n'
    )
    (folder / "assignment.toml").write_text(NEEDED + tables, encoding="utf-8")
    return folder


def test_points_visibility_and_time_reach_the_results(kit, tmp_path):
    text = changed("run_model", "    model.train()\n", "    while True:\n        pass\n")
    submission, results = make_submission(tmp_path / "s", run_model=text), tmp_path / "results.json"
    names = "train_epoch_even or train_epoch_dtypes or uses_the_optimizer"
    options = ("--submission", submission, f"--results={results}", "-k", names)
    assert run("-m", "pytest", "tests", "grader/staff/exercises", *options, cwd=kit).returncode == 1
    tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    assert {(test["number"], test["max_score"], test.get("visibility")) for test in tests} == {
        ("1.1", 5, None),
        ("1.5", 0, None),  # each of its three cases
        ("1.7", 0.5, "visible"),
    }
    assert "had not finished after 0.5 s of CPU time" in tests[0]["output"]


def test_a_wrong_assignment_stops_every_command_with_its_sentence_alone(kit, tmp_path):
    copy = tmp_path / "kit"
    shutil.copytree(kit, copy)
    (copy / "assignment.toml").write_text(f'{NEEDED}[points]\n"1.1" = -1\n', encoding="utf-8")
    for command in (["pytest", "tests/"], ["grader.cli", "check"], ["grader.cli", "grade", "src", "--out", "out"]):
        process = run("-m", *command, cwd=copy)
        assert process.returncode == (4 if command[0] == "pytest" else 2)
        assert 'points."1.1" must be a number from 0 to 1000; it is -1.' in process.stderr
        assert "Traceback" not in process.stdout + process.stderr
