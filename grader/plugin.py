"""The pytest plugin: runs checks, gives them points, prints them and the closing table, and writes results.json.

A check is a test function with gradescope-utils' @weight (or @partial_credit); everything else is left to pytest.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.terminal import TerminalReporter

from grader import __version__
from grader.assignment import KIT, AssignmentError
from grader.feedback.results import Header, write_results
from grader.feedback.terminal import closing_table, figures_table, output_of, print_check
from grader.items import (
    call_check,
    give_pytest_timeout_a_margin,
    is_check,
    is_handed_out,
    new_check,
    new_record,
    score_of,
    thresholds_of,
)
from grader.judging.checks import Check, CheckFailed, MissedThreshold
from grader.judging.diagnosis import diagnose
from grader.judging.mutants import MutantError
from grader.judging.record import STATUSES, Record
from grader.judging.run import Run, Settings
from grader.judging.thresholds import Thresholds
from grader.sandbox.client import SandboxError

NOT_BEGUN = (
    "Grading did not get as far as the first check.  Course staff: the run's log says why; mend that and grade again."
)
MISSHAPEN = (
    "It can't be judged: what came back has another form than it should (other entries, or arrays of other shapes)."
)
HELP = {
    "--submission": "folder or zip to run the checks on (default: this folder, with its src/)",
    "--full": "train with the full budget, on all of MNIST (in DATA_DIR), and show the figures; takes many minutes",
    "--results": "write Gradescope's results.json to this file",
    "--in-process": "run probes in pytest's own process, without limits or isolation (for debuggers; --pdb implies it)",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "checks of submissions")
    group.addoption("--submission", type=Path, metavar="PATH", help=HELP["--submission"])
    group.addoption("--results", type=Path, metavar="FILE", help=HELP["--results"])
    group.addoption("--full", action="store_true", help=HELP["--full"])
    group.addoption("--in-process", action="store_true", help=HELP["--in-process"])


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Grading(config), "grading")


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """This check's own asker; see grader.judging.checks.Check."""
    grading = request.config.pluginmanager.get_plugin("grading")
    assert isinstance(grading, Grading)
    return new_check(grading.run, request.node)


@pytest.fixture
def agree(check: Check) -> Callable[..., Any]:
    """Ask submission and reference the same, and compare."""
    return check.agree


@pytest.fixture
def rng(check: Check) -> np.random.Generator:
    """Where this check's inputs are drawn from."""
    return check.rng


@pytest.fixture
def thresholds(request: pytest.FixtureRequest) -> Thresholds:
    """The measured thresholds in the file beside the check's module."""
    return thresholds_of(request.node)


UNFINISHED = "Grading has not come to its end: the points of the checks that were finished stand.  Ask the course staff to grade again."


