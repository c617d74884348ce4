"""The class that `grader grade` is tried on."""

import pytest

from grader.assignment import read_assignment
from grader.intake.class_downloads.formats import Format
from grader.staff.grading.handed_in import collect
from grader.staff.grading.roster import Roster
from grader.staff.proving.bench_class import differences
from grader.staff.proving.class_cases import SIZE, make_class


@pytest.mark.slow
def test_the_class_holds_all_kinds_of_submissions_each_with_its_name(tmp_path):
    make_class(tmp_path)
    entries = collect([tmp_path], read_assignment(), Format.FOLDERS, Roster()).entries
    kinds = [entry.name.partition(" ")[0] for entry in entries]
    assert len(kinds) == SIZE
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "reference": 2,
        "style": 8,
        "mutant": 12,
        "pair": 6,
        "accident": 7,
        "attack": 5,
    }


@pytest.mark.slow
def test_a_part_of_the_class_is_mixed_too(tmp_path):
    make_class(tmp_path, 4)
    assert len({path.name.partition(" ")[0] for path in tmp_path.iterdir()}) >= 3


def test_a_result_that_is_another_or_missing_is_a_difference(tmp_path):
    text = '{"tests": [{"name": "a", "score": %d}]}'
    for way, scores in {"plain": {"Ann": 1, "Bo": 1, "Cy": 1}, "killed": {"Ann": 1, "Bo": 0}}.items():
        for name, score in scores.items():
            (tmp_path / way / name).mkdir(parents=True)
            (tmp_path / way / name / "finished.json").write_text("{}", encoding="utf-8")
            (tmp_path / way / name / "results.json").write_text(text % score, encoding="utf-8")
    assert list(differences(tmp_path, "killed")) == ["killed: Bo has another result.", "killed: Cy has another result."]
    assert not list(differences(tmp_path, "killed", ["Ann"]))
