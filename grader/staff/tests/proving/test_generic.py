"""Generic mutants: what the operators make, what becomes of them, and what excuses them."""

import ast
from dataclasses import replace
from datetime import date

import pytest

from grader.assignment import KIT, VARIABLE, GraderError, read_assignment
from grader.cli import main
from grader.judging.mutants import Change, with_changes
from grader.judging.reference import read_solution
from grader.staff.proving import excuses, generic_report, selection
from grader.staff.proving.excuses import MOST_SINGLE, RULES, entries_of, excuse_of, unknown_entries
from grader.staff.proving.generic import generic_mutants
from grader.staff.proving.generic_audit import GenericVerdict, audit_generic
from grader.staff.proving.operators import OPERATORS, Text

EXERCISES = read_assignment(KIT / "assignment.toml").exercises


def made_by(operator, line):
    """What an operator makes of a line."""
    text = Text(line)
    changes = [change for node in ast.walk(ast.parse(line)) for change in OPERATORS[operator](node, text)]
    return [with_changes(line, [change]) for change in changes]


@pytest.mark.parametrize(
    ("operator", "line", "changed"),
    [
        ("comparison", "a < b", ["a <= b", "a >= b"]),
        ("comparison", "a not in b", ["a in b"]),
        ("arithmetic", "(a + b) * c", ["(a + b) / c", "(a - b) * c"]),
        ("arithmetic", "a += -b", ["a -= -b", "a += b"]),
        ("boolean", "a and not b", ["a or not b", "not b", "a", "a and b"]),
        ("condition", "a if b else c", ["a if not (b) else c"]),
        (
            "constant",
            "f(2, 0.5, True, 'a', None)",
            [
                f"f({x}, None)"
                for x in (
                    "3, 0.5, True, 'a'",
                    "1, 0.5, True, 'a'",
                    "2, 1.0, True, 'a'",
                    "2, 0.25, True, 'a'",
                    "2, 0.5, False, 'a'",
                    "2, 0.5, True, 'aX'",
                )
            ],
        ),
        ("removed statement", "a = 1", ["pass"]),
        ("removed part", "f(a, b, c=1)", ["f(b, c=1)", "f(a, c=1)", "f(a, b)"]),
        ("removed call", "loss.item() * F.relu(x)", ["loss * F.relu(x)", "loss.item() * x"]),
        ("swapped parts", "f(a, (b, c))", ["f((b, c), a)", "f(a, (c, b))"]),
        (
            "range",
            "x[1:n], range(n)",
            ["x[1:n], range(n - 1)", "x[1:n], range(n + 1)", "x[:n], range(n)", "x[1:], range(n)"],
        ),
    ],
)
def test_an_operator_makes_these_changes(operator, line, changed):
    assert sorted(made_by(operator, line)) == sorted(changed)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_generic_mutants_are_other_programs_with_names_of_their_own(exercise):
    mutants = generic_mutants(exercise)
    assert len({mutant.name for mutant in mutants}) == len(mutants) > 100
    original = ast.dump(ast.parse(read_solution(exercise)))
    assert all(ast.dump(ast.parse(mutant.text())) != original for mutant in mutants[::29])
    assert {mutant.operator for mutant in mutants} <= OPERATORS.keys()
    assert not any('"""' in mutant.old for mutant in mutants)


def test_a_mutant_that_never_ends_is_caught_and_harms_no_other(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")  # all exercises
    mutant = next(mutant for mutant in generic_mutants("perceptrons") if mutant.part == "or_network")
    place = read_solution("perceptrons").index("    return [(np.array([[1.0, 1.0]])")
    endless = replace(mutant, old="endless", change=Change(place, place, "    while True:\n        pass\n"))
    harmless = replace(mutant, old="harmless", change=Change(place, place, "    unused = 1\n"))
    wrong = replace(mutant, old="wrong", change=Change(place, place, "    return []\n"))
    verdicts = audit_generic([endless, harmless, wrong])
    assert [verdict.caught_by for verdict in verdicts] == ["test_or_network", "", "test_or_network"]
    assert verdicts[1].survives and list(generic_report.problems(verdicts)) == [f"survives: {harmless.name}"]


def test_the_score_counts_what_is_not_excused():
    one, two, three = generic_mutants("perceptrons")[:3]
    verdicts = [GenericVerdict(one, "a check"), GenericVerdict(two, "", RULES[0].name), GenericVerdict(three, "")]
    figures = generic_report.figures_of(verdicts)
    assert figures["exercises"] == {"perceptrons": {"mutants": 3, "excused": 1, "caught": 1}}
    assert figures["rules"][RULES[0].name] == 1 and figures["survivors"] == [three.name]
    assert "(50.0 %)" in generic_report.summary(verdicts)


def test_single_excuses_are_of_mutants_that_there_are_and_few():
    mutants = [mutant for exercise in EXERCISES for mutant in generic_mutants(exercise)]
    assert unknown_entries(mutants, EXERCISES) == []
    assert sum(len(entries_of(exercise)) for exercise in EXERCISES) <= MOST_SINGLE


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_rule_excuses_a_statement_that_is_left_out(exercise):
    left_out = [mutant for mutant in generic_mutants(exercise) if mutant.operator == "removed statement"]
    assert left_out
    assert not [mutant.name for mutant in left_out if any(rule.excuses(mutant) for rule in RULES)]


def test_a_mutant_is_excused_by_its_text_alone(monkeypatch):
    one, two = [mutant for mutant in generic_mutants("perceptrons") if mutant.operator == "arithmetic"][:2]
    monkeypatch.setattr(excuses, "entries_of", lambda exercise: {one.place_and_text: "It makes no difference."})
    assert excuse_of(one) == "It makes no difference." and excuse_of(two) == ""
    assert excuse_of(replace(one, new="something else")) == ""


def test_a_file_of_excuses_that_is_not_written_right_is_explained(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "excused.toml").write_text("[[excused]]\nchanges = ['a']\n")
    with pytest.raises(GraderError, match=r"excused.toml can't be read"):
        entries_of("models", tmp_path)


def test_a_sample_is_the_same_all_day_and_has_few_functions():
    sample = selection.generic((), 40, date(2026, 11, 28))
    assert sample == selection.generic((), 40, date(2026, 11, 28)) != selection.generic((), 40, date(2026, 11, 29))
    assert len(sample) == 40 and len({mutant.part for mutant in sample}) <= 6


def test_no_generic_mutant_is_said(capsys):
    assert main(["audit", "--generic", "--only", "no_such_function"]) == 2
    assert "No exercise or function is called no_such_function." in capsys.readouterr().err
