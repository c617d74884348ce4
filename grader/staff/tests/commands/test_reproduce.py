"""`grader reproduce`: its scripts run on their own, and show what the check shows."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.assignment import KIT, STAFF, GraderError
from grader.collect import collect_from
from grader.commands.reproduce import called, file_of, save
from grader.items import new_record
from grader.judging.compare import compare
from grader.judging.exchange import part
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.reproduce.question import Question, question_of
from grader.reproduce.script import marked, write_script
from grader.sandbox.client import Sandbox
from grader.staff.tests.conftest import Result, run

FIRST_TRY = STAFF / "examples" / "first_try" / "src"
# Compared with the reference, judged by a rule, explained, raises, waits for another, passes
SAMPLE = ("1.2", "3.4", "3.7", "4.2[SynthClassifier]", "3.6", "3.9")
PRINT_GOT = """
import contextlib, io, json, runpy, sys
for path in sys.argv[1:]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            got = runpy.run_path(path)["got"]
        except Exception as error:
            got = f"{type(error).__name__}: {error}"
    got = {k: v for k, v in got.items() if k != "passes"} if isinstance(got, dict) else got
    print(json.dumps([got, said.getvalue()], default=lambda value: getattr(value, "tolist", lambda: str(value))()))
"""


@pytest.fixture
def first_try(tmp_path: Path) -> Path:
    """A first try, with mistakes, in a folder of its own."""
    shutil.copytree(FIRST_TRY, tmp_path / "src")
    return tmp_path


def run_script(folder: Path, script: str) -> Result:
    return run(folder / f"{script}.py", cwd=folder, PYTHONPATH=str(KIT))


def test_a_script_shows_the_numbers_of_its_check(
    grader: Callable[..., Result], first_try: Path, solution: Path
) -> None:
    done = grader("reproduce", "1.2", first_try)
    assert done.returncode == 0, done.stderr
    (told,) = re.findall(r"^The loss is wrong: expected .*, got .*\.$", done.stdout, re.MULTILINE)
    shown = run_script(first_try, "reproduce_1_2")
    assert shown.returncode == 0, shown.stderr
    assert told in shown.stdout
    assert "from src.run_model import train_epoch" in (first_try / "reproduce_1_2.py").read_text(encoding="utf-8")
    shutil.copy(solution / "src" / "run_model.py", first_try / "src")
    assert "All of it is as the check expects." in run_script(first_try, "reproduce_1_2").stdout


@pytest.mark.slow
def test_a_script_asked_for_inside_src_lies_beside_src(first_try: Path) -> None:
    done = run("-m", "grader.cli", "reproduce", "1.2", cwd=first_try / "src", PYTHONPATH=str(KIT))
    assert done.returncode == 0, done.stderr
    assert f" in {first_try.resolve()}.  Run there  python reproduce_1_2.py" in done.stdout
    assert not list((first_try / "src").glob("reproduce*"))
    assert run_script(first_try, "reproduce_1_2").returncode == 0


@pytest.fixture
def questions(first_try: Path, sandbox: Sandbox) -> Iterator[dict[Path, Question]]:
    """The scripts of a sample of the visible checks, each with its question."""
    run_of = Run(Settings(first_try, asks=sandbox))
    items = {called(item): item for item in collect_from([KIT / "tests"])}
    scripts = {}
    for number in SAMPLE:
        record, question = new_record(items[number], run_of.assignment), question_of(items[number], run_of)
        assert isinstance(question, Question)
        path = first_try / f"{file_of(items[number], record)}.py"
        save(path, write_script(record, question, path.stem), overwrite=False)
        scripts[path] = question
    yield scripts
    run_of.close()


def test_scripts_of_every_kind_get_what_the_checks_got(questions: dict[Path, Question]) -> None:
    folder = next(iter(questions)).parent
    done = run("-c", PRINT_GOT, *questions, cwd=folder, PYTHONPATH=os.pathsep.join([str(folder), str(KIT)]))
    assert done.returncode == 0, done.stderr
    for (path, question), line in zip(questions.items(), done.stdout.splitlines(), strict=True):
        got, said = json.loads(line)
        answer = question.exchange.answer
        if answer.raised:
            assert got.split(": ", 1)[1].splitlines()[0] in answer.raised, path
        elif not question.is_needed:
            keys = [key for key in question.exchange.keys or answer.observation if key != "passes"]
            expected = json.loads(
                json.dumps(part(answer.observation, keys or ["losses"]), default=lambda value: value.tolist())
            )
            assert compare(expected, {key: got[key] for key in expected}, rtol=1e-6) is None, path
        if question.failure and not answer.raised and question.expected is None:
            assert question.failure.feedback.sentence in said, path


def test_a_changed_script_is_not_overwritten(tmp_path: Path) -> None:
    script, written = tmp_path / "reproduce_1_2.py", marked("batch_size = 5\n")
    save(script, written, overwrite=False)
    save(script, written, overwrite=False)  # nobody changed it
    script.write_text(written.text.replace("5", "6"), encoding="utf-8")
    with pytest.raises(GraderError, match="it was changed"):
        save(script, written, overwrite=False)
    assert "batch_size = 6" in script.read_text(encoding="utf-8")
    save(script, written, overwrite=True)
    assert script.read_text(encoding="utf-8") == written.text


@pytest.mark.skipif(sys.platform == "win32", reason="only some users may make links there")
def test_a_link_to_a_file_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "__init__.py").symlink_to(tmp_path / "elsewhere.py")
    save(tmp_path / "reproduce_1_2.py", marked("batch_size = 5\n"), overwrite=False)
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_hidden_check_is_not_reproduced(grader: Callable[..., Result], first_try: Path) -> None:
    refused = grader("reproduce", "1.7", first_try)
    assert refused.returncode == 2
    assert "Only visible checks can be reproduced" in refused.stderr
    assert not list(first_try.glob("reproduce_*"))


def test_a_file_that_is_missing_gets_a_sentence(grader: Callable[..., Result], first_try: Path) -> None:
    (first_try / "src" / "models.py").unlink()
    done = grader("reproduce", "4.3", first_try)
    assert done.returncode == 1
    assert "src/models.py was not handed in" in done.stdout


def test_a_students_file_runs_after_the_set_up_in_the_readme(without_staff: Path, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(without_staff, kit)
    command = "pip install --no-deps --no-build-isolation -e ."
    assert command in (kit / "README.md").read_text(encoding="utf-8")
    venv.create(kit / ".venv", with_pip=False)
    python = kit / ".venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    places = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], capture_output=True, text=True
    ).stdout.strip()
    (Path(places) / "shared.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    subprocess.run([python, "-m", *command.split()], cwd=kit, check=True, capture_output=True)
    with (kit / "src" / "run_model.py").open("a", encoding="utf-8") as file:
        file.write(
            '\n\nif __name__ == "__main__":\n    from src.models import LeNet5\n\n    print(LeNet5, MyDataset)\n'
        )
    done = subprocess.run([python, "src/run_model.py"], cwd=kit, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "src.models.LeNet5" in done.stdout
