"""`grader check` leaves feedback.html beside the submission, and opens it if asked."""

import argparse

import pytest

from grader.commands import check
from grader.staff.tests.submissions import make_submission


@pytest.fixture
def opened(monkeypatch):
    """The addresses that the browser was asked to open."""
    addresses = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


def run_check(monkeypatch, folder, writes=True, **options):
    """`grader check`, with a stand-in for the checks; what it was asked to run with."""
    asked = []

    def run_checks(settings, folders, *given):
        asked.extend(given)
        if writes:
            (folder / "feedback.html").write_text("the page")
        return pytest.ExitCode.OK

    monkeypatch.setattr(check, "run_checks", run_checks)
    check.main(argparse.Namespace(folder=folder, **{"open": False, "verbose": False} | options))
    return asked


def test_the_page_is_written_beside_the_submission_and_said(monkeypatch, tmp_path, capsys, opened):
    folder = make_submission(tmp_path / "mine")
    asked = run_check(monkeypatch, folder)
    assert f"--page={folder / 'feedback.html'}" in asked and opened == []
    assert f"{folder / 'feedback.html'} shows this with pictures" in capsys.readouterr().out


def test_open_opens_it(monkeypatch, tmp_path, opened):
    folder = make_submission(tmp_path / "mine")
    run_check(monkeypatch, folder, open=True)
    assert opened == [(folder / "feedback.html").as_uri()]


def test_an_older_page_is_never_shown_as_the_new_one(monkeypatch, tmp_path, capsys, opened):
    folder = make_submission(tmp_path / "mine")
    (folder / "feedback.html").write_text("an older one")
    run_check(monkeypatch, folder, writes=False, open=True)
    assert opened == [] and "shows this with pictures" not in capsys.readouterr().out
    assert not (folder / "feedback.html").exists()
