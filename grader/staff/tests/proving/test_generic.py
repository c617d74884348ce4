"""Generic mutants: what the operators make, what becomes of them, and what excuses them."""

import ast
from dataclasses import replace
from datetime import date

import pytest

from grader.assignment import KIT, VARIABLE, read_assignment
from grader.cli import main
from grader.judging.mutants import Change, with_changes
from grader.judging.reference import read_solution
from grader.staff.proving import excuses, generic_audit, generic_choice, generic_report
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
        (
            "ignored argument",
            'def f(a, b=1, *, c="x", d):\n    """Text."""\n    if a:\n        return g(b, d=c)\n',
            [
                'def f(a, b=1, *, c="x", d):\n    """Text."""\n    b = 1\n    if a:\n        return g(b, d=c)\n',
                'def f(a, b=1, *, c="x", d):\n    """Text."""\n    c = "x"\n    if a:\n        return g(b, d=c)\n',
                'def f(a, b=1, *, c="x", d):\n    """Text."""\n    if a:\n        return g(1, d=c)\n',
                'def f(a, b=1, *, c="x", d):\n    """Text."""\n    if a:\n        return g(b, d="x")\n',
            ],
        ),
        (
            "skipped clean-up",
            "def f():\n    try:\n        with a:\n            return b()\n    finally:\n        c()\n        d()\n",
            [
                "def f():\n    if True:\n        with a:\n            result = b()\n"
                "    if True:\n        c()\n        d()\n    return result\n"
            ],
        ),
        ("skipped clean-up", "try:\n    a()\nfinally:\n    b()\n", ["if True:\n    a()\nif True:\n    b()\n"]),
        ("skipped clean-up", "try:\n    a()\nexcept E:\n    b()\n", []),
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


@pytest.mark.parametrize(
    ("exercise", "function", "line"),
    [
        ("perceptrons", "conv_parameters", "bias = True"),
        ("run_model", "evaluate", 'device = "cpu"'),
        ("run_model", "evaluate", "result = measure("),
    ],
)
def test_arguments_that_are_ignored_and_skipped_clean_up_are_among_them(exercise, function, line):
    assert [one for one in generic_mutants(exercise) if one.function == function and line in one.new]


@pytest.mark.slow
def test_a_mutant_that_never_ends_is_caught_and_harms_no_other(monkeypatch, tmp_path):
    assignment = tmp_path / "assignment.toml"
    assignment.write_text(
        'title = "One exercise"\nexercises = ["perceptrons"]\n[limits]\ntime_factor = 0.5\n', encoding="utf-8"
    )
    monkeypatch.setenv(VARIABLE, str(assignment))
    mutant = next(mutant for mutant in generic_mutants("perceptrons") if mutant.part == "or_network")
    place = read_solution("perceptrons").index("    return [(np.array([[1.0, 1.0]])")
    endless = replace(mutant, old="endless", change=Change(place, place, "    while True:\n        pass\n"))
    harmless = replace(mutant, old="harmless", change=Change(place, place, "    unused = 1\n"))
    wrong = replace(mutant, old="wrong", change=Change(place, place, "    return []\n"))
    verdicts = audit_generic([endless, harmless, wrong])
    assert [verdict.caught_by for verdict in verdicts] == ["test_or_network", "", "test_or_network"]
    assert verdicts[1].survives and list(generic_report.problems(verdicts)) == [
        f"survives: {harmless.name}  ({harmless.operator})"
    ]


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


