"""What `grader check` packs, and a student's own modules in a real worker."""

import zipfile

from grader import cli
from grader.commands import check
from grader.staff.tests.submissions import changed, make_submission

HELPER = "from torch import nn\n\n\ndef convolution(n_in, n_out):\n    return nn.Conv2d(n_in, n_out, 3, padding=1)\n"
FIRST_LINE = "from torch import nn\n"


def test_a_students_own_module_is_found_when_it_is_graded(judge, tmp_path):
    text = changed("models", FIRST_LINE, f"{FIRST_LINE}from src.helpers import convolution\nfrom . import more\n")
    folder = make_submission(tmp_path / "mine", models=text)
    (folder / "src" / "helpers.py").write_text(HELPER, encoding="utf-8")
    (folder / "src" / "more.py").write_text("import src.helpers as again\n", encoding="utf-8")
    process = judge(folder, "small_vgg and not trains and not learns")
    assert process.returncode == 0, process.stdout
    assert "helpers.py was graded too: src/models.py imports it." in process.stdout


def test_an_error_in_an_own_module_is_shown_with_its_line(judge, tmp_path):
    text = changed("models", FIRST_LINE, f"{FIRST_LINE}import src.helpers\n")
    folder = make_submission(tmp_path / "mine", models=text)
    (folder / "src" / "helpers.py").write_text("ready = 1\nready / 0\n", encoding="utf-8")
    said = judge(folder, "small_vgg").stdout
    assert "src/helpers.py" in said and "line 2" in said and "ready / 0" in said


def test_check_packs_the_students_files_and_never_the_kits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(check, "run_checks", lambda *arguments: 0)
    files = {"src/Models.py": "from src import helpers", "src/helpers.py": "x = 1", "src/notes.py": ""}
    files |= {"grader/models.py": "", "grader/run_model.py": "", "tests/test_models.py": "", "README.md": ""}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert cli.main(["check", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "src/run_model.py: src/run_model.py was not handed in." in said
    assert "src/helpers.py was graded too: src/Models.py imports it." in said
    with zipfile.ZipFile(tmp_path / "submission.zip") as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {
            "src/models.py": b"from src import helpers",
            "src/helpers.py": b"x = 1",
        }
