"""`grader handout`: what students get, that it works, and that it holds nothing secret."""

import base64
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.assignment import KIT, STAFF, Assignment, checked_exercises, read_assignment
from grader.cli import main
from grader.judging.reference import packed, read_solution, solution_file, unpacked
from grader.report.keys import MEASURED, keys_of
from grader.report.template import handed_out
from grader.staff.release import handout
from grader.staff.release.handout import handout_files, make_handout, write
from grader.staff.release.leaks import leaks
from grader.staff.release.stubs import expected_stubs
from grader.staff.tests.conftest import run

N_VISIBLE = 38
FILES = handout_files(read_assignment())
EXERCISES = tuple(checked_exercises())
GOLDEN_NAME = "tests/golden/run_model.bin"


# What is in it


def test_it_holds_the_kit_without_the_staffs_folder_and_what_running_it_leaves(without_staff):
    found = {path.relative_to(without_staff).as_posix() for path in without_staff.rglob("*") if path.is_file()}
    found = {name for name in found if "__pycache__" not in name and not name.startswith(".pytest_cache/")}
    assert found == set(FILES)
    assert {"README.md", "src/run_model.py", "tests/test_models.py", GOLDEN_NAME, "grader/cli.py"} <= found
    assert {".github/workflows/classroom.yml", ".gitignore", ".gitattributes", "report_template.md"} <= found
    assert not [
        name for name in found if re.search(r"staff|secret|downloads|\.pyc|egg-info|Makefile|^\.ci|^build", name)
    ]


def test_the_zip_holds_the_same_and_is_the_same_bytes_whenever_it_is_made(without_staff, tmp_path):
    with zipfile.ZipFile(without_staff.with_name("kit.zip")) as package:
        assert {name: package.read(f"kit/{name}") for name in FILES} == FILES
        assert len(package.namelist()) == len(FILES)
    make_handout(tmp_path / "kit")
    assert (tmp_path / "kit.zip").read_bytes() == without_staff.with_name("kit.zip").read_bytes()


def test_the_settings_of_the_staffs_tools_stay_here():
    assert "[tool.pytest" in FILES["pyproject.toml"].decode()
    assert "staff" not in FILES["pyproject.toml"].decode()


def test_the_readme_names_the_files_and_all_its_pytest_commands_find_checks(without_staff):
    text = (without_staff / "README.md").read_text(encoding="utf-8")
    assert "{{" not in text
    assert "| `src/models.py` | ten networks, from fully connected to VGG. |" in text
    commands = re.findall(r"`pytest (tests/[^`]*)`", text)
    assert len(commands) == 5
    for command in commands:
        listed = run("-m", "pytest", *command.split(), "--collect-only", "-q", cwd=without_staff)
        assert listed.returncode == 0, listed.stdout


@pytest.mark.slow
def test_only_the_exercises_of_the_assignment_are_in_it(tmp_path):
    """With one exercise, checks that need another are left out; the reference has all points."""
    points = {"1.1": 5.0, "1.7": 3.0, "4.1": 7.0}  # one visible, one hidden, one of an exercise not handed out
    files = handout_files(Assignment("Homework 1", ("run_model",), time_factor=2.5, points=points))
    others = (
        "src/models",
        "tests/test_models",
        "grader/exercises/design",
        "src/experiments/autoencoders",
        "grader/staff",
    )
    assert not [name for name in files if name.startswith((*others, "grader/intake/class_downloads"))]
    assert "grader/exercises/models/questions.py" in files, "checks of run_model import it"
    recorded = unpacked(files[GOLDEN_NAME])
    assert {entry["exercise"] for entry in recorded["mistakes"].values()} == {"run_model"}
    assert [name for name in files if name.startswith("tests/golden/")] == [GOLDEN_NAME]
    assert files["assignment.toml"].decode().endswith('[limits]\ntime_factor = 2.5\n\n[points]\n"1.1" = 5.0\n')
    write(tmp_path, files, {})
    shutil.copy(solution_file("run_model"), tmp_path / "src" / "run_model.py")
    process = run("-m", "pytest", "tests/", "-k", "train_epoch or learns", cwd=tmp_path)
    assert process.returncode == 0, process.stdout
    assert "15/15" in process.stdout  # 12 as the checks say, 3 more for 1.1


# The report's questions


