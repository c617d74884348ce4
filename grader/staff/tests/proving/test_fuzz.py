"""Submissions broken at random, a few: each ends in a valid results.json.  (A thousand: `make fuzz`.)"""

from grader.staff.proving.fuzz import judge_all


def test_whatever_is_handed_in_has_valid_results():
    judged = list(judge_all(cheap=12, whole=0, jobs=1))
    assert [number for number, _, _ in judged] == list(range(12))
    assert [found for found in judged if found[2]] == []
    assert len({how for _, how, _ in judged}) > 3  # sources and zips, broken in most of the ways
