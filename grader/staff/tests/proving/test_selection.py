"""Which cases an audit tries: those that are named, or a sample with everything that changed."""

import json
from datetime import date

import pytest

from grader.assignment import read_assignment
from grader.cli import main
from grader.items import exercises_of
from grader.staff.grading.trial import collect_checks
from grader.staff.proving import selection
from grader.staff.proving.cases import CaseKind, all_cases, is_style_of

DAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def cases():
    return all_cases()


@pytest.fixture
def audited(tmp_path, monkeypatch):
    """The digests of a whole audit of the exercises as they are now."""
    monkeypatch.setattr(selection, "DIGESTS", tmp_path / "audited.json")
    selection.write_digests()
    return tmp_path / "audited.json"


def names(cases):
    return [case.name for case in cases]


def test_an_exercise_is_its_mutants_equivalent_changes_and_styles(cases):
    chosen = selection.named(cases, ["models"])
    assert {case.kind for case in chosen} == {CaseKind.MUTANT, CaseKind.EQUIVALENT, CaseKind.STYLE}
    assert {mutant.exercise for case in chosen for mutant in case.mutants} == {"models"}
    assert all(is_style_of(case.name, ["models"]) for case in chosen if case.kind is CaseKind.STYLE)
    asked = [item for item in collect_checks() if any(case.concerns(item) for case in chosen)]
    assert asked and all("models" in exercises_of(item) for item in asked)


def test_other_names_are_beginnings(cases):
    chosen = names(selection.named(cases, ["LeNet5.", "lazy"]))
    assert "lazy" in chosen and "LeNet5.average_pooling" in chosen
    assert all(name.startswith(("LeNet5.", "lazy")) for name in chosen)
    assert len(selection.named(cases, ["lazy", "models"])) == len(selection.named(cases, ["models"]))


def test_a_sample_is_the_same_all_day_and_another_the_next(cases, audited):
    sample = names(selection.sample(cases, 40, DAY))
    assert len(sample) == 40
    assert sample == names(selection.sample(cases, 40, DAY))
    assert sample != names(selection.sample(cases, 40, date(2026, 11, 29)))


def test_a_sample_has_all_that_changed(cases, audited):
    content = json.loads(audited.read_text())
    audited.write_text(json.dumps(content | {"models": "of earlier files"}))
    assert selection.changed_exercises() == ["models"]
    sample = names(selection.sample(cases, 5, DAY))
    assert set(names(selection.named(cases, ["models"]))) < set(sample)
    assert len(sample) == len(selection.named(cases, ["models"])) + 5
    audited.unlink()
    assert selection.changed_exercises() == list(read_assignment().exercises)


def test_an_exercise_has_changed_when_one_of_its_files_has(monkeypatch):
    files = {file.as_posix() for file in selection.exercise_files("models")}
    for end in (
        "grader/exercises/models/probes.py",
        "grader/staff/exercises/models/solution.py",
        "grader/staff/exercises/models/mutants.toml",
        "grader/staff/exercises/models/thresholds.json",
        "grader/staff/exercises/models/test_hidden.py",
        "grader/staff/exercises/models/styles/lazy.py",
        "tests/test_models.py",
    ):
        assert any(file.endswith(end) for file in files), end
    before = selection.exercise_digest("models")
    for file in selection.exercise_files("models"):
        others = [other for other in selection.exercise_files("models") if other != file]
        with monkeypatch.context() as patch:
            patch.setattr(selection, "exercise_files", lambda exercise, others=others: others)
            assert selection.exercise_digest("models") != before


@pytest.mark.parametrize("arguments", [["--sample", "two"], ["--date", "yesterday"]])
def test_a_wrong_argument_is_refused(capsys, arguments):
    with pytest.raises(SystemExit):
        main(["audit", *arguments])
    assert "invalid" in capsys.readouterr().err