@pytest.mark.parametrize("left_out", [None, *EXERCISES])
def test_the_kits_own_report_fits_whatever_is_handed_out(left_out):
    template = (KIT / handout.REPORT).read_text(encoding="utf-8")
    asked = handed_out(template, [name for name in EXERCISES if name != left_out])
    assert "<!-- exercise" not in asked
    sections = re.findall(r"^## (\d+)\. ", asked, re.MULTILINE)
    assert sections == [str(place) for place in range(1, len(sections) + 1)]
    for section, text in zip(sections, re.split(r"^## ", asked, flags=re.MULTILINE)[1:], strict=True):
        questions = re.findall(r"^\*\*(\S+)\*\* \([\d.]+ points?\) ", text, re.MULTILINE)
        assert questions == [f"{section}.{place}" for place in range(1, len(questions) + 1)]
        assert text.count("\n**") == len(questions)
    keys = sorted(keys_of(asked), key=lambda key: key.kind == MEASURED)
    assert [(key.name, key.question) for key in keys] == re.findall(r"^  (\S+):  # (\d+\.\d+): ", asked, re.MULTILINE)
    if left_out is None:
        assert asked == re.sub(r"^<!-- exercise: .*\n", "", template, flags=re.MULTILINE)
        assert set(EXERCISES) == {
            name for line in re.findall("<!-- exercise: (.*) -->", template) for name in line.split()
        }


# A student's way through it


def test_untouched_stubs_have_everything_to_do_no_traceback_and_a_summary_on_github(without_staff, tmp_path):
    results, shown, told = (tmp_path / name for name in ("results.json", "summary.md", "output"))
    process = run("-m", "pytest", "tests/", f"--results={results}", cwd=without_staff)
    assert process.returncode == 1
    assert "Traceback" not in process.stdout + process.stderr
    assert "NotImplementedError" not in process.stdout
    assert f"0/59 visible points: {N_VISIBLE} to do." in process.stdout
    assert process.stdout.endswith("Next: train_epoch.  Run  pytest tests/ -k train_epoch\n")
    files = {"GITHUB_STEP_SUMMARY": str(shown), "GITHUB_OUTPUT": str(told)}
    assert run(".github/points.py", results, cwd=without_staff, **files).returncode == 0
    assert shown.read_text(encoding="utf-8").startswith("## 0 of 59 visible points\n")
    result = json.loads(base64.b64decode(told.read_text(encoding="utf-8").removeprefix("result=")))
    assert (result["status"], result["max_score"], len(result["tests"])) == ("fail", 59, N_VISIBLE)


def test_the_reference_copied_in_has_all_visible_points_and_is_packed(without_staff, tmp_path):
    folder = tmp_path / "kit"
    shutil.copytree(without_staff, folder)
    for exercise in ("run_model", "models"):
        shutil.copy(solution_file(exercise), folder / "src" / f"{exercise}.py")
    process = run("-m", "grader.cli", "check", cwd=folder)
    assert process.returncode == 0, process.stdout
    assert "59/59" in process.stdout
    assert "data: offline digits" in process.stdout
    with zipfile.ZipFile(folder / "submission.zip") as package:
        assert package.namelist()[:2] == ["src/run_model.py", "src/models.py"]


# Leaks


def planted(text: str | bytes, name: str = "data/notes.md") -> list[str]:
    content = text.encode() if isinstance(text, str) else text
    return leaks({name: content}, expected_stubs(KIT).values())


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("# loss_sum   += loss.item() * len(targets)", "grader/staff/exercises/run_model/solution.py, line "),
        (
            "`was_training = model.training`: ...",
            "grader/staff/exercises/run_model/mutants.toml, evaluate.root_mode_restored",
        ),
        (
            "* evaluate restores the mode of every submodule, even if the model raises an error.",
            "hidden",
        ),
    ],
    ids=["solution", "mutant", "title of a hidden check"],
)
def test_a_line_of_the_staffs_is_found_wherever_it_stands(text, origin):
    found = planted(f"Hello\n\n{text}\n")
    assert len(found) == 1
    assert found[0].startswith("data/notes.md, line 3, holds what stands in ")
    assert origin in found[0]


@pytest.mark.parametrize("name", ["run_model/test_hidden.py", "models/test_hidden.py", "autoencoder/probes.py"])
def test_a_hidden_file_put_among_the_visible_ones_is_found(name):
    hidden = (STAFF / "exercises" / name).read_text(encoding="utf-8")
    assert len(planted(hidden, f"tests/{Path(name).name}")) > 0.4 * len(hidden.splitlines())


def test_a_line_among_the_recorded_strings_is_found():
    recorded = unpacked(FILES[GOLDEN_NAME])
    recorded["observations"]["test_x:0:1"] = {"raised": ["ValueError", "loss_sum += loss.item() * len(targets)"]}
    assert "grader/staff/exercises/run_model/solution.py" in planted(packed(recorded), GOLDEN_NAME)[0]


