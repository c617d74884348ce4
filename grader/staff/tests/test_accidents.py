"""Honest accidents: every one has full results, keeps what other code earns, and is explained in a sentence."""

import pytest

from grader import run
from grader.outcome import Outcome
from grader.staff.accident import points_of, read_accidents, read_by_student, results_of
from grader.staff.trial import Remembering, collect_checks, open_lanes

ACCIDENTS = {accident.name: accident for accident in read_accidents()}
SOUP = ("Traceback", "/tmp/", "site-packages", "grader/", "object at 0x", "that is the grader's fault")


@pytest.fixture(scope="module")
def checks():
    return collect_checks()


@pytest.fixture(scope="module")
def asks():
    """One sandbox for all, which is asked the same of the same code only once: most accidents touch one function."""
    first, second = open_lanes()
    second.close()
    memory: dict[str, Outcome] = {}
    yield Remembering(first, memory)
    first.close()


@pytest.fixture(autouse=True)
def little_time(monkeypatch):
    """Two seconds to import a file, not ten."""
    monkeypatch.setattr(run, "IMPORT_S", 2.0)


@pytest.mark.parametrize("name", ACCIDENTS)
def test_accident(name, checks, asks, tmp_path):
    accident = ACCIDENTS[name]
    results = results_of(accident.make(tmp_path), checks, asks)
    assert [test["number"] for test in results["tests"]] == [getattr(item.obj, "__number__", "") for item in checks]
    assert sum(test["max_score"] for test in results["tests"]) == 100
    text = read_by_student(results)
    assert {exercise: points_of(results, exercise) for exercise in accident.keeps} == accident.keeps, text
    assert [words for words in accident.says if words not in text] == []
    assert [words for words in (*SOUP, *accident.never) if words in text] == []


def test_there_are_accidents_of_all_kinds():
    assert len(ACCIDENTS) >= 45
