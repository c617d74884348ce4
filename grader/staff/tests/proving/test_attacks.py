"""Attacks on the grader: some of every kind, on two graders side by side (Linux, as root).  `grader attack` tries all."""

import pytest

from grader.assignment import KIT, read_assignment
from grader.sandbox import boundary
from grader.staff.proving.attack import SIDE_BY_SIDE, side_by_side
from grader.staff.proving.attack_cases import ATTACKS, AttackError, read_attack, read_attacks
from grader.staff.proving.attack_report import report
from grader.staff.proving.attack_seen import Seen, judge, secrets_of, told

as_root = pytest.mark.skipif(not boundary.can_harden(), reason="attacks are tried by root on Linux only")


@as_root
def test_two_graders_side_by_side_are_not_disturbed_by_attacks_of_every_kind():
    """Each grades four attacks, and an honest submission after each; `grader attack` has ten for each."""
    for status, said in side_by_side(most=4):
        assert status == 0, said


@pytest.mark.skipif(boundary.can_harden(), reason="root can try attacks")
def test_attacks_are_refused_where_they_would_do_harm(grader):
    process = grader("attack")
    assert process.returncode == 2
    assert "by root on Linux only" in process.stderr


def test_every_kind_of_attack_is_there():
    attacks = read_attacks()
    assert len(attacks) >= 40
    assert {attack.on for attack in attacks} == {"package", *read_assignment(KIT / "assignment.toml").exercises}
    assert {name for names in SIDE_BY_SIDE for name in names} <= {attack.name for attack in attacks}


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
    attack = read_attack(ATTACKS / "crashes" / "exits_by_os.py")
    seen = judge(attack, results_with("Python ended (exit status 0)") | {"score": 2}, tmp_path)
    assert (seen.gained, seen.wrong[0]) == (2, "2 points gained")
    assert "2 points gained" in report([seen])
    assert report([Seen(attack)]).startswith("# What the grader promises")
