"""A few submissions broken at random: each ends in a valid results.json.

`make fuzz` tries a thousand.
"""

from grader.staff.proving.fuzz import judge_all
from grader.staff.proving.fuzz_cases import make_broken


def test_whatever_is_handed_in_has_valid_results():
    judged = list(judge_all(cheap=12, whole=0, jobs=1))
    assert [one.number for one in judged] == list(range(12))
    assert [one for one in judged if one.problem] == []
    assert {"sound source in a zip"} < {one.how for one in judged}  # and sources, broken in several ways


def test_a_submission_follows_from_its_number(tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()
    first, again, other = (make_broken(number, tmp_path / name) for name, number in [("a", 0), ("b", 0), ("c", 1)])
    assert (first.how, first.exercise) == (again.how, again.exercise)
    assert content_of(first.path) == content_of(again.path) != content_of(other.path)


def content_of(path):
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [file.read_bytes() for file in files]
