"""What `grader check` says of packages and Pythons that are missing when code is graded."""

import sys

import pytest

from grader.assignment import KIT
from grader.commands.check import print_files
from grader.commands.portable import GRADED_PYTHON, missing_when_graded
from grader.intake.submission import stage
from grader.staff.tests.submissions import EXERCISES, make_submission, reference_text

since_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 can't read the file at all")


def told(text):
    return missing_when_graded(text, EXERCISES)


def test_check_says_under_a_files_name_what_is_missing_when_it_is_graded(tmp_path, capsys):
    models = "import hypothesis\nfrom typing import override\n" + reference_text("models")
    print_files(stage(make_submission(tmp_path / "mine", models=models), tmp_path / "staged", EXERCISES))
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("  src/models.py: found")
    assert lines[place + 1].startswith(
        "    Line 1 imports hypothesis, which is missing when your code is graded. Use only"
    )
    assert lines[place + 2].startswith("    Line 2 uses `typing.override`, which Python 3.11 does not have.")
    assert sum(line.startswith("    ") for line in lines) == 2


def test_check_says_nothing_more_of_a_file_that_is_not_python(tmp_path, capsys):
    submission = make_submission(tmp_path / "mine", models="import hypothesis\ndef broken(:\n", run_model="import \0")
    print_files(stage(submission, tmp_path / "staged", EXERCISES))
    assert "syntax error in line 2" in (said := capsys.readouterr().out)
    assert not any(line.startswith("    ") for line in said.splitlines())


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nothing_is_said_of_the_reference(exercise):
    assert told(reference_text(exercise)) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os.path, torch.nn, sklearn.svm, yaml, PIL.Image",
        "from src.models import LeNet5\nfrom . import models\nimport data.load_data\nimport models",
        "if __name__ == '__main__':\n    import seaborn",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import seaborn",
        "try:\n    import tqdm\nexcept (ImportError, OSError):\n    tqdm = None",
        "\ufeffimport torch",
        "def f(x: int | None, *, y=f'{1:>{2}}') -> None:\n    match x:\n        case None: ...",
    ],
)
def test_nothing_is_said_of_what_is_there(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import seaborn.utils\nimport seaborn", 1),
        ("import os, seaborn as sns", 1),
        ("def plot():\n    from seaborn import heatmap", 2),
        ("if __name__ == '__main__':\n    pass\nelse:\n    import seaborn", 4),
        ("try:\n    import seaborn\nexcept ValueError:\n    pass", 2),
    ],
)
def test_a_package_that_is_not_in_requirements_txt_is_named_once(text, line):
    (sentence,) = told(text)
    assert sentence.startswith(f"Line {line} imports seaborn, which is missing when your code is graded.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import itertools\n\nitertools.batched([1], 1)", "Line 3 uses `itertools.batched`,"),
        pytest.param("x = {'a': 1}\nf'{x['a']}'", "Line 2 uses an f-string with the same quotes", marks=since_312),
        pytest.param("\ntype X = int", "Line 2: Type statement is only supported", marks=since_312),
        pytest.param("def f[T](x: T): ...", "Line 1: Type parameter lists are only", marks=since_312),
    ],
)
def test_what_only_a_newer_python_has_is_said(text, words):
    (sentence,) = told(text)
    assert sentence.startswith(words)


def test_gradescope_and_classroom_grade_with_this_python():
    release, graded = KIT / "grader" / "staff" / "release", ".".join(map(str, GRADED_PYTHON))
    assert f"PYTHON_VERSION={graded} #" in (release / "container" / "setup.sh").read_text(encoding="utf-8")
    workflow = release / "for_students" / ".github" / "workflows" / "classroom.yml"
    assert f'python-version: "{graded}"\n' in workflow.read_text(encoding="utf-8")
