"""`grader new` writes an exercise that runs and is graded, audited and handed out at once."""

import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from grader.staff.release.new import NewError, refuse, with_exercise
from grader.staff.release.rehearse import environment_in
from grader.staff.tests.conftest import copy_kit, run


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the kit as it is."""
    return copy_kit(tmp_path_factory.mktemp("new") / "kit")


@pytest.fixture(scope="module")
def made(copied, tmp_path_factory):
    """A copy of the kit after `grader new toy`, and what the command printed."""
    kit = tmp_path_factory.mktemp("made") / "kit"
    shutil.copytree(copied, kit)
    (kit / "only_toy.toml").write_text('title = "Toy"\nexercises = ["toy"]\n', encoding="utf-8")
    process = grader(kit, "new", "toy")
    assert process.returncode == 0, process.stdout + process.stderr
    return kit, process.stdout


def grader(kit, *arguments):
    return run("-m", "grader.cli", *arguments, cwd=kit)


def texts(kit):
    """Every file's content, apart from compiled ones."""
    paths = [path for path in kit.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(kit).as_posix(): path.read_bytes() for path in paths}


def test_it_prints_what_it_wrote_and_what_to_do_next(copied, made):
    kit, printed = made
    new = texts(kit).keys() - texts(copied).keys() - {"only_toy.toml"}
    assert set(re.findall(r"^  (\S+/\S+)$", printed, re.MULTILINE)) == new
    assert re.search(rf"^Wrote {len(new)} files in \d+ s, and added toy to assignment.toml:$", printed, re.MULTILINE)
    assert "grader audit --only toy" in printed


def test_of_other_files_only_the_assignment_and_the_report_change(copied, made):
    before, after = texts(copied), texts(made[0])
    assert {name for name in before if after[name] != before[name]} == {"assignment.toml", "report_template.md"}
    added = set(after["assignment.toml"].decode().splitlines()) - set(before["assignment.toml"].decode().splitlines())
    assert len(added) == 1
    assert added.pop().endswith(', "adversarial", "toy"]')


@pytest.mark.slow
def test_the_reference_and_the_style_earn_all_points_and_the_stub_is_to_do(made, tmp_path):
    kit = made[0]
    assert grader(kit, "solution", tmp_path).returncode == 0
    everything = ["tests/", "grader/staff/exercises", "-k", "toy"]
    style = tmp_path / "style" / "src"
    style.mkdir(parents=True)
    shutil.copy(kit / "grader/staff/exercises/toy/styles/plain.py", style / "toy.py")
    for submission in (tmp_path, style.parent):
        process = run("-m", "pytest", *everything, "--submission", submission, cwd=kit)
        assert process.returncode == 0, process.stdout
        assert "3/3 points: 2 passed." in process.stdout
    stub = run("-m", "pytest", "tests/", "-k", "toy", cwd=kit)
    assert re.search(r"^toy +0/2  1 to do$", stub.stdout, re.MULTILINE)


@pytest.mark.slow
def test_its_mistakes_lose_points_and_are_named(made):
    process = grader(made[0], "audit", "--only", "toy")
    assert process.returncode == 0, process.stdout
    assert "2 mutants: 0 keep all their points" in process.stdout
    assert "2 (100 %) are named." in process.stdout


@pytest.mark.slow
def test_it_is_handed_out_and_runs_there(made, tmp_path):
    kit, out = made[0], tmp_path / "homework"
    process = grader(kit, "handout", out, "--assignment", "only_toy.toml")
    assert process.returncode == 0, process.stdout
    assert "## 1. A moving average" in (out / "report_template.md").read_text(encoding="utf-8")
    shutil.copy(kit / "grader/staff/exercises/toy/solution.py", out / "src/toy.py")
    checked = run("-m", "pytest", "tests/", cwd=out)
    assert checked.returncode == 0, checked.stdout
    assert "2/2" in checked.stdout


