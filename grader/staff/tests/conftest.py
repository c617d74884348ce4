"""What the kit's own tests share."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.assignment import KIT
from grader.staff.handout import main

os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's threads wait for each other on a busy machine

Result = subprocess.CompletedProcess[str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: with a process for each core, none of them then runs alone at the end."""
    longest = ["test_grading.py", "test_extending.py", "test_audit.py", "test_diagnosis.py", "test_plugin.py"]
    items.sort(key=lambda item: longest.index(item.path.name) if item.path.name in longest else len(longest))


def run(*arguments: object, cwd: Path = KIT, **environment: str) -> Result:
    """Run Python with these arguments as a user would, without this machine's data folder unless it is given."""
    kept = {name: value for name, value in os.environ.items() if name != "DATA_DIR"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture(scope="session")
def without_staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit as students have it: the handout."""
    folder = tmp_path_factory.mktemp("handout") / "kit"
    assert main(folder) == 0
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may enter, unlike pytest's own: workers must reach what is staged in it."""
    with tempfile.TemporaryDirectory(prefix="kit-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def grader() -> Callable[..., Result]:
    """Run the `grader` command."""
    return lambda *arguments, **options: run("-m", "grader.cli", *arguments, **options)


@pytest.fixture
def run_pytest() -> Callable[..., Result]:
    """Run pytest on the kit's checks."""
    return lambda *arguments, **options: run("-m", "pytest", *arguments, **options)