class Grading:
    """The state of one pytest run over checks, and the hooks that keep it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.settings = self.read_settings()
        self.records: dict[str, Record] = {}
        self.failures: dict[str, pytest.TestReport] = {}
        self.running: Run | None = None
        self.started = time.monotonic()
        self.printed_heading = ""
        self.line_to_clear = False
        self.current = ""

    def read_settings(self) -> Settings:
        """The settings that `grader grade` and its like hand over as a plugin, else those of the command line."""
        for plugin in self.config.pluginmanager.get_plugins():
            if isinstance(plugin, Settings):
                return plugin
        options = self.config.option
        debugging = bool(getattr(options, "usepdb", False))
        submission = options.submission or Settings.submission
        if not submission.exists():
            raise pytest.UsageError(f"--submission {submission}: there is no such folder or zip.")
        in_process = options.in_process or debugging
        return Settings(submission, in_process=in_process, debugging=debugging, full=options.full)

    # Collection

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            assignment = self.settings.assignment()
        except AssignmentError as error:
            raise pytest.UsageError(str(error)) from None
        for item in items:
            if is_check(item):
                self.records[item.nodeid] = new_record(item, assignment)
                give_pytest_timeout_a_margin(item, assignment.time_factor, self.settings.full)
        handed_out = [item for item in items if not is_check(item) or is_handed_out(item, assignment)]
        items[:] = sorted(handed_out, key=lambda item: self.place_in_order(item, assignment.exercises))

    def place_in_order(self, item: pytest.Item, exercises: tuple[str, ...]) -> tuple[bool, int]:
        """Visible checks first: what a submission learns while hidden ones run then finds no way into what its student may read."""
        record = self.records.get(item.nodeid)
        return (record.hidden, exercises.index(record.exercise)) if record else (False, -1)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        in_order = [item.nodeid for item in session.items if item.nodeid in self.records]
        self.records = {name: self.records[name] for name in in_order}
        if not self.records or self.config.option.collectonly or session.testsfailed:
            return  # a file of checks that can't be collected stops pytest: what it would write would lack that file's maxima
        self.terminal.showfspath = False
        self.terminal.reportchars = ""  # the closing table says it
        self.write()
        try:
            self.running = Run(self.settings, tick=self.tick)
        except (AssignmentError, SandboxError) as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
        self.write()
        self.say_how()

    def say_how(self) -> None:
        run = self.run
        self.terminal.write_line(f"Submission {run.submission.source}: {run.describe()}.")
        for sentence in run.submission.told(most=10):
            self.terminal.write_line(f"  {sentence}", yellow=True)

    # One check

    @property
    def run(self) -> Run:
        assert self.running is not None
        return self.running

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run the check; after a missed threshold once more, with everything drawn anew: a correct solution's chance of failing is squared."""
        if pyfuncitem.nodeid not in self.records:
            return (yield)
        self.current = self.records[pyfuncitem.nodeid].title
        # a parametrised check's partial credit must not leak into the next
        pyfuncitem.obj.__dict__.pop("__score__", None)
        try:
            return (yield)
        except MissedThreshold:
            if self.settings.recording:
                raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            check = pyfuncitem.funcargs.get("check")
            if not isinstance(check, Check) or not check.is_misshapen():
                raise
            raise CheckFailed("failed", MISSHAPEN) from None
        second = new_check(self.run, pyfuncitem, attempt=1)
        pyfuncitem.funcargs["check"] = second  # its notes are the ones that count
        call_check(pyfuncitem, second)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        record = self.records.get(item.nodeid)
        if record is None:
            return report
        error = call.excinfo.value if call.excinfo else None
        record.seconds += call.duration
        if report.when == "call" and report.passed:
            record.status, record.points = "passed", score_of(item, record.max_points)
        elif not report.passed:
            self.note_failure(record, report, error)
        asker = getattr(item, "funcargs", {}).get("check")
        record.output = output_of(record, error, asker.notes if asker else [])
        vars(report)["status"] = record.status
        return report

    def note_failure(self, record: Record, report: pytest.TestReport, error: BaseException | None) -> None:
        record.points = 0.0
        record.status = error.status if isinstance(error, CheckFailed) else "error"
        if isinstance(error, CheckFailed):
            record.subject = error.subject
            said = output_of(record, error, [], staff=self.settings.live)
            report.longrepr = f"{record.number} {record.title}\n\n{said}"
            self.failures[record.name] = report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = self.records.get(report.nodeid)
        if record is None or report.when != "teardown":
            return
        self.clear_line()
        heading = f"{record.exercise}, hidden checks" if record.hidden else record.exercise
        if heading != self.printed_heading:
            self.printed_heading = heading
            self.terminal.write_line(f"\n{heading}", bold=True)
        print_check(self.terminal, record)
        self.write()

    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
        """Checks are printed by this plugin; only failed ones get a section of pytest's at the end."""
        status = getattr(report, "status", None)
        if status is None:
            return None
        if report.when != "call" and report.passed:
            return "", "", ""
        return status, "", ""

    def tick(self, seconds: float) -> None:
        """Show that a long check still runs: in place on a terminal, every ten seconds elsewhere."""
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            if self.terminal.isatty:
                self.terminal.write(f"\r  ... {seconds:.0f} s  {self.current:.60}", flush=True)
                self.line_to_clear = True
            elif seconds >= 10 and seconds % 10 < 0.5:
                self.terminal.write(f"  ... {seconds:.0f} s  {self.current}\n", flush=True)

    def clear_line(self) -> None:
        if self.line_to_clear:
            self.terminal.write("\r" + " " * 78 + "\r")
        self.line_to_clear = False

    # The end

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Success only where every selected check earned all its points; a skipped one did not."""
        if self.running is not None:
            self.name_mistakes(self.running)
            self.running.close()
            if exitstatus == pytest.ExitCode.OK and not all(record.earned_all for record in self.records.values()):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self.write()

    def name_mistakes(self, run: Run) -> None:
        """Put the hint that names the mistake before what a failed check says, where it is a known one."""
        named = {record.name: record for record in self.records.values()}
        statuses = {name: record.status for name, record in named.items()}
        try:
            found = diagnose(run.asked, statuses, run.mistakes()) if "failed" in statuses.values() else {}
        except (SandboxError, MutantError) as error:
            self.terminal.write_line(f"The mistakes could not be named: {error}", yellow=True)
            return
        for name, mutant in found.items():
            named[name].hint = mutant.hint
            report = self.failures[name]
            head, _, said = str(report.longrepr).partition("\n\n")
            report.longrepr = f"{head}\n\n{mutant.hint}\n\n{said}"

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if self.records and self.running is not None:
            if self.running.figures:
                figures_table(terminalreporter, list(self.running.figures.values()))
            closing_table(terminalreporter, list(self.records.values()))
            if self.results_path:
                terminalreporter.write_line(f"Results: {self.results_path}")

    @property
    def terminal(self) -> TerminalReporter:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        assert isinstance(reporter, TerminalReporter)
        return reporter

    @property
    def results_path(self) -> Path | None:
        path: Path | None = self.config.option.results
        return path

    def write(self) -> None:
        if self.results_path and self.records:
            write_results(self.results_path, self.records.values(), self.header())

    def header(self) -> Header:
        counts = Counter(record.status for record in self.records.values())
        details: dict[str, Any] = {"kit": __version__, "checks": {status: counts[status] for status in STATUSES}}
        if self.running is None:
            return Header(NOT_BEGUN, details, time.monotonic() - self.started)
        lines = [UNFINISHED] if counts["not run"] else []  # stands there should this process be killed
        details |= {"mode": self.running.describe(), "submission": self.running.digest}
        details["not gradable"] = self.running.not_gradable
        text = "\n".join([*lines, *self.running.submission.told()])
        return Header(text, details, time.monotonic() - self.started, list(self.running.figures.values()))


def run_checks(settings: Settings, folders: Iterable[Path], *options: str, plugins: Iterable[object] = ()) -> int:
    """Run the checks in these folders as pytest does, with the given settings in place of the command line's; pytest's exit status."""
    return int(pytest.main([*map(str, folders), f"--rootdir={KIT}", *options], plugins=[settings, *plugins]))