@pytest.mark.slow
def test_a_line_of_its_solution_is_a_leak(made, tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(made[0], kit)
    with (kit / "grader/staff/release/for_students/README.md").open("a", encoding="utf-8") as file:
        file.write("average = decay * average + (1 - decay) * value\n")
    process = grader(kit, "handout", tmp_path / "homework", "--assignment", "only_toy.toml")
    assert process.returncode == 1
    assert "grader/staff/exercises/toy/solution.py, line " in process.stderr


@pytest.mark.slow
def test_it_is_graded_and_can_have_other_points(made, tmp_path):
    kit = made[0]
    listed = grader(kit, "points", "--assignment", "only_toy.toml")
    assert "10.2" in listed.stdout
    (kit / "more.toml").write_text('title = "Toy"\nexercises = ["toy"]\n[points]\n"10.2" = 4\n', encoding="utf-8")
    process = grader(kit, "autograder", tmp_path / "autograder.zip", "--assignment", "more.toml")
    assert process.returncode == 0, process.stderr
    assert "2 checks for 6 points, 1 of them hidden." in process.stdout


@pytest.mark.slow
def test_a_second_exercise_fits_beside_the_first(made, tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(made[0], kit)
    assert grader(kit, "new", "toy2").returncode == 0
    assert grader(kit, "new", "toy2").returncode == 2
    process = run("-m", "pytest", "tests/", "-k", "toy", "--submission", kit / "src", cwd=kit)
    assert re.search(r"^toy2 +0/2  1 to do$", process.stdout, re.MULTILINE), process.stdout


@pytest.mark.slow
def test_what_it_writes_is_well_formed(made):
    for command in (["check"], ["format", "--check"]):
        process = run("-m", "ruff", *command, ".", cwd=made[0])
        assert process.returncode == 0, process.stdout


# Nothing is left behind


@pytest.mark.slow
def test_a_step_that_fails_undoes_all(copied, tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(copied, kit)
    check = kit / "grader/staff/release/skeleton/tests/test_NAME.py"
    check.write_text(check.read_text(encoding="utf-8") + "    assert False\n", encoding="utf-8")
    before = texts(kit)
    process = grader(kit, "new", "toy")
    assert process.returncode == 2
    assert "The reference does not pass all visible checks" in process.stderr
    assert texts(kit) == before
    assert not list(kit.rglob("toy"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_undoes_all(copied, tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(copied, kit)
    before = texts(kit)
    command = [sys.executable, "-m", "grader.cli", "new", "toy"]
    process = subprocess.Popen(
        command, cwd=kit, env=environment_in(kit), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not (kit / "src/toy.py").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.decode().endswith("Stopped.\n")
    assert texts(kit) == before
    assert not list(kit.rglob("toy"))


# Names


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two words", "'two words' can't be an exercise's name"),
        ("../toy", "can't be an exercise's name"),
        ("Toy", "use lower-case letters"),
        ("lambda", "lambda is a keyword of Python"),
        ("run_model", "There is an exercise run_model already"),
        ("data", "data exists already"),
        ("src", "src exists already"),
        ("inputs", "grader/exercises/inputs.py exists already"),
        ("numpy", "numpy is the name of something else"),
        ("random", "random is the name of something else"),
        ("staff", "staff is the name of something else"),
    ],
)
def test_a_name_that_no_exercise_can_have_is_refused(name, reason):
    with pytest.raises(NewError, match=re.escape(reason)):
        refuse(name)


# assignment.toml


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('exercises = ["a", "b"]  # two\n', 'exercises = ["a", "b", "toy"]  # two\n'),
        ("exercises = ['a']", "exercises = ['a', \"toy\"]"),
        ('exercises = ["a", "b",]\n', 'exercises = ["a", "b", "toy",]\n'),
        (
            'exercises = [\n    "a",  # "b" is next\n    "b",  # [last]\n]\n',
            'exercises = [\n    "a",  # "b" is next\n    "b",  # [last]\n    "toy",\n]\n',
        ),
        ('exercises = [\n  "a",\n  "b"  # last\n]\n', 'exercises = [\n  "a",\n  "b",  # last\n  "toy",\n]\n'),
        ('# exercises = ["b"]\nexercises = ["b"]\n', '# exercises = ["b"]\nexercises = ["b", "toy"]\n'),
    ],
)
def test_the_list_of_exercises_is_extended_in_place(old, new):
    head, tail = 'title = "b"  # a title\n', '\n[points]\n"1.1" = 3\n'
    assert with_exercise(head + old + tail, "toy") == head + new + tail


def test_a_list_that_can_not_be_extended_is_refused():
    with pytest.raises(NewError, match="its list of exercises is written in a way that can't be extended"):
        with_exercise('title = "x"\nexercises = ["""b"""]\n', "toy")
