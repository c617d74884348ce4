"""Attacks on the grader: every one of them in turn, and twenty on two graders side by side (Linux, as root)."""

import json
import subprocess
import sys

import pytest

from grader import boundary
from grader.assignment import KIT
from grader.staff.attack import Canary, Front, try_attack
from grader.staff.attack_cases import ATTACKS, AttackError, base_files, read_attack, read_attacks, write_files
from grader.staff.attack_report import report
from grader.staff.attack_seen import Seen, judge, secrets_of, told

as_root = pytest.mark.skipif(not boundary.can_harden(), reason="attacks are tried by root on Linux only")
SIDE_BY_SIDE = (
    ("daemon_outlives", "kills_everything", "leaves_state", "reads_the_reference", "writes_instead_of_the_answer"),
    (
        "becomes_another_program",
        "holds_the_pipe_open",
        "reads_other_submissions",
        "replaces_results",
        "writes_to_the_grader",
    ),
)


@pytest.fixture(scope="module")
def front():
    front = Front()
    yield front
    front.close()


@pytest.fixture(scope="module")
def canary(front, tmp_path_factory):
    return Canary(front, tmp_path_factory.mktemp("canary"))


@as_root
@pytest.mark.parametrize("attack", read_attacks(), ids=lambda attack: attack.name)
def test_an_attack_gains_tells_and_harms_nothing(attack, front, canary, tmp_path):
    assert try_attack(front, attack, tmp_path, canary).wrong == []


def grade_together(folder, names):
    """Start grading these attacks and the reference with `grader grade`."""
    attacks = [read_attack(ATTACKS / f"{name}.py").make(folder) for name in names]
    paths = [*attacks, write_files(folder / "honest", base_files("reference"))]
    command = [
        sys.executable,
        "-m",
        "grader.cli",
        "grade",
        *map(str, paths),
        "--out",
        str(folder / "out"),
        "--jobs",
        "1",
    ]
    return subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@as_root
def test_two_graders_side_by_side_do_not_disturb_each_other(tmp_path):
    processes = []
    for place, names in enumerate(SIDE_BY_SIDE):
        (tmp_path / str(place)).mkdir()
        processes.append(grade_together(tmp_path / str(place), names))
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    for place, names in enumerate(SIDE_BY_SIDE):
        results = {
            path.parent.name: json.loads(path.read_text())
            for path in (tmp_path / str(place)).glob("out/*/results.json")
        }
        assert results["honest"]["score"] == 100
        for name in names:
            submission = tmp_path / str(place) / name
            honest = 100 if read_attack(ATTACKS / f"{name}.py").base == "reference" else 0
            assert results[name]["score"] <= honest
            assert told(results[name], submission) == 0


def test_every_kind_of_attack_is_there():
    attacks = read_attacks()
    assert len(attacks) >= 40
    assert {attack.on for attack in attacks} == {"run_model", "models", "package"}


def test_an_attack_that_does_not_say_what_is_expected_is_refused(tmp_path):
    (tmp_path / "a.py").write_text('"""Does harm."""')
    with pytest.raises(AttackError, match="does not say what is expected"):
        read_attack(tmp_path / "a.py")


def results_with(output, **test):
    details = {"not gradable": "", "submission": "0", "checks": {"error": 0, "not run": 0}}
    return {"score": 0, "output": "", "tests": [{"max_score": 2, "output": output, **test}], "extra_data": details}


@pytest.mark.parametrize(
    "output",
    [
        "FOUND: something",
        "It raised x:   for previous,   current in pairwise(valid_losses):",
        'for name, sizes in (("kernel_size", kernel_size), ("stride", stride)):',
        next(iter(secrets_of("0"))),
    ],
    ids=["claimed", "a line of the reference", "another, with quotes", "the secret"],
)
def test_what_is_told_is_found(output, tmp_path):
    assert told(results_with(output), tmp_path) >= 16
    assert told(results_with("evaluate is still to do."), tmp_path) == 0


def test_points_over_the_honest_ones_are_gained(tmp_path):
    attack = read_attack(ATTACKS / "exits_by_os.py")
    seen = judge(attack, results_with("Python ended (exit status 0)") | {"score": 2}, tmp_path)
    assert (seen.gained, seen.wrong[0]) == (2, "2 points gained")
    assert "2 points gained" in report([seen])
    assert report([Seen(attack)]).startswith("# What the grader promises")
