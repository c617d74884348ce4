"""`grader audit` and `grader calibrate` find the right things, and fail if something is wrong."""

import json
import re
import shutil

import numpy as np
import pytest

from grader.assignment import KIT, STAFF, VARIABLE
from grader.cli import main
from grader.judging.compare import RTOL, allowed
from grader.judging.mutants import MutantError, read_mutants
from grader.judging.reference import read_solution
from grader.judging.thresholds import Threshold
from grader.staff.grading.trial import Trial
from grader.staff.proving.audit_findings import CaseVerdict, Findings
from grader.staff.proving.audit_report import threshold_files, threshold_rows
from grader.staff.proving.calibrate import Distribution
from grader.staff.proving.cases import Case, CaseKind
from grader.staff.proving.threads import share
from grader.staff.tests.conftest import CORE, run

MISTAKE = """
[evaluate.{name}]
{kind} = "evaluate is changed for a test."
within = "measure"
replace = [['loss_sum += loss.item() * len(targets)', '{new}']]
"""


@pytest.fixture
def kit(tmp_path):
    """A copy of the kit with few mutants, one style, and no hidden checks of models."""
    kit = tmp_path / "kit"
    ignored = shutil.ignore_patterns(".*", "build", "__pycache__", "*.egg-info", "downloads", "mutants.toml", "styles")
    shutil.copytree(KIT, kit, ignore=ignored)
    (kit / "grader/staff/exercises/models/test_hidden.py").unlink()
    for exercise in ("run_model", "models"):
        (kit / f"grader/staff/exercises/{exercise}/styles").mkdir()
        style = f"grader/staff/exercises/{exercise}/styles/lazy.py"
        shutil.copy(KIT / style, kit / style)
    return kit


# (An audit with nothing wrong has status 0: test_extending.py.)
@pytest.mark.slow
def test_everything_that_may_be_wrong_fails_the_audit_and_is_told_totals_first(kit):
    mutants = [
        ("the_same", "hint", "loss_sum += len(targets) * loss.item()"),
        ("doubled", "hint", "loss_sum += 2 * loss.item() * len(targets)"),
        ("twice", "hint", "loss_sum += loss.item() * len(targets) * 2"),
        ("halved", "equivalent", "loss_sum += loss.item() * len(targets) / 2"),
    ]
    text = "".join(MISTAKE.format(name=name, kind=kind, new=new) for name, kind, new in mutants)
    (kit / "grader/staff/exercises/run_model/mutants.toml").write_text(text)
    style = kit / "grader/staff/exercises/models/styles/lazy.py"
    style.write_text(style.read_text().replace("max_pool", "avg_pool").replace("MaxPool", "AvgPool"))
    command = ("-m", "grader.cli", "audit", "--only", "evaluate", "lazy", "--json", "build/audit.json")
    process = run(*command, cwd=kit, **{VARIABLE: str(CORE)})
    assert process.returncode == 1, process.stderr
    assert "survives: evaluate.the_same" in process.stdout
    assert "wrong hint: evaluate.twice is taken for evaluate.doubled" in process.stdout
    assert re.search("correct, but loses .* points: lazy in", process.stdout)
    assert re.search("correct, but loses .* points: evaluate.halved in", process.stdout)
    report = json.loads((kit / "build/audit.json").read_text())
    totals = ["mutants", "survivors", "misplaced", "wrong_hints", "named", "styles", "styles_short"]
    assert list(report)[:7] == totals
    assert [report[name] for name in totals] == [3, 1, 0, 1, 1, 1, 1]
    assert report["equivalent_short"] == 1
    assert report["per_mutant"]["evaluate.doubled"]["named"] == ["evaluate.doubled"]
    assert (kit / "grader/staff/docs/AUDIT.md").read_text() == (STAFF / "docs/AUDIT.md").read_text()


def test_a_mistake_in_other_words_is_no_wrong_hint_whatever_else_is_audited():
    mutants = {mutant.name: mutant for mutant in read_mutants()}
    one = next(mutant for mutant in mutants.values() if mutant.same_as)
    two, third = [mutant for mutant in mutants.values() if mutant.exercise != one.exercise][:2]
    case = Case("a pair", CaseKind.PAIR, (one, two))
    rightly = CaseVerdict(case, Trial(named={"check": (mutants[one.same_as],)}))
    wrongly = CaseVerdict(case, Trial(named={"check": (third,)}))
    assert Findings([rightly, wrongly], []).wrong_hints == [wrongly]


