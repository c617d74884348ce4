"""The pytest plugin: collects the checks, runs them, prints them, and writes results.json."""

import contextlib
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest._code import Traceback
from _pytest.runner import runtestprotocol

from grader.assignment import KIT, AssignmentError
from grader.feedback.console import show_every_character
from grader.feedback.header import header_of
from grader.feedback.results import NONE_DRAWN, Drawings, write_results
from grader.feedback.terminal import Display, print_little
from grader.feedback.words import text_of
from grader.hints import Hints
from grader.items import (
    exercise_of,
    function_of,
    in_order,
    is_check,
    new_check,
    new_record,
    refuse_same_names,
    run_check,
    set_budget,
    thresholds_of,
)
from grader.judging.checks import Check
from grader.judging.failures import CheckFailed
from grader.judging.record import Record, Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.judging.thresholds import Thresholds
from grader.sandbox.client import SandboxError
from grader.texts import safe

HELP = {
    "--submission": "folder or zip to run the checks on (default: this folder, with its src/)",
    "--page": "write the feedback as a page with pictures to this file",
    "--full": "train with the full budget, on all of MNIST (in DATA_DIR), and show the figures; takes many minutes",
    "--results": "write Gradescope's results.json to this file",
    "--in-process": "run probes in pytest's own process, without limits or isolation (for debuggers; --pdb implies it)",
}

NO_TRACEBACK = Traceback([])  # of a failed check: pytest takes long to write one, and put_text would replace it


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "checks of submissions")
    group.addoption("--submission", type=Path, metavar="PATH", help=HELP["--submission"])
    group.addoption("--results", type=Path, metavar="FILE", help=HELP["--results"])
    group.addoption("--page", type=Path, metavar="FILE", help=HELP["--page"])
    group.addoption("--full", action="store_true", help=HELP["--full"])
    group.addoption("--in-process", action="store_true", help=HELP["--in-process"])


def pytest_configure(config: pytest.Config) -> None:
    show_every_character()
    print_little(config)
    config.pluginmanager.register(Grading(config), "grading")


def grading_of(config: pytest.Config) -> "Grading":
    grading = config.pluginmanager.get_plugin("grading")
    assert isinstance(grading, Grading)
    return grading


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """What this check asks through; see grader.judging.checks.Check."""
    return new_check(grading_of(request.config).run, request.node)


@pytest.fixture
def agree(check: Check) -> Callable[..., Any]:
    """Ask submission and reference the same, and compare."""
    return check.agree


@pytest.fixture
def rng(check: Check) -> np.random.Generator:
    """The generator that this check's inputs are drawn from."""
    return check.rng


@pytest.fixture
def thresholds(request: pytest.FixtureRequest) -> Thresholds:
    """The measured thresholds in the file beside the check's module."""
    return thresholds_of(request.node)


def settings_of(config: pytest.Config) -> Settings:
    """The settings from the plugin of `grader grade` and its like, or from the command line."""
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, Settings):
            return plugin
    options = config.option
    debugging = bool(getattr(options, "usepdb", False))
    submission = options.submission or Settings.submission
    if not submission.exists():
        raise pytest.UsageError(f"--submission {submission}: there is no such folder or zip.")
    in_process = options.in_process or debugging
    return Settings(submission, in_process=in_process, debugging=debugging, full=options.full)


