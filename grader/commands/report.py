"""`grader report`: fills in a report's tables, says what is missing, and renders its page."""

import argparse
from collections.abc import Iterable
from pathlib import Path

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
    "still missing, and renders report.html (and report.pdf if a tool for it is installed).  It changes nothing that you "
    "wrote.  Exit status: 0 if every question is done, 1 if not, 2 if the report can't be read."
)
EXAMPLE = "grader report"
DONE, NOT_DONE = 0, 1
PAGE, PDF = "report.html", "report.pdf"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")


def main(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    if not folder.is_dir():
        raise ReportError(f"{options.folder} is not a folder: name the one with report.md in it.")
    try:
        return report_in(folder)
    except OSError as error:
        if error.filename is None:  # not a file: the terminal was closed
            raise
        raise ReportError(f"{error.filename} can't be written: {error.strerror}.") from None


def report_in(folder: Path) -> int:
    """Fill in, list and render the report in a folder; the exit status."""
    template = template_text()
    make_report(folder / REPORT, template)
    taken = read_report(folder)
    assert taken.text is not None
    result = review(taken.text, taken.files, template)
    result.problems += taken.problems
    print_review(result)
    write_page(folder, page_of(result, taken.files))
    return NOT_DONE if result.unanswered or result.problems else DONE


def make_report(path: Path, template: str) -> None:
    """Make report.md if there is none."""
    if not path.exists():
        path.write_text(template, encoding="utf-8", newline="\n")
        print(f"Made {path.name} from the template. Write your answers into it.")


def read_report(folder: Path) -> ReportFiles:
    """The report in a folder, its tables filled in.

    Raises ReportError if report.md can't be read.
    """
    with open_source(folder) as source:
        taken = take_report(source, deepest=0)
    if taken.text is None:
        raise ReportError(" ".join(taken.problems) or f"{folder / REPORT} can't be read: is it a regular file?")
    text = filled(taken.text, read_runs(taken.files)[0])
    if text != taken.text:
        replace(folder / REPORT, text.encode())
        print(f"Filled in measured tables in {REPORT}.")
        taken.text = text
    return taken


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step: a stopped run must not leave half a report."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def print_review(result: Review) -> None:
    """What is done and what is missing."""
    print(f"{REPORT}: {result.summary}.")
    print_list("Missing", (state.text for state in result.unanswered))
    print_list(
        "Commands that make missing figures and tables",
        (f"{command}    ({', '.join(numbers)})" for command, numbers in result.commands.items()),
    )
    print_list("Wrong", result.problems)
    print_list("Look again", result.doubts)


def print_list(title: str, lines: Iterable[str]) -> None:
    """A title and its lines; nothing if there are none."""
    lines = list(lines)
    if lines:
        print(f"\n{title}")
        print(*(f"  {line}" for line in lines), sep="\n")


def write_page(folder: Path, page: str) -> None:
    """Write the page, and a PDF of it if a tool for that is here."""
    replace(folder / PAGE, page.encode())
    if make_pdf(folder / PAGE, folder / PDF):
        print(f"\nWrote {PAGE} and {PDF}.")
    else:
        print(f"\nWrote {PAGE}. For a PDF, open it in a browser and print it.")
