"""Other graders, beside this one.  `make bench-peers` also tries those that must be installed."""

import sys
from contextlib import closing
from pathlib import Path

import pytest

from grader.staff.proving.bench_peers import let_through
from grader.staff.proving.peers.submissions import ATTACKS, MISTAKES, texts
from grader.staff.proving.peers.this_kit import Ours
from grader.staff.proving.peers.tools import FreshProcesses, GradescopeUtils


def graded(tool_class, folder, *chosen):
    folder.mkdir()
    given = texts()
    with closing(tool_class(folder, Path(sys.executable))) as tool:
        return {
            kind: {name: tool.grade(text) for name, text in given[kind].items() if name in chosen} for kind in given
        }


def test_there_are_twelve_mistakes_and_eight_attacks():
    given = texts()
    assert (len(MISTAKES), len(ATTACKS)) == (12, 8)
    assert all(text != given["reference"]["reference"] for text in given["mistakes"].values())


@pytest.mark.slow
def test_an_attack_that_a_plain_suite_lets_through_gains_nothing_here(tmp_path):
    chosen = ("reference", "train_epoch.fraction", "makes assertions pass")
    plain, ours = graded(GradescopeUtils, tmp_path / "plain", *chosen), graded(Ours, tmp_path / "ours", *chosen)
    assert plain["reference"]["reference"].share == ours["reference"]["reference"].share == 1
    assert let_through(plain) == ["makes assertions pass"]
    assert let_through(ours) == []
    assert plain["reference"]["reference"].cpu_s > 0 and plain["reference"]["reference"].megabytes > 100


@pytest.mark.slow
def test_a_submission_that_exits_passes_checks_that_are_only_a_status(tmp_path):
    found = graded(FreshProcesses, tmp_path / "fresh", "exits at once")
    assert let_through(found) == ["exits at once"]
