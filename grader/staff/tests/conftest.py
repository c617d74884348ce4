"""What the kit's own tests share."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from grader.assignment import CHECKS, KIT, VARIABLE, read_assignment
from grader.items import new_record
from grader.judging.opening import probe_modules
from grader.judging.record import Record
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox.client import Sandbox
from grader.sandbox.frames import USUAL_WORKERS, Workers
from grader.staff.grading.trial import collect_checks
from grader.staff.release.handout import make_handout
from grader.staff.release.rehearse import environment_in
from grader.staff.release.solution import write_solution

os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's threads wait for each other on a busy machine
CORE = Path(__file__).parent / "core.toml"
os.environ[VARIABLE] = str(CORE)  # to grade all exercises takes three times as long: test_exercises.py does


@pytest.fixture(scope="session", autouse=True)
def no_data_folder() -> Iterator[None]:
    """Hide this machine's data folder from all tests. Tests of real data name the folder."""
    with patch.dict(os.environ):
        os.environ.pop("DATA_DIR", None)
        yield


Result = subprocess.CompletedProcess[str]
needs_fork = pytest.mark.skipif(USUAL_WORKERS is Workers.PERSISTENT, reason="workers are forked on Linux only")
BOTH_WORKERS = [  # for a fixture's params; systems without fork have persistent workers
    pytest.param(Workers.FORKED, id="fork", marks=needs_fork),
    pytest.param(Workers.PERSISTENT, id="persistent", marks=pytest.mark.slow("persistent")),
]


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "run one of N slow tests, others each day (default: all)"
    parser.addoption("--slow-share", type=int, default=1, metavar="N", help=about)
    about = "the day whose slow tests to run (default: today)"
    parser.addoption("--slow-day", default=date.today().isoformat(), metavar="YYYY-MM-DD", help=about)


def pytest_configure(config: pytest.Config) -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, which some tests type."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header(config: pytest.Config) -> str | None:
    share, day = config.getoption("--slow-share"), config.getoption("--slow-day")
    return f"one of {share} slow tests, those of --slow-day {day}" if share > 1 else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_slow_tests(config, items)
    run_longest_first(items)


def leave_out_slow_tests(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow tests as --slow-share says.

    Those with one name in their marker share something slow, and are left out or run together.
    """
    share = config.getoption("--slow-share")
    day = date.fromisoformat(config.getoption("--slow-day")).toordinal()

    def is_run(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("slow")
        if marker is None:
            return True
        name = f"{item.path.name} {marker.args[0]}" if marker.args else item.nodeid
        return (zlib.crc32(name.encode()) + day) % share == 0

    left_out = [item for item in items if not is_run(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def run_longest_first(items: list[pytest.Item]) -> None:
    """Run the longest files first.

    None of them then runs alone at the end.  It needs --no-loadscope-reorder: else xdist takes the
    files with the most tests first.
    """
    longest = [
        "experiments",
        "watch",
        "grading",
        "accidents",
        "sandbox",
        "terminal",
        "plugin",
        "hardening",
        "exercises",
        "diagnosis",
        "page",
        "attacks",
        "extending",
        "handout",
        "torch_once",
        "cluster",
        "parity",
        "audit",
        "record",
        "autograder",
        "memory",
    ]
    names = [f"test_{name}.py" for name in longest]
    items.sort(key=lambda item: names.index(item.path.name) if item.path.name in names else len(names))


def run(*arguments: object, cwd: Path = KIT, **environment: str) -> Result:
    """Run Python with these arguments as a user would.

    It does not see this machine's data folder unless the caller gives it. A copy of the kit hands
    out what its own assignment.toml says.
    """
    command = [sys.executable, *map(str, arguments)]
    given = environment_in(cwd) | environment
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, encoding="utf-8")


def copy_kit(kit: Path) -> Path:
    """Copy the kit as it is in the repository to a new folder, which is returned."""
    not_its_own = (".git", ".venv", ".*_cache", ".hypothesis", "build", "__pycache__", "*.egg-info", "downloads")
    shutil.copytree(KIT, kit, ignore=shutil.ignore_patterns(*not_its_own, "secret.key"))
    return kit


@pytest.fixture(scope="session")
def without_staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit as students have it: the handout."""
    folder = tmp_path_factory.mktemp("handout") / "kit"
    make_handout(folder)
    return folder


@pytest.fixture(scope="session")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference as a submission."""
    return write_solution(tmp_path_factory.mktemp("solution"))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may enter.

    Workers must reach staged files, and they can't enter pytest's own folders.
    """
    with tempfile.TemporaryDirectory(prefix="kit-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def grader() -> Callable[..., Result]:
    """Run the `grader` command."""
    return lambda *arguments, **options: run("-m", "grader.cli", *arguments, **options)


@pytest.fixture
def run_pytest() -> Callable[..., Result]:
    """Run pytest on the kit's checks, as a process of its own."""
    return lambda *arguments, **options: run("-m", "pytest", *arguments, **options)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One server for all runs of `judge`.

    Starting one for each run would cost more than most runs do.
    """
    sandbox = Sandbox(preload=probe_modules(read_assignment().exercises))
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def judge(sandbox: Sandbox) -> Callable[..., Result]:
    """Run checks on a submission as pytest does, in this process.

    One server works for submission and reference. `select` is pytest's `-k`, `settings` are the
    run's, and `folders` hold the checks.
    """

    def run_here(
        submission: Path, select: str = "", *options: object, folders: Any = CHECKS, **settings: Any
    ) -> Result:
        said = io.StringIO()
        arguments = ["-c", str(KIT / "pyproject.toml"), "-p", "grader.plugin", "-k", select, *map(str, options)]
        with (
            contextlib.chdir(KIT),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            patch.dict(os.environ),
        ):
            os.environ.pop("DATA_DIR", None)
            status = run_checks(Settings(submission, asks=sandbox, **settings), folders, *arguments)
        return Result(arguments, status, said.getvalue(), "")

    return run_here


@pytest.fixture(scope="session")
def checks() -> list[Record]:
    """A record of each check that there is, visible and hidden, with its points: nothing done."""
    return [new_record(item, read_assignment()) for item in collect_checks()]


@pytest.fixture(scope="session")
def visible(checks: list[Record]) -> list[Record]:
    """The visible ones."""
    return [check for check in checks if not check.hidden]


def points_of(checks: list[Record]) -> float:
    return sum(check.max_points for check in checks)


def total_in(printed: str) -> str:
    """The points of a whole run, as in "3/10", in what it printed."""
    (total,) = re.findall(r"^([\d.]+/[\d.]+) (?:visible )?points: \d", printed, re.MULTILINE)
    return str(total)


def unwrapped(printed: str) -> str:
    """What a run printed, without the line ends and indents that its width gave it."""
    return " ".join(printed.split())