ENTRY = """[[excused]]
why = "Nobody can observe it."
changes = ["or_network: a  ->  b"]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[excused]\n", "excused.toml is not valid TOML: "),
        ("", "excused.toml: the file must have entries and nothing else; begin each with the line [[excused]]."),
        (ENTRY.replace("[[excused]]", "[excused]"), "begin each with the line [[excused]]."),
        (ENTRY + "[[excused]]\nchanges = ['a']\n", "excused.toml: entry 2 has no reason; add one: why = "),
        ("[[excused]]\nwhy = 'It is so.'\n", "entry 1 has no list of changes; write: changes = ["),
        ("[[excused]]\nwhy = 'It is so.'\nchanges = 'a'\n", "entry 1 has no list of changes; write: changes = ["),
        ("[[excused]]\nwhy = 'It is so.'\nchanges = []\n", "entry 1 excuses no change; remove it."),
        (ENTRY + "reason = 'a'\n", "entry 1 has unknown keys: reason. Remove them; an entry has `why` and `changes`."),
        (ENTRY + ENTRY, "entry 2 excuses what entry 1 excuses already; remove one: or_network: a  ->  b"),
    ],
)
def test_a_file_of_excuses_that_is_not_written_right_is_explained(text, said, own_excuses, capsys):
    own_excuses(text)
    assert main(["audit", "--generic", "--only", "or_network"]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def own_excuses(tmp_path, monkeypatch):
    """Gives the exercise perceptrons another file of single entries, and no other exercise any."""

    def write(text):
        (tmp_path / "perceptrons").mkdir()
        (tmp_path / "perceptrons" / "excused.toml").write_text(text, encoding="utf-8")

    monkeypatch.setenv(VARIABLE, "")  # all exercises
    monkeypatch.setattr(excuses, "entries_of", lambda exercise: entries_of(exercise, tmp_path))
    monkeypatch.setattr(generic_report, "entries_of", lambda exercise: entries_of(exercise, tmp_path))
    return write


@pytest.fixture
def caught_all(monkeypatch):
    """Says that a check catches every mutant, instead of asking."""

    def verdicts(mutants):
        return [GenericVerdict(mutant, "test_or_network", excuse_of(mutant)) for mutant in mutants]

    monkeypatch.setattr(generic_audit, "audit_generic", verdicts)


def test_an_entry_that_excuses_nothing_makes_the_audit_fail(own_excuses, caught_all, capsys):
    caught = next(mutant for mutant in generic_mutants("perceptrons") if mutant.function == "or_network")
    own_excuses(ENTRY + ENTRY.replace("or_network: a  ->  b", caught.place_and_text))
    assert main(["audit", "--generic", "--only", "or_network"]) == 1
    said = capsys.readouterr().out
    file = "grader/staff/exercises/perceptrons/excused.toml"
    assert f"{file}: remove an entry, because test_or_network catches this change: {caught.place_and_text}" in said
    assert f"{file}: remove or correct an entry, because no mutant has this change: or_network: a  ->  b" in said


def test_entries_that_are_all_needed_make_it_succeed(own_excuses, caught_all, capsys):
    own_excuses("excused = []")
    assert main(["audit", "--generic", "--only", "or_network"]) == 0
    assert "excused.toml" not in capsys.readouterr().out


def test_an_entry_for_what_a_rule_excuses_is_not_needed(own_excuses):
    mutant = next(mutant for mutant in generic_mutants("perceptrons") if RULES[0].excuses(mutant))
    own_excuses(f"[[excused]]\nwhy = 'It is so.'\nchanges = [{mutant.place_and_text!r}]\n")
    (said,) = generic_report.problems([GenericVerdict(mutant, "", RULES[0].name)])
    assert f'remove an entry, because the rule "{RULES[0].name}" excuses this change: {mutant.place_and_text}' in said


def test_a_sample_is_the_same_all_day_and_has_few_functions():
    every = generic_choice.choose(())
    sample = generic_choice.sample(every, 40, date(2026, 11, 28))
    assert sample == generic_choice.sample(every, 40, date(2026, 11, 28))
    assert sample != generic_choice.sample(every, 40, date(2026, 11, 29))
    assert len(sample) == 40 and len({mutant.part for mutant in sample}) <= 6


def test_how_to_repeat_a_sample_is_said(own_excuses, caught_all, capsys):
    own_excuses("excused = []")
    assert main(["audit", "--generic", "--only", "or_network", "--sample", "3", "--date", "2026-11-28"]) == 0
    said = capsys.readouterr().out
    assert (
        "grader audit --generic --only or_network --sample 3 --date 2026-11-28" in said and "3 generic mutants" in said
    )


@pytest.mark.parametrize("names", [["no_such_function"], ["or_network", "no_such_function", "evaluat"]])
def test_a_name_that_nothing_has_is_refused_with_those_there_are(names, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "")  # all exercises
    assert main(["audit", "--generic", "--only", *names]) == 2
    first, *rows = capsys.readouterr().err.splitlines()
    wrong = " or ".join(name for name in names if name != "or_network")
    assert first.startswith(f"No exercise or function is called {wrong}.")
    assert [row.split(":")[0].strip() for row in rows] == list(EXERCISES)
    assert any("NumpyMLP, NumpyMLP.__init__, " in row for row in rows)


@pytest.mark.parametrize(
    ("name", "functions", "said"),
    [
        ("evaluate", {"evaluate", "measure"}, "Tried with evaluate, because it calls them: measure."),
        ("train_epoch", {"train_epoch"}, ""),
        ("NumpyMLP.forward", {"NumpyMLP.forward", "NumpyMLP.inputs_and_logits"}, "NumpyMLP.inputs_and_logits"),
    ],
)
def test_a_function_is_tried_with_the_helpers_that_it_calls(name, functions, said, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "")  # all exercises
    tried = set()

    def verdicts(mutants):
        tried.update(mutant.function for mutant in mutants)
        return [GenericVerdict(mutant, "a check") for mutant in mutants]

    monkeypatch.setattr(generic_audit, "audit_generic", verdicts)
    main(["audit", "--generic", "--only", name])
    assert functions <= tried and said in capsys.readouterr().out
    assert not {"run_model", "train_epoch", "NumpyMLP.fit"} & tried - functions
