"""`grader solution`: the reference as a submission, written only where nothing is lost."""

from grader.assignment import checked_exercises
from grader.cli import main
from grader.judging.reference import read_solution


def test_it_writes_the_reference_of_every_exercise(tmp_path, capsys):
    assert main(["solution", str(tmp_path / "new" / "solution")]) == 0
    written = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "new/solution/src").iterdir()}
    assert written == {exercise: read_solution(exercise) for exercise in checked_exercises()}
    assert "Keep it private" in capsys.readouterr().out


def test_it_overwrites_nothing(tmp_path, capsys):
    mine = tmp_path / "src" / "models.py"
    mine.parent.mkdir()
    mine.write_text("# mine", encoding="utf-8")
    assert main(["solution", str(tmp_path)]) == 2
    assert f"{mine.parent} is not empty: name another folder" in capsys.readouterr().err
    assert [(path.name, path.read_text(encoding="utf-8")) for path in mine.parent.iterdir()] == [
        ("models.py", "# mine")
    ]


def test_a_file_in_place_of_the_folder_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert main(["solution", str(tmp_path / "file")]) == 2
    assert "can't be written" in capsys.readouterr().err
