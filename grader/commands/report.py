"""`grader report`: fills in a report's tables, says what is missing, and renders its page."""

import argparse
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from grader.intake.files import replace_file
from grader.intake.report_files import REPORT, ReportFiles, take_report
from grader.intake.sources import open_source
from grader.report.fill import filled
from grader.report.page import page_of
from grader.report.pdf import make_pdf
from grader.report.review import Review, review
from grader.report.runs import read_runs
from grader.report.template import ReportError, template_text

HELP = (
    "Makes report.md from the template if there is none, fills in the tables that your experiments measured, lists what is "
    "still missing, and renders report.html (and report-page.pdf if a tool for it is installed).  It changes nothing that "
    "you wrote, except rows of a measured table: then report.md.before has the old ones.  Exit status: 0 if every "
    "question is done, 1 if not, 2 if the report can't be read."
)
EXAMPLE = "grader report"
DONE, NOT_DONE = 0, 1
PAGE, BACKUP = "report.html", "report.md.before"
PDF = "report-page.pdf"  # not report.pdf, which students make themselves
MOST_TRIES = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")


def main(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    if not folder.is_dir():
        raise ReportError(f"{options.folder} is not a folder: name the one with report.md in it.")
    template = template_text()
    make_report(folder / REPORT, template)
    taken = read_report(folder)
    assert taken.text is not None
    result = review(taken.text, taken.files, template)
    result.problems += taken.problems
    made = write_page(folder, page_of(result, taken.files))
    print_review(result)
    print(f"\n{made}")
    return NOT_DONE if result.unanswered or result.problems else DONE


def make_report(path: Path, template: str) -> None:
    """Make report.md if there is none."""
    if not os.path.lexists(path):  # a link that leads nowhere is not ours to follow
        replace_file(path, template.encode())
        print(f"Made {path.name} from the template. Write your answers into it.")


def read_report(folder: Path) -> ReportFiles:
    """The report in a folder, its tables filled in.

    Raises ReportError if report.md can't be read.
    """
    for _ in range(MOST_TRIES):
        with open_source(folder) as source:
            taken = take_report(source, deepest=0)
        if taken.text is None:
            raise ReportError(" ".join(taken.problems) or f"{folder / REPORT} can't be read: is it a regular file?")
        text = filled(taken.text, read_runs(taken.files)[0])
        if text == taken.text:
            return taken
        if write_filled(folder, taken.text, text):
            taken.text = text
            return taken
    raise ReportError(f"Something changes {folder / REPORT} again and again. Wait for it, and run the command again.")


def write_filled(folder: Path, old: str, new: str) -> bool:
    """Write the report with its tables, unless somebody has saved another one since it was read."""
    path = folder / REPORT
    try:
        if path.read_bytes() != old.encode():
            return False
    except OSError:  # an editor may take the old file away first
        return False
    loses_rows = not Counter(old.splitlines()) <= Counter(new.splitlines())
    if loses_rows:
        replace_file(folder / BACKUP, old.encode())
    replace_file(path, new.encode())
    print(f"Filled in measured tables in {REPORT}." + (f" {BACKUP} has the old ones." if loses_rows else ""))
    return True


def print_review(result: Review) -> None:
    """What is done and what is missing."""
    print(f"{REPORT}: {result.summary}.")
    print_list("Wrong", result.problems)
    print_list("Missing", result.to_do)
    print_list(
        "Commands that make missing figures and tables",
        (f"{command}    ({', '.join(numbers)})" for command, numbers in result.commands.items()),
    )
    print_list("Look again", result.doubts)


def print_list(title: str, lines: Iterable[str]) -> None:
    """A title and its lines; nothing if there are none."""
    lines = list(lines)
    if lines:
        print(f"\n{title}")
        print(*(f"  {line}" for line in lines), sep="\n")


def write_page(folder: Path, page: str) -> str:
    """Write the page, and a PDF of it if a tool for that is here.  Returns what to say of it."""
    replace_file(folder / PAGE, page.encode())
    if make_pdf(folder / PAGE, folder / PDF):
        return f"Wrote {PAGE} and {PDF}."
    return f"Wrote {PAGE}. For a PDF, open it in a browser and print it."
