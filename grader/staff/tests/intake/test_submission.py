"""Staging: which files of what was handed in are graded, and what is said of the rest."""

import errno
import io
import json
import os
import random
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment import KIT
from grader.intake import sources
from grader.intake.filenames import is_copy_of
from grader.intake.modules import imported_at_top, imported_modules
from grader.intake.sources import MAX_FILE, SubmissionError
from grader.intake.submission import Staged, stage
from grader.intake.time_limit import time_limit

EXERCISES = ("run_model", "models")
RUN_MODEL, MODELS = b"def run_model(): ...\n", b"class LeNet5: ...\r\n# \xc3\xa9\n"
BOTH = {"run_model.py": RUN_MODEL, "models.py": MODELS}
LAYOUTS = ["src/", "", "hw1/src/", "hw1/", "Übung 1 💡/src/", "src/src/"]
SMUGGLED = [
    "conftest.py",
    "torch.py",
    "sitecustomize.py",
    "pytest.ini",
    "src/conftest.py",
    "src/torch.py",
    "src/extra.py",
    "data/my_dataset.py",
    "tests/test_models.py",
]

Files = dict[str, bytes]
Pack = Callable[[Path, Files], Path]


def as_folder(place: Path, files: Files) -> Path:
    folder = place / "handed in"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def as_zip(place: Path, files: Files, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    return zip_of(place, [(zipfile.ZipInfo(name), content) for name, content in files.items()], compression)


def zip_of(place: Path, entries: list[tuple[zipfile.ZipInfo, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = place / "handed in.zip"
    with zipfile.ZipFile(path, "w") as file:
        for info, content in entries:
            file.writestr(info, content, compression)
    return path


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def under(prefix: str, files: Files = BOTH) -> Files:
    return {prefix + name: content for name, content in files.items()}


def staged_files(staged: Staged) -> Files:
    return {p.relative_to(staged.folder).as_posix(): p.read_bytes() for p in staged.folder.rglob("*") if p.is_file()}


def kit_files() -> Files:
    """What lies in every staged folder beside the exercises."""
    staged = {
        path.relative_to(KIT).as_posix(): path.read_bytes() for path in (KIT / "data").rglob("*") if path.is_file()
    }
    return {name: staged[name] for name in staged if "__pycache__" not in name and "downloads" not in name}


@pytest.fixture(params=[as_folder, as_zip], ids=["folder", "zip"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return request.param


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "staged"


# Layouts


@pytest.mark.parametrize("prefix", LAYOUTS)
def test_the_files_are_found_in_every_usual_place(tmp_path, into, pack, prefix):
    staged = stage(pack(tmp_path, under(prefix)), into, EXERCISES)
    assert staged.found == {"run_model": f"{prefix}run_model.py", "models": f"{prefix}models.py"}
    assert (staged.problems, staged.ignored) == ({}, [])
    expected = {"src/run_model.py": RUN_MODEL, "src/models.py": MODELS, "src/__init__.py": b""}
    assert staged_files(staged) == expected | kit_files()


def test_each_exercise_is_looked_for_on_its_own(tmp_path, into, pack):
    staged = stage(pack(tmp_path, {"run_model.py": RUN_MODEL, "hw/src/models.py": MODELS}), into, EXERCISES)
    assert staged.found == {"run_model": "run_model.py", "models": "hw/src/models.py"}


@pytest.mark.parametrize(
    "better, worse", [("src/", ""), ("hw/src/", ""), ("hw/src/", "other/"), ("src/", "old/src/"), ("", "tests/")]
)
def test_the_better_of_two_places_is_taken_and_the_other_is_listed(tmp_path, into, pack, better, worse):
    files = {f"{better}run_model.py": RUN_MODEL, f"{worse}run_model.py": b"an old copy", "src/models.py": MODELS}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.text("run_model").encode() == RUN_MODEL
    assert staged.ignored == [f"{worse}run_model.py"]


def test_the_same_file_in_two_equal_places_is_a_problem_and_neither_is_taken(tmp_path, into, pack):
    files = {"a/src/run_model.py": RUN_MODEL, "b/src/run_model.py": RUN_MODEL, "a/src/models.py": MODELS}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    sentence = "There is more than one run_model.py (a/src/run_model.py and b/src/run_model.py): keep one."
    assert staged.problems == {"run_model": sentence}
    assert "src/run_model.py" not in staged_files(staged)
    assert staged.found == {"models": "a/src/models.py"}


def test_a_crowd_of_candidates_is_not_listed_in_full(tmp_path, into):
    files = {f"{number}/run_model.py": RUN_MODEL for number in range(500)} | {"models.py": MODELS}
    staged = stage(as_zip(tmp_path, files), into, EXERCISES)
    assert len(staged.problems["run_model"]) < 200


def test_files_two_folders_down_are_taken_with_a_note(tmp_path, into, pack):
    staged = stage(pack(tmp_path, under("mine/hw1/src/")), into, EXERCISES)
    assert staged.problems == {}
    assert staged.notes["models"] == "mine/hw1/src/models.py was graded as src/models.py: move it there."


def test_a_file_that_is_too_deep_is_not_taken_but_named(tmp_path, into):
    with pytest.raises(SubmissionError, match=r"all/mine/hw1/src/models\.py is in too many folders"):
        stage(as_zip(tmp_path, under("all/mine/hw1/src/")), into, EXERCISES)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Run_Model.py",
        "RUN_MODEL.PY",
        "run_model (1).py",
        "run_model(12).py",
        "run_model (1) (1).py",
        "run_model - Copy.py",
        "run_model - Copy (2).py",
        "Copy of run_model.py",
        "run_model copy 2.py",
        "run_model 2.py",
        "run_model-1.py",
        "run_model - Kopie.py",
        "Copia de run_model.py",
        "run_model.py.txt",
        "run_model.py.py",
        "run-model.py",
        "run model.py",
        "RunModel.py",
        "run_model .py",
        "run_model (copy).py",
        "run_model (copy 2).py",
        "run_model (another copy).py",
        "run_model (3rd copy).py",
        "run_model (Kopie).py",
        "run_model (weitere Kopie).py",
        "run_model_copy.py",
        "run_model_copy_2.py",
        "run_model-copy.py",
        "run_model - Co\u0301pia.py",
        "run_model — копия.py",
        "run_model - コピー.py",
        "Copy_of_run_model.py",
        "Copy (2) of run_model.py",
        "Kopie van run_model.py",
        "Copie - run_model.py",
    ],
)
def test_a_copys_name_is_taken_with_a_note(tmp_path, into, pack, name):
    staged = stage(pack(tmp_path, {f"src/{name}": RUN_MODEL, "src/models.py": MODELS}), into, EXERCISES)
    assert staged.text("run_model").encode() == RUN_MODEL
    assert staged.notes == {"run_model": f"src/{name} was graded as src/run_model.py: rename it."}
    assert (staged.problems, staged.ignored) == ({}, [])


@pytest.mark.parametrize(
    "name",
    [
        "my_run_model.py",
        "run_model",
        "run_model2.py",
        "run_model.pyc",
        "run_models.py",
        "run_model_final_version.py",
        "doejane_12345_678901_run_model.py",
    ],
)
def test_a_file_of_almost_the_right_name_is_not_taken(tmp_path, into, pack, name):
    staged = stage(pack(tmp_path, {f"src/{name}": RUN_MODEL, "src/models.py": MODELS}), into, EXERCISES)
    assert staged.found.keys() == {"models"}
    assert name in staged.problems["run_model"]


def test_a_file_in_src_wins_over_a_better_spelt_one_elsewhere(tmp_path, into, pack):
    files = under("hw/src/", {"Models.py": MODELS}) | {"hw/models.py": b"an old one", "hw/src/run_model.py": RUN_MODEL}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.text("models").encode() == MODELS
    assert staged.notes == {"models": "hw/src/Models.py was graded as src/models.py: rename it."}
    assert staged.ignored == ["hw/models.py"]


@pytest.mark.parametrize("prefix", ["", "kit/"])
@pytest.mark.parametrize(
    "name",
    ["grader/models.py", "grader/probes/models.py", "tests/models.py", "data/models.py", "src/experiments/models.py"],
)
def test_what_belongs_to_the_kit_is_never_taken(tmp_path, into, pack, prefix, name):
    files = under(
        prefix, {name: MODELS, "src/run_model.py": RUN_MODEL, "tests/test_models.py": b"", "notebook.ipynb": b""}
    )
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.problems == {"models": "src/models.py was not handed in."}
    assert "src/models.py" not in staged_files(staged)


def test_a_students_folder_that_has_a_name_of_the_kits_is_looked_into(tmp_path, into, pack):
    staged = stage(pack(tmp_path, under("data/src/")), into, EXERCISES)
    assert staged.problems == {}


# Notebooks and own modules


def notebook(*cells: str) -> bytes:
    parts = [{"cell_type": "markdown", "metadata": {}, "source": ["# Mine"]}]
    parts += [
        {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None} for text in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": parts}).encode()


@pytest.mark.parametrize("name", ["src/models.ipynb", "Models (1).ipynb", "hw1.ipynb"])
def test_a_notebook_is_taken_as_its_code_with_a_note(tmp_path, into, pack, name):
    cells = notebook(
        "%matplotlib inline\n!ls\nimport torch", "%%bash\nrm -rf", "def f():\n    %time x = 1\n    return 1"
    )
    staged = stage(pack(tmp_path, {name: cells, "src/run_model.py": RUN_MODEL}), into, EXERCISES)
    assert staged.text("models") == (
        "# %matplotlib inline\n# !ls\nimport torch\n\ndef f():\n    # %time x = 1\n    return 1\n"
    )
    assert staged.notes["models"].startswith(f"{name} is a notebook: the code in its cells was graded")
    assert staged.ignored == []


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 200_000, b"\xff", notebook("x = 1"), notebook()])
def test_a_notebook_without_code_is_not_taken(tmp_path, into, pack, content):
    staged = stage(pack(tmp_path, {"models.ipynb": content, "src/run_model.py": RUN_MODEL}), into, EXERCISES)
    assert "models.ipynb is a notebook: export it as models.py" in staged.problems["models"]


@pytest.mark.parametrize(
    "lines", ["\n" * 400_000, " " * 400_000 + "\n", "%" + "x" * 400_000 + "\n"], ids=["lines", "spaces", "%"]
)
def test_a_notebook_of_one_character_is_read_at_once(tmp_path, into, pack, lines):
    staged = stage(pack(tmp_path, {"models.ipynb": notebook(lines + "def f(): pass")}), into, EXERCISES)
    assert "def f()" in staged.text("models")


@pytest.mark.parametrize(
    ("error", "raised"),
    [(RuntimeError("odd"), SubmissionError), (OSError(errno.ENOSPC, "full"), OSError), (MemoryError(), MemoryError)],
    ids=["odd", "full disk", "no memory"],
)
def test_what_goes_wrong_is_the_submissions_fault_unless_it_is_this_machines(
    tmp_path, into, monkeypatch, error, raised
):
    def fails(*arguments):
        raise error

    monkeypatch.setattr("grader.intake.submission.stage_exercise", fails)
    with pytest.raises(raised):
        stage(as_folder(tmp_path, BOTH), into, EXERCISES)


def test_what_takes_long_to_read_is_refused():
    sentence = r"mine.zip takes too long to read \(over 0.1 s\): hand in smaller files"
    with pytest.raises(SubmissionError, match=sentence), time_limit("mine.zip", 0.1):
        while True:
            pass


def test_a_file_wins_over_a_notebook(tmp_path, into, pack):
    staged = stage(pack(tmp_path, under("src/") | {"models.ipynb": notebook("def f(): pass")}), into, EXERCISES)
    assert staged.text("models").encode() == MODELS


@pytest.mark.parametrize("module", ["__main__", "__mp_main__", "cython_runtime"])
def test_an_own_module_may_have_the_name_of_one_that_only_python_has(tmp_path, into, pack, module):
    files = {"run_model.py": f"import {module}\n".encode(), f"{module}.py": b"x = 1"}
    assert "run_model" in stage(pack(tmp_path, under("src/", files)), into, EXERCISES).found


@pytest.mark.parametrize("module", ["a" * 300, "é" * 130])
def test_a_module_whose_name_no_file_can_have_is_left_out(tmp_path, into, module):
    files = {"run_model.py": f"from src import {module}\n".encode(), f"{module}.py": b"x = 1"}
    staged = stage(as_zip(tmp_path, under("src/", files)), into, EXERCISES)
    assert "run_model" in staged.found and not staged.modules


@pytest.mark.parametrize(
    "line",
    [
        "from src.helpers import f",
        "from src import helpers",
        "from src import (\n    other,\n    helpers as h,\n)",
        "from .helpers import f",
        "from . import helpers",
        "import src.helpers",
        "import torch, src.helpers as h",
        "def f():\n    from src.helpers import f",
    ],
)
def test_own_modules_that_are_imported_are_staged_and_listed(tmp_path, into, pack, line):
    files = {"run_model.py": line.encode(), "helpers.py": b"from src import deeper", "deeper.py": b"", "unused.py": b""}
    staged = stage(pack(tmp_path, under("hw/src/", files)), into, EXERCISES)
    assert staged.modules == {"helpers": "hw/src/helpers.py", "deeper": "hw/src/deeper.py"}
    assert staged_files(staged).keys() - kit_files() == {
        f"src/{name}.py" for name in ("__init__", "run_model", "helpers", "deeper")
    }
    assert "hw/src/helpers.py was graded too: hw/src/run_model.py imports it." in staged.told()
    assert staged.ignored == ["hw/src/unused.py"]
    assert staged.line("src/helpers.py", 1) == "from src import deeper"


@pytest.mark.parametrize(
    "line",
    ["import torch", "from torch import nn", "from src.torch.nn import f as helpers", "# from src import helpers"],
)
def test_a_module_that_only_has_a_packages_name_is_not_staged(tmp_path, into, pack, line):
    files = {"src/run_model.py": line.encode(), "src/helpers.py": b"", "torch.py": b"", "src/conftest.py": b""}
    assert stage(pack(tmp_path, files), into, EXERCISES).modules == {}


def test_a_module_that_is_imported_without_src_is_explained(tmp_path, into, pack):
    files = {
        "src/run_model.py": b"import os, torch, helpers\n",
        "src/helpers.py": b"",
        "src/torch.py": b"",
        "src/os.py": b"",
    }
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    advice = "write  from src import helpers  or  from src.helpers import ..."
    assert staged.about_modules == [f"src/run_model.py imports helpers without src: {advice}."]


def test_modules_are_limited_in_number_and_size(tmp_path, into, pack, monkeypatch):
    names = [f"m{number:02}" for number in range(25)]
    lines = "".join(f"import src.{name}\n" for name in names).encode()
    files = {"src/run_model.py": lines} | {f"src/{name}.py": b"" for name in names} | {"src/m00.py": bytes(MAX_FILE)}
    staged = stage(pack(tmp_path, files | {"src/m01.py": b"#"}), into, EXERCISES)
    assert list(staged.modules) == ["m00", *names[2:21]]
    assert any(text.startswith("src/m01.py was left out: a submission may have 20 modules") for text in staged.told())
    assert any(text.startswith("src/m24.py was left out") for text in staged.told())


def test_an_exercise_that_can_not_be_graded_is_no_module(tmp_path, into, pack):
    files = {"a/src/models.py": MODELS, "b/src/models.py": MODELS, "a/src/run_model.py": b"from src import models"}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert (staged.modules, staged.problems.keys()) == ({}, {"models"})


def test_a_text_made_to_be_slow_to_search_for_imports_is_not():
    started = time.process_time()  # whatever else the machine does meanwhile
    for text in ("from . import (" * 70_000, "from . import (\n" * 60_000, "import " + "a." * 500_000):
        imported_modules(text)
        imported_at_top(text)
    assert time.process_time() - started < 5


def test_two_copies_are_a_problem_and_neither_is_taken(tmp_path, into, pack):
    files = {"src/Models.py": MODELS, "src/models (1).py": MODELS, "src/run_model.py": RUN_MODEL}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert "src/Models.py and src/models (1).py" in staged.problems["models"]
    assert staged.found.keys() == {"run_model"}


def test_of_the_file_and_its_copy_the_file_is_taken_with_a_note_on_both(tmp_path, into, pack):
    files = under("src/") | {"src/models (1).py": b"x = 1"}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.text("models").encode() == MODELS
    assert staged.notes["models"].startswith("src/models.py was graded, and src/models (1).py was not")


@pytest.mark.parametrize(
    "name, words",
    [
        ("hw1.ipynb", "hw1.ipynb is a notebook: export it as models.py"),
        ("src/models.pdf", "src/models.pdf is not a Python file"),
        ("src/modles.py", "Did you mean src/modles.py?  Rename it to models.py."),
        ("hw1.zip", "hw1.zip is an archive"),
        (
            "src/models/__init__.py",
            "src/models is a folder, and one file is expected: put its code into src/models.py.",
        ),
    ],
)
def test_what_was_handed_in_in_place_of_a_file_is_named(tmp_path, into, pack, name, words):
    staged = stage(pack(tmp_path, {name: b"", "src/run_model.py": RUN_MODEL}), into, EXERCISES)
    assert staged.problems["models"].startswith(f"src/models.py was not handed in.  {words}")


def test_the_package_of_grader_check_is_no_advice_on_a_missing_file(tmp_path, into):
    files = {"submission.zip": b"PK", "src/run_model.py": RUN_MODEL}
    assert stage(as_folder(tmp_path, files), into, EXERCISES).problems == {"models": "src/models.py was not handed in."}


def test_the_package_alone_is_to_be_unpacked(tmp_path, into):
    with pytest.raises(SubmissionError, match=r"submission\.zip is an archive: unpack it"):
        stage(as_folder(tmp_path, {"submission.zip": b"PK"}), into, EXERCISES)


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_a_problem(tmp_path, into, pack, content):
    staged = stage(pack(tmp_path, BOTH | {"models.py": content}), into, EXERCISES)
    assert staged.problems == {"models": "models.py is empty: was it saved?"}


def test_what_is_told_names_problems_first_then_notes_then_what_is_ignored(tmp_path, into):
    files = {"src/Models.py": MODELS, "notes.txt": b"", "words.txt": b""}
    told = stage(as_zip(tmp_path, files), into, EXERCISES).told(most=1)
    assert [sentence.split(" ")[0] for sentence in told] == ["src/run_model.py", "src/Models.py", "Ignored:"]
    assert told[-1] == "Ignored: notes.txt and 1 more."


def test_ignored_files_that_are_not_named_are_counted(tmp_path, into, pack):
    names = [f"picture_{number:02}.png" for number in range(51)]
    staged = stage(pack(tmp_path, under("src/") | dict.fromkeys(names, b"")), into, EXERCISES)
    assert staged.told()[-1] == f"Ignored: {', '.join(names[:20])} and 31 more."
    assert staged.told(most=51)[-1] == f"Ignored: {', '.join(names)}."


def test_a_missing_file_is_a_problem_and_the_other_is_staged(tmp_path, into, pack):
    staged = stage(pack(tmp_path, {"src/models.py": MODELS}), into, EXERCISES)
    assert staged.problems == {"run_model": "src/run_model.py was not handed in."}
    assert staged.found == {"models": "src/models.py"}


def test_a_folder_of_the_files_name_is_not_the_file(tmp_path, into, pack):
    files = {"src/run_model.py/notes.txt": b"", "src/models.py": MODELS}
    assert stage(pack(tmp_path, files), into, EXERCISES).problems.keys() == {"run_model"}


def test_an_entry_for_a_folder_of_the_files_name_is_not_the_file(tmp_path, into):
    entries = [(entry("src/run_model.py/"), b""), (entry("src/models.py"), MODELS)]
    assert stage(zip_of(tmp_path, entries), into, EXERCISES).problems.keys() == {"run_model"}


def test_a_zip_made_on_a_mac_is_taken_without_what_the_mac_adds(tmp_path, into):
    added = {"__MACOSX/hw/src/._run_model.py": b"\0\5", "__MACOSX/src/run_model.py": b"\0\5", "hw/.DS_Store": b"\0"}
    staged = stage(as_zip(tmp_path, added | under("hw/src/") | {"hw/src/._models.py": b"\0"}), into, EXERCISES)
    assert staged.text("run_model").encode() == RUN_MODEL
    assert (staged.problems, staged.ignored) == ({}, [])


@pytest.mark.parametrize("prefix", ["src\\", "hw1\\src\\", "hw1\\"])
def test_a_zip_made_on_windows_may_have_backslashes_in_its_names(tmp_path, into, prefix):
    entries = [(entry(prefix), b"")] + [(entry(name), content) for name, content in under(prefix).items()]
    staged = stage(zip_of(tmp_path, entries), into, EXERCISES)
    assert staged.found == {"run_model": f"{prefix}run_model.py".replace("\\", "/"), "models": staged.found["models"]}
    assert (staged.problems, staged.ignored) == ({}, [])


def test_names_that_begin_with_a_dot_and_a_slash_are_what_they_mean(tmp_path, into):
    assert stage(as_zip(tmp_path, under("./src/")), into, EXERCISES).problems == {}


# What plays no part


@pytest.mark.parametrize("prefix", ["", "hw1/"])
def test_whatever_else_was_handed_in_is_never_staged_and_is_listed(tmp_path, into, pack, prefix):
    files = under(prefix + "src/") | {prefix + name: b"raise SystemExit" for name in SMUGGLED}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.ignored == sorted(prefix + name for name in SMUGGLED)
    assert staged_files(staged).keys() == {"src/__init__.py", "src/run_model.py", "src/models.py", *kit_files()}
    assert b"raise SystemExit" not in staged_files(staged).values()


def test_the_kits_own_data_is_staged_in_place_of_what_was_handed_in(tmp_path, into, pack):
    staged = stage(
        pack(tmp_path, under("src/") | {"data/load_data.py": b"", "data/__init__.py": b"1/0"}), into, EXERCISES
    )
    assert staged_files(staged).items() >= kit_files().items()


def test_an_init_file_is_never_staged(tmp_path, into, pack):
    staged = stage(pack(tmp_path, under("src/") | {"src/__init__.py": b"1/0"}), into, EXERCISES)
    assert staged_files(staged)["src/__init__.py"] == b""


def test_the_report_and_what_systems_leave_behind_need_no_word(tmp_path, into, pack):
    others = [
        "report.md",
        "report/mnist-sizes.json",
        "Report.pdf",
        "README.md",
        "src/__pycache__/models.pyc",
        "Thumbs.db",
        ".DS_Store",
        ".git/config",
    ]
    staged = stage(pack(tmp_path, under("src/") | dict.fromkeys(others, b"")), into, EXERCISES)
    assert staged.ignored == []


def test_nothing_of_the_kits_own_folder_is_listed_as_ignored(into):
    assert stage(KIT, into, EXERCISES).ignored == []


@pytest.mark.parametrize("prefix", ["", "kit/"])
def test_nothing_of_a_kit_that_was_handed_in_whole_is_listed_but_the_students_other_files_are(
    tmp_path, into, pack, prefix
):
    kit = dict.fromkeys(
        ["grader/cli.py", "grader/judging/run.py", "tests/test_models.py", "data/x.py", "setup.py"], b""
    )
    own = {"src/notes.py": b"", "old/models.py": b"", "drawing.png": b""}
    files = {prefix + name: content for name, content in (under("src/") | kit | own).items()}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.ignored == sorted(prefix + name for name in own)


def test_a_folder_with_thousands_of_images_does_not_hide_the_files(tmp_path, into, pack, monkeypatch):
    monkeypatch.setattr(sources, "MAX_ENTRIES", 20)
    images = {f"data/dogs/{number}.jpg": b"" for number in range(30)}
    staged = stage(pack(tmp_path, images | under("src/")), into, EXERCISES)
    assert staged.problems == {}
    assert len(staged.ignored) == 20


def test_thousands_of_python_files_do_not_hide_those_in_src(tmp_path, into, pack, monkeypatch):
    monkeypatch.setattr(sources, "MOST_PYTHON", 20)
    others = {f"code/{number}.py": b"" for number in range(30)}
    assert stage(pack(tmp_path, others | under("src/")), into, EXERCISES).problems == {}


# What can't be graded


def test_a_source_without_any_exercise_says_what_to_hand_in(tmp_path, into, pack):
    with pytest.raises(SubmissionError, match=r"holds no src/run_model\.py or src/models\.py: hand in the src folder"):
        stage(pack(tmp_path, {"report.md": b"", "src/notes.txt": b""}), into, EXERCISES)


def test_an_empty_folder_and_an_empty_zip_are_refused(tmp_path, into, pack):
    with pytest.raises(SubmissionError, match="holds no"):
        stage(pack(tmp_path, {}), into, EXERCISES)


def test_where_no_file_can_be_used_the_reason_is_told(tmp_path, into, pack):
    with pytest.raises(SubmissionError, match=r"There is more than one models\.py"):
        stage(pack(tmp_path, {"a/models.py": b"", "b/models.py": b""}), into, EXERCISES)


def test_a_source_that_is_not_there_is_refused(tmp_path, into):
    with pytest.raises(SubmissionError, match="neither a folder nor a file"):
        stage(tmp_path / "nothing", into, EXERCISES)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"def run_model(): ...", b"PK\5\6" + bytes(17), b"\x1f\x8b" + bytes(100)]
)
def test_a_file_that_is_no_zip_is_refused(tmp_path, into, content):
    path = tmp_path / "handed in.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match="is not a readable zip"):
        stage(path, into, EXERCISES)


def test_a_damaged_zip_is_refused_or_staged_without_what_is_damaged(tmp_path):
    rng = random.Random(0)
    whole = as_zip(tmp_path, under("src/") | {"é.txt": b"x" * 500}).read_bytes()
    damaged = tmp_path / "damaged.zip"
    for trial in range(150):
        content = bytearray(whole[: rng.randrange(len(whole))] if trial % 3 == 0 else whole)
        for _ in range(rng.randrange(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        damaged.write_bytes(content)
        read_or_refuse(damaged, tmp_path / str(trial))


def test_a_zip_with_any_header_field_changed_is_refused_or_staged(tmp_path):
    whole = as_zip(tmp_path, {"src/models.py": MODELS}).read_bytes()
    directory = whole.index(b"PK\1\2")
    damaged = tmp_path / "damaged.zip"
    for place in [*range(4, 30, 2), *range(directory + 4, directory + 46, 2), *range(len(whole) - 18, len(whole), 2)]:
        damaged.write_bytes(whole[:place] + b"\xff\xff" + whole[place + 2 :])
        read_or_refuse(damaged, tmp_path / str(place))


def read_or_refuse(path: Path, into: Path) -> None:
    try:
        staged = stage(path, into, EXERCISES)
    except SubmissionError as error:
        assert str(error)
        return
    for exercise, content in (("run_model", RUN_MODEL), ("models", MODELS)):
        assert exercise in staged.problems or staged.text(exercise).encode() == content


@pytest.mark.parametrize(
    "content, what",
    [
        (b"Rar!\x1a\7", "it is a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive"),
        (b"\x1f\x8b\x08" + bytes(20), "it is a gzip archive"),
        (b"%PDF-1.7", "it is a PDF document"),
        (b"", "it is empty"),
        (bytes(257) + b"ustar", "it is a tar archive"),
    ],
)
def test_a_file_that_is_something_else_is_called_that(tmp_path, into, content, what):
    path = tmp_path / "handed in.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=f"^handed in.zip is not a readable zip \\({what}"):
        stage(path, into, EXERCISES)


# Files that can't be used


def test_a_file_of_exactly_the_largest_size_is_taken_and_one_byte_more_is_not(tmp_path, into, pack):
    files = {"run_model.py": b"#" * MAX_FILE, "models.py": b"#" * (MAX_FILE + 1)}
    staged = stage(pack(tmp_path, files), into, EXERCISES)
    assert staged.found == {"run_model": "run_model.py"}
    assert f"at most {MAX_FILE} bytes" in staged.problems["models"]
    assert "src/models.py" not in staged_files(staged)


def test_a_link_is_not_followed(tmp_path, into):
    (tmp_path / "secret.py").write_text("secret = 1")
    folder = as_folder(tmp_path, {"src/models.py": MODELS})
    (folder / "src" / "run_model.py").symlink_to(tmp_path / "secret.py")
    staged = stage(folder, into, EXERCISES)
    assert "regular file" in staged.problems["run_model"]
    assert "src/run_model.py" not in staged_files(staged)


def test_a_linked_folder_is_not_followed(tmp_path, into):
    elsewhere = as_folder(tmp_path, BOTH)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "src").symlink_to(elsewhere)
    with pytest.raises(SubmissionError):
        stage(tmp_path / "other", into, EXERCISES)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_zips_entry_that_is_no_regular_file_is_not_taken(tmp_path, into, kind):
    entries = [(entry("src/run_model.py", kind | 0o777), b"/etc/passwd"), (entry("src/models.py", 0o100644), MODELS)]
    staged = stage(zip_of(tmp_path, entries), into, EXERCISES)
    assert "regular file" in staged.problems["run_model"]
    assert staged.found == {"models": "src/models.py"}


def test_a_pipe_in_the_files_place_is_not_waited_for(tmp_path, into):
    folder = as_folder(tmp_path, {"src/models.py": MODELS})
    os.mkfifo(folder / "src" / "run_model.py")
    assert "regular file" in stage(folder, into, EXERCISES).problems["run_model"]


def test_a_file_that_can_not_be_read_is_a_problem(tmp_path, into, monkeypatch):
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    folder = as_folder(tmp_path, {"src/run_model.py": RUN_MODEL})
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (refuse if path.is_relative_to(folder) else read_bytes)(path))
    with pytest.raises(SubmissionError, match=r"src/run_model\.py can't be read"):
        stage(folder, into, EXERCISES)


def patched(path: Path, offset: int, layout: str, value: int) -> Path:
    """The zip with a field changed in its first entry's record in the directory."""
    content = bytearray(path.read_bytes())
    struct.pack_into(layout, content, content.index(b"PK\1\2") + offset, value)
    path.write_bytes(content)
    return path


UNPACKED_SIZE, FLAGS, METHOD, VERSION = 24, 8, 10, 6


@pytest.mark.parametrize("declared", [10, MAX_FILE, MAX_FILE + 1, 2**32 - 2])
def test_a_bomb_is_not_taken_whatever_size_it_declares(tmp_path, into, declared):
    bomb = as_zip(tmp_path, {"src/run_model.py": bytes(64 * MAX_FILE), "src/models.py": MODELS})
    staged = stage(patched(bomb, UNPACKED_SIZE, "<I", declared), into, EXERCISES)
    assert staged.problems.keys() == {"run_model"}
    assert staged.found == {"models": "src/models.py"}


def test_a_small_file_that_declares_a_huge_size_is_not_taken(tmp_path, into):
    path = patched(as_zip(tmp_path, under("src/")), UNPACKED_SIZE, "<I", 2**31)
    assert stage(path, into, EXERCISES).problems.keys() == {"run_model"}


def test_an_encrypted_entry_is_a_problem(tmp_path, into):
    staged = stage(patched(as_zip(tmp_path, under("src/")), FLAGS, "<H", 1), into, EXERCISES)
    assert "encrypted" in staged.problems["run_model"]
    assert staged.found == {"models": "src/models.py"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93, 99])
def test_an_entry_packed_in_an_unusual_way_is_a_problem(tmp_path, into, method):
    staged = stage(patched(as_zip(tmp_path, under("src/")), METHOD, "<H", method), into, EXERCISES)
    assert staged.problems.keys() == {"run_model"}


def test_an_entry_packed_with_lzma_is_not_unpacked(tmp_path, into):
    path = as_zip(tmp_path, under("src/"), zipfile.ZIP_LZMA)
    with pytest.raises(SubmissionError, match="can't be read"):
        stage(path, into, EXERCISES)


def test_stored_entries_are_taken(tmp_path, into):
    assert stage(as_zip(tmp_path, under("src/"), zipfile.ZIP_STORED), into, EXERCISES).problems == {}


def test_a_zip_for_a_newer_version_of_zip_is_refused(tmp_path, into):
    with pytest.raises(SubmissionError, match="not a readable zip"):
        stage(patched(as_zip(tmp_path, under("src/")), VERSION, "<H", 99), into, EXERCISES)


def test_damaged_content_is_a_problem(tmp_path, into):
    path = as_zip(tmp_path, under("src/", {"run_model.py": bytes(range(256)) * 20, "models.py": MODELS}))
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    path.write_bytes(content)
    staged = stage(path, into, EXERCISES)
    assert "damaged" in staged.problems["run_model"]
    assert staged.found == {"models": "src/models.py"}


@pytest.mark.parametrize(
    "name",
    [
        "../run_model.py",
        "src/../../run_model.py",
        "/run_model.py",
        "/src/run_model.py",
        "..\\run_model.py",
        "\\run_model.py",
    ],
)
def test_names_that_lead_out_of_the_zip_are_not_taken(tmp_path, into, name):
    staged = stage(as_zip(tmp_path, {name: RUN_MODEL, "src/models.py": MODELS}), into, EXERCISES)
    assert staged.problems == {"run_model": "src/run_model.py was not handed in."}
    assert {path.name for path in tmp_path.iterdir()} == {"handed in.zip", "staged"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [["src/run_model.py"] * 2, ["src/run_model.py", "src\\run_model.py"]])
def test_a_name_that_occurs_twice_in_a_zip_is_a_problem(tmp_path, into, names):
    entries = [(entry(names[0]), RUN_MODEL), (entry(names[1]), b"another"), (entry("src/models.py"), MODELS)]
    staged = stage(zip_of(tmp_path, entries), into, EXERCISES)
    assert "more than one run_model.py" in staged.problems["run_model"]
    assert "src/run_model.py" not in staged_files(staged)


def test_a_zip_behind_other_bytes_is_taken(tmp_path, into):
    path = as_zip(tmp_path, under("src/"))
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert stage(path, into, EXERCISES).problems == {}


# The digest


def test_the_digest_is_the_same_however_the_files_are_packed(tmp_path):
    digests = set()
    for number, prefix in enumerate(LAYOUTS):
        for pack in (as_folder, as_zip):
            place = tmp_path / f"{number} {pack.__name__}"
            place.mkdir()
            files = under(prefix) | {"report.md": bytes(number)}
            files = files if number % 2 else dict(reversed(files.items()))
            digests.add(stage(pack(place, files), place / "staged", EXERCISES).digest())
    assert len(digests) == 1


def test_the_digest_differs_where_any_file_does(tmp_path):
    variants: list[Files] = [
        BOTH,
        {"run_model.py": MODELS, "models.py": RUN_MODEL},
        BOTH | {"models.py": MODELS + b" "},
        BOTH | {"models.py": MODELS.replace(b"\r\n", b"\n")},
        BOTH | {"models.py": b""},
        {"run_model.py": RUN_MODEL},
        {"models.py": MODELS},
        {"run_model.py": RUN_MODEL + MODELS, "models.py": b""},
        {"run_model.py": b"", "models.py": RUN_MODEL + MODELS},
    ]
    digests = []
    for number, files in enumerate(variants):
        place = tmp_path / str(number)
        place.mkdir()
        digests.append(stage(as_folder(place, files), place / "staged", EXERCISES).digest())
    assert len(set(digests)) == len(variants)


# Reading what was staged


def staged_text(tmp_path: Path, content: bytes) -> Staged:
    return stage(as_folder(tmp_path, {"models.py": content}), tmp_path / "staged", EXERCISES)


def test_a_staged_files_lines_are_counted_as_python_counts_them(tmp_path):
    staged = staged_text(tmp_path, "first\r\nse\x0ccond\u2028still\rthird\nlast".encode())
    lines = [staged.line("src/models.py", number) for number in range(6)]
    assert lines == ["", "first", "se\x0ccond\u2028still", "third", "last", ""]


def test_the_text_of_a_file_that_is_no_utf8_can_be_shown(tmp_path):
    staged = staged_text(tmp_path, b"\xff\0caf\xe9\n")
    assert staged.text("models") == "\ufffd\0caf\ufffd\n"
    assert staged.text("run_model") == ""


@pytest.mark.parametrize(
    "file",
    [
        "../secret.py",
        "/etc/passwd",
        "src/../../secret.py",
        "src/run_model.py",
        "src",
        "",
        "\0",
        "\ud800",
        "src/__init__.py",
    ],
)
def test_lines_are_read_from_staged_exercises_only(tmp_path, file):
    (tmp_path / "secret.py").write_text("secret = 1")
    assert staged_text(tmp_path, MODELS).line(file, 1) == ""


def test_a_zip_needs_no_file_beside_it(tmp_path, into):
    """Staging leaves nothing but the staged folder behind."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("models.py", MODELS)
    (tmp_path / "submission").write_bytes(packed.getvalue())
    stage(tmp_path / "submission", into, EXERCISES)
    assert {path.name for path in tmp_path.iterdir()} == {"submission", "staged"}


def test_a_name_made_to_be_slow_to_read_is_not():
    started = time.process_time()  # whatever else the machine does meanwhile
    assert not is_copy_of("a" + " copy 1" * 5000 + "x.py", "run_model")
    assert not is_copy_of("run_model" + " " * 90 + "x.py", "run_model")
    assert time.process_time() - started < 1
