"""What a run prints in the terminal, from its first line to its last."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grader.feedback.causes import causes_of
from grader.feedback.closing import show_causes, show_figures, show_total
from grader.feedback.console import Console
from grader.feedback.lines import Detail, Lines
from grader.feedback.next_step import next_step
from grader.feedback.page import write_page
from grader.feedback.results import Drawings
from grader.judging.data import data_in_words
from grader.judging.record import Record
from grader.judging.run import Run
from grader.texts import safe

ONE_LINE = ("no", "line")  # values of --tb that give no details
USUAL_REPORT = "fE"  # pytest's -r if none is given
ODD_ANSWERS = "For the staff: answers caused exceptions in these checks, which counted as failed.  The reference's answers cause none."
NOT_DRAWN = "For the staff: answers caused exceptions in these pictures.  No points depend on that."


def print_little(config: pytest.Config) -> None:
    """Leave out what pytest prints before the checks, except with -v, and long tracebacks.

    These would print every array of a run with each failed check, which takes longer than the
    checks.
    """
    if config.getoption("tbstyle", None) == "auto":
        config.option.tbstyle = "short"
    if config.getoption("verbose", None) == 0:
        config.option.no_header = True


class Display:
    """Prints the checks of a run, in place of pytest.

    Staff (`for_staff`) see what students don't: how the run works, and the details of hidden
    checks.  `is_part` says that options have selected some of the checks.  `style` is the value of
    --tb.
    """

    def __init__(self, config: pytest.Config, records: Sequence[Record], for_staff: bool, is_part: bool) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False
            if config.option.reportchars == USUAL_REPORT:
                reporter.reportchars = ""  # what to fix says it
        self.records, self.for_staff, self.is_part = records, for_staff, is_part
        self.detail = Detail.of(config.getoption("verbose", 0))
        self.style = config.getoption("tbstyle", "auto")
        self.console = Console(reporter)
        self.lines = Lines(self.console, records, self.detail, for_staff)

    def begin(self, run: Run) -> None:
        """Tell students what is checked and on which data; with -v, and for staff, tell how."""
        if self.for_staff or self.detail is Detail.CHECKS:
            self.console.line(f"Submission {run.submission.source}: {run.describe()}.")
        else:
            count = f"{len(self.records)} check{'s' if len(self.records) != 1 else ''}"
            data = data_in_words(run.settings.full)
            self.console.line(f"Checking {run.submission.source}: {count}, data: {data}.  -v tells how.")
        for sentence in run.submission.told(most=10):
            self.console.paragraph(sentence, "  ", yellow=True)

    def tick(self, seconds: float, record: Record | None) -> None:
        """Show that a long check still runs or, after the last one, what takes so long."""
        doing = record.title if record else "looking for the mistakes"
        self.console.progress.show(f"  ... {seconds:.0f} s  {doing:.60}")

    def warn(self, sentence: str) -> None:
        self.console.paragraph(sentence, yellow=True)

    def summarise(self, run: Run) -> None:
        """Print what the run measured, what to fix, and the points."""
        if run.figures:
            show_figures(self.console, list(run.figures.values()))
        causes = causes_of(self.records, self.for_staff)
        if causes and self.detail is not Detail.LEAST:
            everything = self.detail is Detail.CHECKS
            show_causes(self.console, causes, everything, with_details=self.style not in ONE_LINE)
        show_total(self.console, self.records, self.is_part)
        if self.for_staff and run.odd_answers:
            self.warn(safe("\n".join([ODD_ANSWERS, *run.odd_answers])))

    def draw(self, run: Run, page: Path | None, write: Callable[[Drawings], None]) -> None:
        """Draw the page and Gradescope's pictures, once the results are final.

        Nothing that goes wrong may change them.
        """
        try:
            if page is not None:
                write_page(page, self.records, run, self.is_part)
            if run.assignment.pictures:
                from grader.feedback.pictures.draw import FOR_GRADESCOPE, draw_all  # here: other runs must start fast

                write(draw_all(self.records, *FOR_GRADESCOPE))
        except Exception:
            self.warn(f"The pictures could not be written:\n{safe(traceback.format_exc())}")
        if self.for_staff and run.not_drawn:
            self.warn("\n".join([NOT_DRAWN, *run.not_drawn]))

    def end(self, run: Run) -> None:
        """Print the last line: what a student does next."""
        step = next_step(self.records, causes_of(self.records), run.settings, self.is_part)
        if step and not self.for_staff:
            self.console.line(step, bold=True)  # in one line, to be copied