class Grading:
    """The state of one pytest run over checks, and the hooks that keep it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.settings = settings_of(config)
        self.records: dict[str, Record] = {}  # by pytest's node id
        self.reports: dict[str, pytest.TestReport] = {}  # of failed checks, by the check's name
        self.running: Run | None = None
        self.hints: Hints | None = None
        self.current: Record | None = None
        self.has_ended = False
        self.started = time.monotonic()

    # Collecting

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Let `-k` select the checks of an exercise, and those of a function."""
        if is_check(item):
            item.extra_keyword_matches |= {exercise_of(item), function_of(item)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the checks in their order before --lf, --sw and their like look at it."""
        try:
            assignment = self.settings.assignment()
        except AssignmentError as error:
            raise pytest.UsageError(str(error)) from None
        refuse_same_names(item for item in items if is_check(item))
        items[:] = in_order(items, assignment)
        for item in filter(is_check, items):
            self.records[item.nodeid] = new_record(item, assignment)
            set_budget(item, assignment.time_factor, self.settings.full)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        selected = [item.nodeid for item in session.items if item.nodeid in self.records]
        is_part = len(selected) < len(self.records) or bool(self.config.getoption("lf", False))
        self.records = {name: self.records[name] for name in selected}
        if not self.records or self.config.option.collectonly or session.testsfailed:
            return  # if a file of checks can't be collected, pytest stops: results.json would lack its checks
        self.display = Display(self.config, list(self.records.values()), self.settings.live, is_part)
        self.write()
        try:
            self.running = Run(self.settings, tick=self.tick)
        except (AssignmentError, SandboxError) as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
        self.hints = Hints(self.running, session.items, {record.name: record for record in self.records.values()})
        self.write()
        self.display.begin(self.running)

    # Running

    @property
    def run(self) -> Run:
        assert self.running is not None
        return self.running

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        """Run a check as pytest does, but don't let pytest print its name with -v."""
        if item.nodeid not in self.records:
            return None
        if self.hints and self.records[item.nodeid].hidden:
            self.hints.ask_again()
        runtestprotocol(item, nextitem=nextitem)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> object:
        """Run a check; pytest runs other tests itself."""
        record = self.records.get(pyfuncitem.nodeid)
        if record is None:
            return None
        self.current = record
        failure = run_check(pyfuncitem, self.run, record)
        if failure is not None:
            raise failure
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None and isinstance(call.excinfo.value, CheckFailed):
            call.excinfo.traceback = NO_TRACEBACK
        report = yield
        record = self.records.get(item.nodeid)
        if record is None:
            return report
        record.seconds += call.duration
        if not report.passed:
            self.note_failure(record, report, call.excinfo.value if call.excinfo else None)
        vars(report)["status"] = record.status
        return report

    def note_failure(self, record: Record, report: pytest.TestReport, error: BaseException | None) -> None:
        """Keep a failed check's report; an error outside of the check itself costs its points."""
        if isinstance(error, CheckFailed):
            self.reports[record.name] = report
            self.put_text(record, report)
            vars(report)["_pdbshown"] = True  # pytest leaves it out of its FAILURES: it is among what to fix
        else:
            record.status, record.points, record.feedback = Status.ERROR, 0.0, None

    def put_text(self, record: Record, report: pytest.TestReport) -> None:
        """Put what the check says in place of a traceback: editors show it beside the check."""
        report.longrepr = f"{record.number} {record.title}\n\n{text_of(record, for_staff=self.settings.live)}"

    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
        """This plugin prints the checks; `-rA` makes pytest print the words too, at the end."""
        status = getattr(report, "status", None)
        if status is None:
            return None
        if report.when != "call" and report.passed:
            return "", "", ""
        return str(status), "", str(status).upper() if self.has_ended else ""

    # Showing

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = self.records.get(report.nodeid)
        if record is not None and report.when == "teardown":
            self.current = None
            self.display.lines.show(record)
            self.write()

    def tick(self, seconds: float) -> None:
        """Show that a long check still runs."""
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            self.display.tick(seconds, self.current)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Name the mistakes, unless Ctrl-C was typed, and write the last results.

        The exit status says success only if every selected check earned all its points; a skipped
        one did not.
        """
        self.has_ended = True
        if self.running is None:
            return
        self.display.lines.show_rest()
        if self.hints and (exitstatus != pytest.ExitCode.INTERRUPTED or session.shouldstop):
            self.put_hints(self.hints)
        self.running.close()
        if exitstatus == pytest.ExitCode.OK and not all(record.earned_all for record in self.records.values()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self.write()
        self.display.draw(self.running, self.config.option.page, self.write)

    def pytest_unconfigure(self) -> None:
        """Say what to do next, after pytest's own last line."""
        if self.running is not None:
            self.display.end(self.running)

    def put_hints(self, hints: Hints) -> None:
        """Put the hints of known mistakes into the records of checks that fail because of them."""
        try:
            named = hints.named()
        except Exception as error:  # names are a help: without them the points still count
            self.display.warn(f"The mistakes could not be named: {type(error).__name__}: {safe(str(error), 500)}")
            return
        for name, mutants in named.items():
            record = hints.records[name]
            record.hints = tuple(mutant.hint for mutant in mutants)
            self.put_text(record, self.reports[name])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.running is not None:
            self.display.summarise(self.running)
            if self.results_path:
                terminalreporter.write_line(f"Results: {self.results_path}")

    # Writing

    @property
    def results_path(self) -> Path | None:
        path: Path | None = self.config.option.results
        return path

    def write(self, drawn: Drawings = NONE_DRAWN) -> None:
        if self.results_path and self.records:
            header = header_of(self.records.values(), self.running, time.monotonic() - self.started)
            write_results(self.results_path, self.records.values(), header, drawn)


def run_checks(settings: Settings, folders: Iterable[Path], *options: str, plugins: Iterable[object] = ()) -> int:
    """Run the checks in these folders as pytest does, with these settings; pytest's exit status."""
    options = (f"--rootdir={KIT}", "-p", "no:cacheprovider", *options)
    return int(pytest.main([*map(str, folders), *options], plugins=[settings, *plugins]))
