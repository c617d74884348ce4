"""Attacks on the grader: some of every kind, on two graders side by side (Linux, as root).

`grader attack` tries all attacks.
"""

import re

import pytest

from grader.assignment import KIT, read_assignment
from grader.sandbox import boundary
from grader.staff.proving import attack_cases
from grader.staff.proving.attack import SIDE_BY_SIDE, digest_of_kit, side_by_side
from grader.staff.proving.attack_cases import AttackError, read_attacks
from grader.staff.proving.attack_report import report
from grader.staff.proving.attack_seen import Seen, judge, secrets_of, told

as_root = pytest.mark.skipif(not boundary.can_harden(), reason="attacks are tried by root on Linux only")


@pytest.mark.slow
@as_root
def test_two_graders_side_by_side_are_not_disturbed_by_attacks_of_every_kind():
    """Each grader grades four attacks, and an honest submission after each.

    `grader attack` gives each of them ten.
    """
    for one in side_by_side(most=4):
        assert not one.failed, one.said


@pytest.mark.slow
@as_root
def test_attacks_can_be_tried_as_in_a_container(grader):
    process = grader("attack", "--container", "--only", "reads_the_secret", "patches_wire")
    assert process.returncode == 0, process.stdout + process.stderr
    assert "2 attacks: 0 points gained, 0 bytes of hidden material revealed." in process.stdout


@pytest.mark.skipif(boundary.can_harden(), reason="root can try attacks")
def test_attacks_are_refused_where_they_would_do_harm(grader):
    process = grader("attack")
    assert process.returncode == 2
    assert "by root on Linux only" in process.stderr


@pytest.mark.slow
def test_every_kind_of_attack_is_there():
    attacks = read_attacks()
    kinds = ["crashes", "floods", "forgeries", "leaks", "leftovers", "odd_answers", "packages", "shortcuts"]
    assert sorted({attack.file.parent.name for attack in attacks}) == kinds
    assert {attack.on for attack in attacks} == {"package", *read_assignment(KIT / "assignment.toml").exercises}
    assert {name for names in SIDE_BY_SIDE for name in names.split()} <= {attack.name for attack in attacks}


@pytest.fixture
def attacks(tmp_path, monkeypatch):
    """Write a kind of attacks with the file a.py and this table of attacks, and read it."""
    (tmp_path / "kind").mkdir()
    (tmp_path / "kind" / "a.py").write_text("def evaluate(): ...", encoding="utf-8")
    monkeypatch.setattr(attack_cases, "ATTACKS", tmp_path)

    def read(text):
        (tmp_path / "kind" / "attacks.toml").write_text(text, encoding="utf-8")
        return read_attacks()

    return read


def test_what_a_table_leaves_out_has_its_usual_value(attacks):
    (attack,) = attacks('[a]\ntitle = "Does harm."\npoints = 0\n')
    assert (attack.name, attack.on, attack.base, attack.where) == ("a", "run_model", "stub", "after")
    assert (attack.points, attack.expected) == (0, "0 points")


def test_what_is_expected_may_be_that_nothing_can_be_graded(attacks):
    (attack,) = attacks('[a]\ntitle = "Does harm."\nnot_gradable = true\nsays = "is empty"\n')
    assert (attack.points, attack.expected) == (None, 'not gradable, "is empty"')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no table [a] that says what is expected"),
        ("[a", "can't be read: "),
        ('[a]\ntitle = "x"', "it must say what is expected: either points, or not_gradable = true."),
        ('[a]\ntitle = "x"\npoints = 0\nnot_gradable = true', "it must say what is expected"),
        ("[a]\npoints = 0", "it needs a title."),
        (
            '[a]\ntitle = "x"\npoints = 0\nexpected = 0',
            "expected is unknown; a table may have title, on, base, where, ",
        ),
        ('[a]\ntitle = "x"\npoints = "0"', "points must be a number."),
        ('[a]\ntitle = "x"\npoints = true', "points must be a number."),
        ("[a]\ntitle = 1\npoints = 0", "title must be a text."),
        ('[a]\ntitle = "x"\npoints = 0\non = "runmodel"', "on is 'runmodel', which is none of package, run_model, "),
        ('[a]\ntitle = "x"\npoints = 0\nbase = "solution"', "base is 'solution', which is none of stub, reference, "),
        ('[a]\ntitle = "x"\npoints = 0\nwhere = "in"', "where is 'in', which is none of after, before."),
        ('[a]\ntitle = "x"\npoints = 0\n[b]\ntitle = "y"\npoints = 0', "there is no file b.py."),
    ],
)
def test_a_wrong_table_is_refused_with_a_sentence(attacks, text, sentence):
    with pytest.raises(AttackError, match=re.escape(sentence)) as error:
        attacks(text)
    assert "kind" in str(error.value)


def test_an_attack_is_put_after_its_base_or_before_it(attacks, tmp_path):
    after, before = (
        attacks(f'[a]\ntitle = "x"\npoints = 0\non = "models"\nwhere = "{where}"')[0].make(tmp_path / where)
        for where in ("after", "before")
    )
    stub = (KIT / "src" / "models.py").read_text(encoding="utf-8")
    assert (after / "src" / "models.py").read_text(encoding="utf-8") == f"{stub}\n\ndef evaluate(): ..."
    assert (before / "src" / "models.py").read_text(encoding="utf-8") == f"def evaluate(): ...\n\n{stub}"


def test_only_the_kits_own_files_count_as_its_files(tmp_path):
    """A log that is written into the kit's folder meanwhile is not counted against an attack."""
    for name in ("grader/sandbox/wire.py", "tests/golden/models.bin", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
    before = digest_of_kit(tmp_path)
    (tmp_path / "test.log").write_text("x", encoding="utf-8")
    (tmp_path / "grader" / "nohup.out").write_text("x", encoding="utf-8")
    assert digest_of_kit(tmp_path) == before
    (tmp_path / "grader" / "sandbox" / "wire.py").write_text("2", encoding="utf-8")
    assert digest_of_kit(tmp_path) != before


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


@pytest.mark.slow
def test_points_over_the_honest_ones_are_gained(tmp_path):
    attack = read_attacks(["exits_by_os"])[0]
    seen = judge(attack, results_with("Python ended (exit status 0)") | {"score": 2}, tmp_path)
    assert (seen.gained, seen.wrong[0]) == (2, "2 points gained")
    assert "2 points gained" in report([seen])
    assert report([Seen(attack)]).startswith("# What the grader promises")
