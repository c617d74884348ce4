"""`grader record`: a file for each exercise, and what makes it out of date."""

import pytest

from grader.assignment import checked_exercises
from grader.judging.reference import golden_file, packed, read_golden, read_recording, unpacked
from grader.staff.release import record
from grader.staff.release.outdated import MADE_FROM, file_name, hashes_of, out_of_date
from grader.staff.tests.conftest import copy_kit, run


@pytest.fixture
def copy(tmp_path):
    """A copy of the kit whose recorded answers count as up to date."""
    kit = copy_kit(tmp_path / "kit")
    for exercise in checked_exercises():
        file = kit / file_name(exercise)
        file.write_bytes(packed(unpacked(file.read_bytes()) | {MADE_FROM: hashes_of(exercise, kit)}))
    return kit


def test_what_is_recorded_is_up_to_date():
    assert out_of_date(checked_exercises()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "exercises"),
    [
        ("grader/staff/exercises/design/solution.py", {"design"}),
        (
            "grader/staff/exercises/models/mutants.toml",
            {"models", "run_model"},
        ),  # a check of run_model's asks models too
        ("tests/test_design.py", {"design"}),
        ("grader/exercises/design/chain.py", {"design"}),
        ("grader/exercises/models/questions.py", {"models", "run_model", "design", "autoencoder"}),
        ("grader/exercises/inputs.py", set(checked_exercises())),
        ("grader/staff/exercises/design/test_hidden.py", set()),
    ],
)
def test_a_change_of_what_answers_depend_on_is_noticed(copy, changed, exercises):
    assert out_of_date(checked_exercises(), copy) == []
    with (copy / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    outdated = sorted(exercises)
    expected = [f"tests/golden/{name}.bin is older than {changed}." for name in outdated]
    advice = [f"Run  grader record --only {' '.join(outdated)}"] if outdated else []
    assert out_of_date(checked_exercises(), copy) == [*expected, *advice]


def test_answers_from_before_a_change_of_a_visible_check_are_not_handed_out(copy, tmp_path):
    with (copy / "tests/test_run_model.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    process = run("-m", "grader.cli", "handout", tmp_path / "out", cwd=copy)
    assert process.returncode == 1
    assert "tests/golden/run_model.bin is older than tests/test_run_model.py" in process.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_one_exercise_is_recorded_alone_and_the_same_again(copy):
    """Recorded again, the file has the same mistakes, and is up to date."""
    (copy / "tests/golden/design.bin").unlink()
    missing = run("-m", "grader.cli", "record", "--check", "--only", "design", cwd=copy)
    assert missing.returncode == 1
    assert missing.stdout == "tests/golden/design.bin is missing.\nRun  grader record --only design\n"
    assert run("-m", "grader.cli", "record", "--only", "design", cwd=copy).returncode == 0
    again = read_recording(copy / "tests/golden/design.bin")
    assert again.mistakes.keys() == read_recording(golden_file("design")).mistakes.keys()
    checked = run("-m", "grader.cli", "record", "--check", "--only", "design", cwd=copy)
    assert checked.returncode == 0, checked.stdout
    assert "Up to date: tests/golden/design.bin." in checked.stdout


def test_an_exercise_that_is_not_there_is_not_recorded(grader):
    process = grader("record", "--only", "desing")
    assert process.returncode == 2
    assert "There is no exercise 'desing'; there are adversarial, " in process.stderr


def test_all_recorded_answers_together_have_the_mistakes_in_the_order_of_their_files():
    golden = read_golden()
    exercises = [entry["exercise"] for entry in golden.mistakes.values()]
    assert list(dict.fromkeys(exercises)) == sorted(checked_exercises())
    assert list(golden.observations) == list(read_golden(tuple(checked_exercises())).observations)


def test_recorded_answers_that_take_too_much_room_are_not_written(monkeypatch, tmp_path):
    monkeypatch.setattr(record, "GOLDEN", tmp_path)
    with pytest.raises(record.RecordError, match=r"tests/golden/ would take 4000000 bytes, and may take 3000000"):
        record.write({"design": bytes(4_000_000)})
    assert list(tmp_path.iterdir()) == []