def test_an_answer_to_the_report_is_found_wherever_it_stands(tmp_path, monkeypatch):
    (tmp_path / "grader/staff/exercises/models").mkdir(parents=True)
    answers = tmp_path / "grader/staff/exercises/models/answers.md"
    answers.write_text("**1.1**\n\nKey: the seventh layer holds most of them.\n", encoding="utf-8")
    for name, value in (("KIT", tmp_path), ("STAFF_EXERCISES", answers.parent.parent)):
        monkeypatch.setattr(f"grader.staff.release.leaks.{name}", value)
    (found,) = planted("Look:  Key: the seventh layer   holds most of them.", "grader/exercises/models/report.md")
    assert "holds what stands in grader/staff/exercises/models/answers.md, line 3:" in found


def test_imports_stubs_and_short_lines_are_no_secrets():
    text = read_solution("run_model")
    assert planted(text.partition("# BEGIN SOLUTION")[0]) == []
    assert planted("from grader.judging.compare import compare\nmodel.train()\n@pytest.mark.parametrize(\n") == []
    assert planted('    instruments = lazy("grader.exercises.instruments")\n') == []


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A copy of the students' own files to change."""
    folder = tmp_path / "own"
    shutil.copytree(handout.OWN, folder)
    monkeypatch.setattr(handout, "OWN", folder)
    return folder


def test_a_leak_stops_the_handout_and_leaves_nothing_behind(own, tmp_path, capsys):
    (own / "hint.txt").write_text("Try\n    loss_sum += loss.item() * len(targets)\n", encoding="utf-8")
    assert main(["handout", str(tmp_path / "out" / "hw1")]) == 1
    said = capsys.readouterr().err
    assert "hint.txt, line 2, holds what stands in grader/staff/exercises/run_model/solution.py, line " in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("stale_files", lambda kit: [kit / "src" / "models.py"], "src/models.py: out of date."),
        ("out_of_date", lambda exercises: ["run_model.bin is out of date."], "run_model.bin is out of date."),
    ],
    ids=["stubs", "recorded answers"],
)
def test_what_is_out_of_date_is_not_handed_out(monkeypatch, tmp_path, capsys, name, value, words):
    monkeypatch.setattr(handout, name, value)
    assert main(["handout", str(tmp_path / "hw1")]) == 1
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# Nothing is lost


def test_a_folder_with_something_else_in_it_is_refused(tmp_path, capsys):
    (tmp_path / "hw1").mkdir()
    (tmp_path / "hw1" / "thesis.tex").write_text("x", encoding="utf-8")
    assert main(["handout", str(tmp_path / "hw1")]) == 1
    assert (
        "is not empty, and it is not an earlier handout (hw1.zip is not next to it): name another folder."
        in capsys.readouterr().err
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["hw1", "thesis.tex"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "hw1").write_text("x", encoding="utf-8")
    assert main(["handout", str(tmp_path / "hw1")]) == 1
    assert "hw1 is not a folder: name another." in capsys.readouterr().err


def test_a_zip_that_is_no_handouts_is_refused(tmp_path, capsys):
    (tmp_path / "hw1.zip").write_bytes(b"precious")
    assert main(["handout", str(tmp_path / "hw1")]) == 1
    assert "hw1.zip is not the zip of an earlier handout" in capsys.readouterr().err
    assert (tmp_path / "hw1.zip").read_bytes() == b"precious"


@pytest.mark.slow
def test_an_earlier_handout_is_brought_up_to_date_and_what_is_not_its_own_stays(own, tmp_path):
    (own / "old.md").write_text("old", encoding="utf-8")
    out = tmp_path / "hw1"
    (out / ".git").mkdir(parents=True)  # a clone of an empty repository
    make_handout(out)
    (out / "notes.txt").write_text("the teacher's", encoding="utf-8")
    (own / "old.md").rename(own / "new.md")
    make_handout(out)
    assert (out / "new.md").is_file()
    assert not (out / "old.md").exists()
    assert (out / "notes.txt").is_file()
    assert (out / ".git").is_dir()


@pytest.mark.slow
def test_a_file_that_was_changed_since_is_not_overwritten(tmp_path, capsys):
    make_handout(tmp_path / "hw1")
    file = tmp_path / "hw1" / "src" / "models.py"
    file.write_text("# a student's work", encoding="utf-8")
    capsys.readouterr()
    assert main(["handout", str(tmp_path / "hw1")]) == 1
    assert "Changed since the last handout: src/models.py in " in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "# a student's work"
