"""EXTENDING.md works: each of its steps is taken in a copy of the kit, in order."""

import re
import shlex
from pathlib import Path

import pytest

from grader.assignment import STAFF, AssignmentError, read_assignment
from grader.staff.tests.conftest import copy_kit, run

DOCUMENT = STAFF / "docs" / "EXTENDING.md"
STEP = re.compile(r"^([^\n]+)\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULES = {"grader": "grader.cli", "pytest": "pytest"}


@pytest.fixture
def copy(tmp_path):
    """A copy of the kit without mutants, which take most of the time of `grader record`."""
    kit = copy_kit(tmp_path / "kit")
    for file in (kit / "grader/staff/exercises").glob("*/mutants.toml"):
        file.write_text("", encoding="utf-8")
    return kit


def follow(text: str, kit: Path) -> None:
    """Take every step of a document. Fails at a step that is unknown or does something else."""
    steps = STEP.findall(text)
    assert 2 * len(steps) == text.count("```"), "a block has no line before it that says what to do with it"
    blocks = iter(steps)
    for instruction, block in blocks:
        name = "".join(re.findall(r"`(.*?)`", instruction))
        match instruction.replace(f"`{name}`", "PATH"):
            case "Create PATH:":
                create(kit / name, block)
            case "Append to PATH:":
                append(list(kit.glob(name)), block)
            case "In PATH, replace":
                replace(kit / name, block, next(blocks))
            case "Run:":
                run_commands(block, kit)
            case _:
                pytest.fail(f"EXTENDING.md has a step that no one can follow: {instruction}")


def create(path: Path, block: str) -> None:
    assert not path.exists(), f"{path} exists already"
    path.write_text(block, encoding="utf-8")


def append(paths: list[Path], block: str) -> None:
    assert paths, f"there is no file to append to: {block}"
    for path in paths:
        gap = "\n\n" if path.suffix == ".py" else "\n"
        path.write_text(path.read_text(encoding="utf-8") + gap + block, encoding="utf-8")


def replace(path: Path, old: str, step: tuple[str, str]) -> None:
    instruction, new = step
    text = path.read_text(encoding="utf-8")
    assert (instruction, text.count(old)) == ("with", 1), f"this must stand in {path} once: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run_commands(block: str, kit: Path) -> None:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *expected = part.splitlines()
        program, *arguments = shlex.split(command)
        process = run("-m", MODULES[program], *arguments, cwd=kit, COLUMNS="80")
        assert process.returncode == 0, f"{command}\n{process.stdout}{process.stderr}"
        lines = iter(process.stdout.splitlines())  # gone through once: those expected must come in order
        for line in expected:
            pattern = ".*".join(map(re.escape, line.split("...")))
            found = any(re.fullmatch(pattern, other) for other in lines)
            assert found, f"{command}: no {line!r}, or not in that order, in\n{process.stdout}"


@pytest.mark.slow
def test_the_walk_throughs_work(copy):
    follow(DOCUMENT.read_text(encoding="utf-8"), copy)


@pytest.mark.parametrize("instruction", ["Change `README.md`:", "Delete `README.md`:", "For example:"])
def test_a_step_that_is_not_understood_fails(tmp_path, instruction):
    with pytest.raises(pytest.fail.Exception, match="a step that no one can follow"):
        follow(f"{instruction}\n\n```text\nX\n```\n", tmp_path)


def test_a_block_without_an_instruction_fails(tmp_path):
    with pytest.raises(AssertionError, match="a block has no line before it"):
        follow("```python\nX = 1\n```\n", tmp_path)


def test_a_line_that_a_command_does_not_print_fails(tmp_path):
    with pytest.raises(AssertionError, match=r"pytest --version: no 'grader 9'"):
        follow("Run:\n\n```console\n$ pytest --version\ngrader 9\n```\n", tmp_path)


def test_an_exercise_without_checks_is_refused(tmp_path):
    wrong = tmp_path / "assignment.toml"
    wrong.write_text('title = "Homework 1"\nexercises = ["modles"]\n', encoding="utf-8")
    with pytest.raises(AssignmentError, match=r"must be a list of names from \[.*'run_model'.*\]; it is \['modles'\]"):
        read_assignment(wrong)
