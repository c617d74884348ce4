"""The students' notebook is valid, and every code cell does what its text says in a fresh handout.

Jupyter itself is not installed: the lines that only Jupyter knows are translated here.
"""

import base64
import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import pytest

from grader.assignment import STAFF
from grader.staff.release.rehearse import environment_in

NOTEBOOK = STAFF / "release" / "for_students" / "notebook.ipynb"
CODE = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
DRIVE = "/content/drive/MyDrive"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def code_with(words):
    (cell,) = [cell for cell in CODE if words in cell]
    return cell


class Jupyter:
    """Runs cells as Jupyter does, except that %pip installs nothing and nothing is drawn."""

    def __init__(self, monkeypatch, folder, in_colab=False):
        self.shown, self.installed, self.names, self.folder = [], [], {}, folder
        self.names["jupyter"] = self
        display = ModuleType("IPython.display")
        display.display = lambda *things: self.shown.extend(things)
        display.Markdown = display.HTML = lambda text: text
        display.Image = lambda filename: Path(filename).read_bytes()
        display.FileLinks = lambda place, **options: sorted(file.name for file in Path(place).glob("*.py"))
        modules = {"IPython": ModuleType("IPython"), "IPython.display": display}
        if in_colab:
            colab = ModuleType("google.colab")
            colab.drive = SimpleNamespace(mount=lambda place: self.shown.append(f"mounted {place}"))
            colab.files = SimpleNamespace(
                view=lambda file: self.shown.append(Path(file).read_text(encoding="utf-8")),
                download=lambda file: self.shown.append(f"downloaded {Path(file).name}"),
            )
            modules |= {"google": ModuleType("google"), "google.colab": colab}
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)

    def run(self, cell):
        """What a cell prints."""
        code = re.sub(r"^!(.*)$", r"jupyter.shell(f'''\1''')", cell, flags=re.MULTILINE)
        code = re.sub(r"^%pip (.*)$", r"jupyter.installed.append('''\1''')", code, flags=re.MULTILINE)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(code, "cell", "exec"), self.names)
        return said.getvalue()

    def shell(self, line):
        process = subprocess.run(
            line, shell=True, env=environment_in(Path.cwd()), capture_output=True, text=True, encoding="utf-8"
        )
        print(process.stdout + process.stderr)


@pytest.fixture
def handout(without_staff, tmp_path, monkeypatch):
    folder = tmp_path / "kit"
    shutil.copytree(without_staff, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k train_epoch_even")
    return folder


def test_the_notebook_is_valid_and_has_no_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


@pytest.mark.slow
def test_every_cell_runs_in_a_fresh_handout(handout, monkeypatch):
    jupyter = Jupyter(monkeypatch, handout)
    figure = {"file": "toy-one.png", "title": "More is more", "alt": "A line"}
    (handout / "report").mkdir()
    (handout / "report" / "toy-one.png").write_bytes(PIXEL)
    result = {"title": "A toy", "budget": "quick", "figures": {"one": figure}}
    (handout / "report" / "toy.json").write_text(json.dumps(result), encoding="utf-8")
    said = [jupyter.run(cell) for cell in CODE]
    text = "\n".join(said)
    assert f"You are in {handout}." in said[0]
    (installed,) = jupyter.installed
    assert re.match(r"install .*-r requirements\.txt", installed)
    assert jupyter.shown[0] == ["__init__.py", "models.py", "run_model.py"]
    assert jupyter.shown[1:] == ["### A toy (quick)", "More is more", PIXEL]
    assert text.count("Next: train_epoch") >= 2  # pytest, and grader check
    assert "report: 1.2" in text  # the list of experiments
    assert "to do" in said[CODE.index(code_with("NAME ="))]
    assert (handout / "report.md").is_file() and (handout / "submission.zip").is_file()
    assert "Traceback" not in text


def test_in_colab_the_folder_is_in_the_drive_and_files_open_in_colabs_editor(handout, monkeypatch):
    jupyter = Jupyter(monkeypatch, handout, in_colab=True)
    first = code_with("IN_COLAB =")
    assert DRIVE in first
    said = jupyter.run(first.replace(DRIVE, str(handout.parent)).replace('FOLDER = "assignment"', 'FOLDER = "kit"'))
    assert said == f"You are in {handout}.\n"
    jupyter.run(code_with("files.view"))
    jupyter.run(code_with("files.download"))
    opened = (handout / "src" / "models.py").read_text(encoding="utf-8")
    assert jupyter.shown == ["mounted /content/drive", opened, "downloaded submission.zip"]


def test_in_another_folder_the_first_cell_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="has no folder src: move this notebook next to src"):
        Jupyter(monkeypatch, tmp_path).run(CODE[0])
