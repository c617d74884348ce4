"""`grader naming`: how often mistakes are named if a function has several."""

import random

import pytest

from grader.judging.mutants import can_be_combined, read_mutants
from grader.judging.record import Record, Status
from grader.judging.reference import read_solution
from grader.staff.grading.trial import Trial
from grader.staff.proving.cases import Case, CaseKind
from grader.staff.proving.naming import cases_of
from grader.staff.proving.naming_report import Named, Naming, NamingVerdict, summary

MUTANTS = {mutant.name: mutant for mutant in read_mutants()}
PAIR = tuple(MUTANTS[name] for name in ("train_epoch.fraction", "train_epoch.no_training_mode"))
CASE = Case("two mistakes", CaseKind.SEVERAL, PAIR)


def trial(**named):
    """Three failed checks: what each named."""
    records = {check: Record(check, "run_model", 1.0, name=check, status=Status.FAILED) for check in "abc"}
    return Trial(records, named={check: tuple(MUTANTS[name] for name in names) for check, names in named.items()})


def test_the_drawn_mistakes_are_in_one_function_and_can_be_made_together():
    cases = [*cases_of("run_model", 2, 30, random.Random(1)), *cases_of("run_model", 3, 10, random.Random(1))]
    assert len({case.name for case in cases}) == 40
    for case in cases:
        assert len({mutant.function for mutant in case.mutants}) == 1
        assert can_be_combined(case.mutants, read_solution)
        assert all(mutant.hint and not mutant.same_as for mutant in case.mutants)


def test_failed_checks_are_counted_by_what_they_name():
    right, wrong = "train_epoch.fraction", "train_epoch.loss_only"
    graded = trial(a=[right], b=[right, wrong], c=[])
    laptop = trial(a=[right], b=[wrong], c=[])
    naming = Naming([NamingVerdict(CASE, graded, laptop, frozenset({("laptop", "b")}))])
    assert [naming.share(named, place="graded") for named in Named] == pytest.approx([100 / 3, 100 / 3, 0, 100 / 3])
    assert [naming.share(named, place="laptop") for named in Named] == pytest.approx([100 / 3, 100 / 3, 100 / 3, 0])
    assert [graded.check for graded, _ in naming.disagreements] == ["b"]
    assert not naming.is_good
    assert f"wrong, graded: two mistakes: b names {right} + {wrong}" in summary(naming)


def test_naming_is_good_if_nearly_all_failed_checks_name_a_mistake_that_is_there():
    named = {check: ["train_epoch.fraction"] for check in "abc"}
    assert Naming([NamingVerdict(CASE, trial(**named), trial(**named))]).is_good


def test_a_name_that_no_exercise_has_is_refused(grader):
    process = grader("naming", "--only", "run_modell")
    assert process.returncode == 2
    assert "There is no exercise 'run_modell'; there are run_model, models" in process.stderr
