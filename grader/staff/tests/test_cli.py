"""The `grader` command: every command explains itself, and starts without the others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import collect
from grader.assignment import KIT
from grader.cli import all_commands, load, main
from grader.sandbox import boundary
from grader.staff.proving import attack_cases
from grader.staff.release import record, stubs


@pytest.mark.parametrize("command", all_commands())
def test_a_commands_help_says_what_it_does_and_has_an_example(capsys, command):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"Example: {' '.join(load(all_commands()[command]).EXAMPLE.split())}" in said
    assert "Exit status: 0" in said


@pytest.mark.parametrize("command", all_commands())
def test_a_commands_module_has_its_name(command):
    module = load(all_commands()[command])
    assert Path(module.__file__).stem == command.replace("-", "_")


def test_the_list_of_commands_has_an_example(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "Example: grader check" in capsys.readouterr().out


def test_students_have_no_staff_commands(without_staff):
    program = "from grader.cli import all_commands; print(*all_commands())"
    said = subprocess.run([sys.executable, "-c", program], cwd=without_staff, capture_output=True, text=True).stdout
    names = said.split()
    assert "check" in names
    assert all((without_staff / "grader" / "commands" / f"{name}.py").is_file() for name in names)


def test_a_command_imports_no_other():
    program = (
        "import sys; from grader.cli import main\ntry: main(['stubs', '--help'])\nfinally: print(sorted(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=KIT, capture_output=True, text=True).stdout
    loaded = set(re.findall(r"'(grader\.[\w.]+)'", said))
    assert "grader.staff.release.stubs" in loaded
    others = {command.module for name, command in all_commands().items() if name != "stubs"}
    assert not loaded & others


def test_an_unknown_command_ends_with_status_two(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["chekc"])
    assert "chekc" in capsys.readouterr().err


def no_attack_says_what_is_expected(monkeypatch, folder):
    (folder / "kind").mkdir()
    (folder / "kind" / "a.py").write_text('"""Does harm."""', encoding="utf-8")
    monkeypatch.setattr(attack_cases, "ATTACKS", folder)
    monkeypatch.setattr(boundary, "can_harden", lambda: True)


def the_reference_fails(monkeypatch, folder):
    monkeypatch.setattr(record, "run_checks", lambda *arguments, **options: 1)


def checks_can_not_be_collected(monkeypatch, folder):
    monkeypatch.setattr(collect, "run_checks", lambda *arguments, **options: 2)


def a_marker_has_no_partner(monkeypatch, folder):
    monkeypatch.setattr(stubs, "expected_stubs", lambda root: {root: stubs.stub_text("# BEGIN SOLUTION\n")})


@pytest.mark.parametrize(
    ("command", "problem", "words"),
    [
        (["attack"], no_attack_says_what_is_expected, "a.py"),
        (["record"], the_reference_fails, "The reference does not pass all visible checks"),
        (["calibrate"], checks_can_not_be_collected, "The checks can't be collected"),
        (["stubs"], a_marker_has_no_partner, "Line 1"),
    ],
    ids=["attack", "record", "calibrate", "stubs"],
)
def test_what_stops_a_command_is_a_sentence_on_stderr_and_status_two(
    monkeypatch, tmp_path, capsys, command, problem, words
):
    problem(monkeypatch, tmp_path)
    assert main(command) == 2
    assert words in capsys.readouterr().err
