"""The generated files, stubs with their markers and the report's template, are up to date."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from grader.staff.release.report import ReportError
from grader.staff.release.stubs import (
    REPO_ROOT,
    StubsError,
    stale_files,
    stub_text,
    write_files,
    write_or_check,
)
from grader.staff.tests.submissions import EXERCISES

SOLUTION = dedent(
    '''\
    """An exercise."""

    import torch


    def double(x: float) -> float:
        """Twice x; the class of all def doubles."""
        # BEGIN SOLUTION
        return helper(x, 2)
        # END SOLUTION


    # BEGIN SOLUTION
    def helper(x: float, factor: float) -> float:
        return factor * x


    # END SOLUTION


    class Scale:
        def __init__(self) -> None:
            super().__init__()
            # BEGIN SOLUTION
            self.factor = 2
            # END SOLUTION

        async def apply(self, x: float) -> float:
            if x:
                # BEGIN SOLUTION
                x = self.factor * x
                # END SOLUTION
            return x
    '''
)
STUB = dedent(
    '''\
    """An exercise."""

    import torch


    def double(x: float) -> float:
        """Twice x; the class of all def doubles."""
        raise NotImplementedError("to do: double")


    class Scale:
        def __init__(self) -> None:
            super().__init__()
            raise NotImplementedError("to do: Scale.__init__")

        async def apply(self, x: float) -> float:
            if x:
                raise NotImplementedError("to do: Scale.apply")
            return x
    '''
)


REPORT = {
    "report_header.md": "# Report\n",
    "models/report.md": "<!-- exercise: models run_model -->\n## 2. Second\n\nAnswer:\n",
    "run_model/report.md": "<!-- exercise: run_model -->\n## 1. First\n\n<!-- exercise: run_model -->\n## 3. Third\n",
}


def test_blocks_become_to_do_lines_or_vanish():
    assert stub_text(SOLUTION) == STUB


def test_a_text_without_markers_stays_as_it_is():
    assert stub_text(STUB) == STUB


def test_a_block_at_the_end_leaves_no_empty_lines():
    assert stub_text("X = 1\n\n\n# BEGIN SOLUTION\nY = 2\n# END SOLUTION\n") == "X = 1\n"


def test_two_blocks_of_one_function_are_two_to_dos():
    text = "def f():\n" + "    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n" * 2
    assert stub_text(text).count('raise NotImplementedError("to do: f")') == 2


def test_a_block_in_a_nested_function_has_its_qualified_name():
    text = "def f():\n    def g():\n        # BEGIN SOLUTION\n        pass\n        # END SOLUTION\n    return g\n"
    assert 'raise NotImplementedError("to do: f.g")' in stub_text(text)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("X = 1\n# BEGIN SOLUTION\nY = 2\n", "Line 2: this # BEGIN SOLUTION has no # END SOLUTION after it."),
        ("X = 1\nY = 2\n# END SOLUTION\n", "Line 3: this # END SOLUTION has no # BEGIN SOLUTION before it."),
        (
            "# BEGIN SOLUTION\nX = 1\n# BEGIN SOLUTION\n# END SOLUTION\n",
            "Line 3: this # BEGIN SOLUTION stands inside the block that begins on line 1.",
        ),
    ],
)
def test_markers_without_partners_are_errors_with_their_line(text, sentence):
    with pytest.raises(StubsError, match=re.escape(sentence)):
        stub_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with two exercises and no stubs yet."""
    for name, text in {"run_model": SOLUTION, "models": SOLUTION.replace("An exercise", "Übung")}.items():
        file = tmp_path / f"grader/staff/exercises/{name}/solution.py"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    for name, text in REPORT.items():
        file = tmp_path / "grader/exercises" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_writing_makes_missing_stubs_and_then_none_is_stale(repo):
    assert [path.name for path in stale_files(repo)] == ["models.py", "run_model.py", "report_template.md"]
    assert [path.name for path in write_files(repo)] == ["models.py", "run_model.py", "report_template.md"]
    assert (repo / "src/run_model.py").read_bytes() == STUB.encode()
    assert (repo / "src/models.py").read_bytes().startswith('"""Übung.'.encode())
    assert stale_files(repo) == [] == write_files(repo)


