"""Progress: one line that changes on a terminal, a line now and then elsewhere."""

import pytest

from grader.feedback import progress
from grader.feedback.progress import Progress


@pytest.fixture
def written():
    return []


@pytest.fixture
def clock(monkeypatch):
    """Set the time, in seconds."""
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)
    return lambda now: monkeypatch.setattr(progress.time, "monotonic", lambda: now)


def test_where_lines_stay_there_is_one_every_ten_seconds_and_one_at_the_end(written, clock):
    shown = Progress(4, write=written.append, is_terminal=False)
    for now, name in [(1, "a"), (11, "b"), (12, "c"), (13, "d")]:
        clock(now)
        shown.step(name)
    assert written == ["[2/4]   11 s  b\n", "[4/4]   13 s  d\n"]


def test_every_step_can_have_its_line(written, clock):
    shown = Progress(2, write=written.append, is_terminal=False)
    shown.step("a", always=True)
    assert written == ["[1/2]    0 s  a\n"]


def test_on_a_terminal_the_line_is_replaced_and_removed_before_other_text(written, clock):
    shown = Progress(3, write=written.append, is_terminal=True)
    shown.step("a")
    shown.step("b")
    assert all(text.startswith("\r") and "\n" not in text for text in written)
    shown.clear()
    assert written[-1].strip() == "" and written[-1].endswith("\r")
    n_written = len(written)
    shown.clear()
    assert len(written) == n_written
    shown.step("c")
    assert written[-1] == "[3/3]    0 s  c\n"


def test_a_line_is_cut_to_the_terminal(written, clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    Progress(write=written.append, is_terminal=True).show("x" * 100)
    assert written == ["\r" + "x" * 39]
