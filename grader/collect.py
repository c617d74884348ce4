"""Collects checks without running them, for commands that run single checks themselves."""

import contextlib
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from grader.assignment import GraderError
from grader.judging.settings import Settings
from grader.plugin import run_checks


class Catcher:
    """Takes the collected items out of a pytest run."""

    def __init__(self) -> None:
        self.items: list[pytest.Function] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


def collect_from(paths: Iterable[Path]) -> list[pytest.Function]:
    """The checks in these files or folders, in the order in which they run.

    Raises GraderError if a file can't be collected.
    """
    catcher, said = Catcher(), io.StringIO()
    with contextlib.redirect_stdout(said):
        status = run_checks(Settings(), paths, "--collect-only", "-q", plugins=[catcher])
    if status != pytest.ExitCode.OK:
        raise GraderError(f"The checks can't be collected:\n{said.getvalue()}")
    return catcher.items