def test_an_audit_of_nothing_is_said(capsys):
    assert main(["audit", "--only", "no_such_mutant"]) == 2
    assert "No exercise, mutant or style has a name that begins with no_such_mutant." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--only", "9.9"], "No check with a threshold has the number 9.9."), (["--seeds", "1"], "--seeds is 1; it must")],
)
def test_wrong_arguments_of_calibrate_are_said(capsys, arguments, sentence):
    assert main(["calibrate", *arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[evaluate.x]\nhint = 'a'\n", "evaluate.x needs `replace`"),
        ("[evaluate.x]\nhint = 'a'\nreplace = [['a', 'b']]\nspeed = 3\n", "evaluate.x: unknown speed; a mutant has"),
        (
            "[evaluate.x]\nhint = 'a'\nequivalent = 'b'\nreplace = [['a', 'b']]\n",
            "needs `replace`, and either `hint` or",
        ),
        (
            "[evaluate.x]\nhint = 'a'\nsame_as = 'evaluate.y'\nreplace = [['a', 'b']]\n",
            "same_as names evaluate.y, but",
        ),
        ("[evaluate.x\n", "can't be read"),
    ],
)
def test_a_mutant_that_is_not_written_right_is_explained(tmp_path, text, sentence):
    (tmp_path / "run_model").mkdir()
    (tmp_path / "run_model" / "mutants.toml").write_text(text)
    with pytest.raises(MutantError, match=sentence.replace("(", "\\(")):
        read_mutants(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "sentence"),
    [
        ("evaluate", "no such text", "occurs 0 times in evaluate"),
        ("evalute", "model.eval()", "no function or class evalute"),
    ],
)
def test_a_mutant_that_does_not_fit_the_reference_is_explained(tmp_path, name, old, sentence):
    (tmp_path / "run_model").mkdir()
    (tmp_path / "run_model" / "mutants.toml").write_text(f"[{name}.x]\nhint = 'a'\nreplace = [['{old}', 'b']]\n")
    [mutant] = read_mutants(tmp_path)
    with pytest.raises(MutantError, match=sentence):
        mutant.apply(read_solution("run_model"))


def distribution(is_least, reference, broken):
    return Distribution(Threshold(0, STAFF, "accuracy", "digits"), is_least, reference, [], broken)


def test_a_threshold_lies_between_the_worst_correct_run_and_the_best_broken_one():
    found = distribution(True, [90.0, 80.0] * 100, {"a": [40.0, 15.0], "b": [10.0]})
    assert (found.worst, found.best_broken, found.value, found.problem) == (80, 40, 70, "")
    found = distribution(False, [0.1, 0.2] * 100, {"a": [1.0]})
    assert (found.worst, found.value, found.problem) == (0.2, 0.4, "")


def test_the_chance_of_failing_is_the_square_of_the_exact_bound_on_one_run():
    for n in (100, 200):
        one_run = 1 - 0.025 ** (1 / n)  # Clopper and Pearson's upper bound for no failure in n runs
        assert distribution(True, [90.0, 80.0] * (n // 2), {"a": [10.0]}).chance == pytest.approx(one_run**2)


@pytest.mark.parametrize(
    ("reference", "broken", "sentence"),
    [
        ([90.0] * 200, {}, "no mutant names the check"),
        ([90.0] * 200, {"a": [10.0, 91.0]}, "the best broken run .91. is as good as the worst correct one .90."),
        ([90.0] * 50, {"a": [10.0]}, "may fail with probability 0.005.*: run more seeds"),
    ],
)
def test_a_threshold_that_is_not_sound_is_explained(reference, broken, sentence):
    assert re.search(sentence, distribution(True, reference, broken).problem)


@pytest.mark.parametrize("file", threshold_files(), ids=lambda file: file.parent.name)
def test_every_threshold_was_calibrated(file):
    entries = json.loads(file.read_text())
    for name, kinds in entries.items():
        for data, entry in kinds.items():
            if data == "full":
                continue  # the homework texts' target
            assert entry["chance"] <= 1e-3, name
            assert entry["runs"] >= 115 and entry["styles"] >= 3 and entry["mutants"], name
            low, high = sorted([entry["worst"], entry["best broken"]])
            assert low < entry["threshold"] < high, name


def test_the_share_of_the_tolerance_that_a_difference_takes():
    a = np.array([1.0, -2.0])
    assert share(a, a, RTOL) == 0
    assert share(a, a + allowed(RTOL, 2.0) / 4, RTOL) == pytest.approx(0.25)
    assert share({"a": [1, 2]}, {"a": [1, 2]}, RTOL) == 0
    assert share({"a": "x"}, {"a": "y"}, RTOL) == np.inf
    assert share([1.0, np.nan], [1.0, np.nan], RTOL) == 0
    assert share([1.0, np.nan], [1.0, 2.0], RTOL) == np.inf


def test_the_report_has_a_row_for_every_threshold_and_target():
    """Also for the homework texts' targets, which nobody measured with many seeds."""
    rows = threshold_rows()
    entries = [json.loads(file.read_text()) for file in threshold_files()]
    assert sum(row.startswith("|") for row in rows) >= sum(len(kinds) for file in entries for kinds in file.values())
    assert any("full" in row for row in rows)