def test_an_edited_stub_is_stale_and_other_files_are_left_alone(repo):
    write_files(repo)
    (repo / "src/mine.py").write_text("X = 1\n", encoding="utf-8")
    (repo / "src/models.py").write_bytes(b"\xff edited")
    assert [path.name for path in stale_files(repo)] == ["models.py"]
    write_files(repo)
    assert stale_files(repo) == []
    assert (repo / "src/mine.py").read_text(encoding="utf-8") == "X = 1\n"


def test_other_line_endings_are_not_stale(repo):
    write_files(repo)
    path = repo / "src/models.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert stale_files(repo) == []


def test_a_wrong_marker_is_reported_with_its_file(repo):
    (repo / "grader/staff/exercises/models/solution.py").write_text("# END SOLUTION\n", encoding="utf-8")
    with pytest.raises(StubsError, match=r"solution\.py: Line 1: "):
        write_files(repo)


def test_the_command_says_what_it_wrote_and_what_differs(repo, capsys):
    assert write_or_check(check=True, repo_root=repo) == 1
    assert "run_model.py is out of date. Run `grader stubs`" in capsys.readouterr().out
    assert write_or_check(check=False, repo_root=repo) == 0
    assert len(re.findall(r"^Wrote (src.\w+\.py|report_template\.md)\.$", capsys.readouterr().out, re.MULTILINE)) == 3
    assert write_or_check(check=True, repo_root=repo) == 0
    assert write_or_check(check=False, repo_root=repo) == 0
    assert capsys.readouterr().out == ""


def test_the_report_has_the_sections_of_all_exercises_in_order(repo):
    write_files(repo)
    text = (repo / "report_template.md").read_text(encoding="utf-8")
    assert text == (
        "---\nname:  # your name, or your names\nworked_with:  # people you worked with\n"
        "sources:  # people, pages, code, language models that you used, and for what\n---\n\n"
        "# Report\n\n<!-- exercise: run_model -->\n## 1. First\n\n<!-- exercise: models run_model -->\n## 2. Second\n\n"
        "Answer:\n\n<!-- exercise: run_model -->\n## 3. Third\n"
    )


def test_a_changed_question_makes_the_report_stale(repo, capsys):
    write_files(repo)
    file = repo / "grader/exercises/models/report.md"
    file.write_text(file.read_text(encoding="utf-8").replace("Second", "Another"), encoding="utf-8")
    assert write_or_check(check=True, repo_root=repo) == 1
    assert capsys.readouterr().out == "report_template.md is out of date. Run `grader stubs` to write it again.\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<!-- exercise: models -->\n## 3. Third\n", "another exercise has a section 3 too"),
        ("<!-- exercise: models -->\n## 5. Fifth\n", r"numbered \[1, 3, 5\]. Number them from 1 without gaps"),
        ("## 2. Second\n", r"models.report\.md should begin with a line <!-- exercise: NAME -->"),
    ],
)
def test_sections_that_cannot_be_put_in_order(repo, text, sentence):
    (repo / "grader/exercises/models/report.md").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=sentence):
        write_files(repo)


def test_src_is_what_the_reference_makes():
    assert stale_files(REPO_ROOT) == [], "Run `grader stubs`."


@pytest.mark.parametrize("exercise", EXERCISES)
def test_stubs_hold_no_trace_of_the_reference(exercise):
    reference = (REPO_ROOT / f"grader/staff/exercises/{exercise}/solution.py").read_text(encoding="utf-8")
    text = stub_text(reference)
    assert "SOLUTION" not in text
    in_functions = re.findall("^ +# BEGIN SOLUTION", reference, re.MULTILINE)
    assert text.count("raise NotImplementedError") == len(in_functions) > 0
    assert not any(len(line) > 120 for line in text.splitlines())


def test_untouched_stubs_import_and_say_what_is_to_do():
    program = dedent(
        """\
        import src.models, src.run_model
        for call in (src.models.LeNet5, lambda: src.run_model.evaluate(None, [])):
            try:
                call()
            except NotImplementedError as error:
                print(error)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPO_ROOT, capture_output=True, text=True)
    assert (done.stdout.split("\n"), done.stderr) == (["to do: LeNet5.__init__", "to do: evaluate", ""], "")
