"""`grader check`: what a student runs before handing in."""

import argparse
import ast
import os
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.assignment import KIT, GraderError, read_assignment
from grader.commands.portable import missing_when_graded
from grader.feedback.page import FILE
from grader.intake.filenames import PACKAGE
from grader.intake.files import Files, exercise_file, replace_file, zipped
from grader.intake.report_files import REPORT, ReportFiles, take_report
from grader.intake.sources import open_source
from grader.intake.submission import Staged, stage
from grader.judging.advice import advice_on
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.report.document import parse
from grader.report.fill import is_untouched
from grader.report.review import review
from grader.report.template import TEMPLATE, template_text

HELP = (
    "Run this before you hand in.  It looks at your files, runs the visible checks under the limits that count when "
    "graded, packs submission.zip, with report.md and its figures if you wrote one, and writes feedback.html, a page with pictures of what is wrong.  Exit status: 0 if all visible checks pass, 1 if not, 2 if nothing can be graded."
)
EXAMPLE = "grader check      (in the folder that has src/ in it)"
ALL_POINTS, NOT_ALL = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    parser.add_argument("--open", action="store_true", help="open feedback.html, the page with pictures, at the end")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every check, and all details")


def main(options: argparse.Namespace) -> int:
    folder = options.folder.resolve()
    with tempfile.TemporaryDirectory(prefix="grader-check-") as temporary:
        staged = stage(folder, Path(temporary) / "submission", read_assignment().exercises)
        print_files(staged)
        report, summary = report_for(folder) if folder.is_dir() else ({}, "")
        package = pack(staged, folder, report) if folder.is_dir() else folder
    page = (folder if folder.is_dir() else folder.parent) / FILE
    page.unlink(missing_ok=True)  # an older one would tell of other files
    detail = "-v" if options.verbose else "-q"
    status = run_checks(Settings(folder, is_packed=True), [KIT / "tests"], detail, f"--page={page}")
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise GraderError(
            "The checks could not run (see above).  Download the assignment again, or ask the course staff."
        )
    if summary:
        print(f"\n{summary}")
    if page.is_file():
        print(f"\n{page} shows this with pictures{'.' if options.open else ':  grader check --open  opens it.'}")
    if options.open and page.is_file():
        webbrowser.open(page.as_uri())
    print(f"{package} is ready to hand in.  The points above are your visible points.  Hidden checks count as well.")
    if os.path.lexists(folder / REPORT) and REPORT not in report:
        print(f"{REPORT} is not in it.  The lines under Report, at the top, say why.")
    return ALL_POINTS if status == pytest.ExitCode.OK else NOT_ALL


def print_files(staged: Staged) -> None:
    """Each exercise's file, and what is known of it without running it."""
    print("Files")
    for exercise in read_assignment().exercises:
        print(f"  {exercise_file(exercise)}: {state_of(staged, exercise)}")
        for sentence in warnings_on(staged, exercise):
            print(f"    {sentence}")
    for sentence in staged.about_modules:
        print(f"  {sentence}")


def state_of(staged: Staged, exercise: str) -> str:
    """A sentence or a word on an exercise's file."""
    if exercise in staged.problems:
        return staged.problems[exercise]
    try:
        ast.parse(staged.path(exercise).read_bytes())
    except SyntaxError as error:
        advice = advice_on(type(error).__name__, f"{error.msg}\n{error.text}")
        return "  ".join(filter(None, [f"a syntax error in line {error.lineno}: {error.msg}.", advice]))
    except (ValueError, RecursionError, MemoryError) as error:
        return f"can't be read as Python: {error}.  {advice_on(type(error).__name__, str(error))}".strip()
    return staged.notes.get(exercise, "found")


def warnings_on(staged: Staged, exercise: str) -> list[str]:
    """Sentences on what a readable file uses here that is missing when it is graded."""
    if exercise not in staged.found:
        return []
    try:
        return missing_when_graded(staged.text(exercise), read_assignment().exercises)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # the file's state says so


def report_for(folder: Path) -> tuple[Files, str]:
    """The files of the report to hand in, and a summary of it.

    Prints what is missing in it, and what is left out.
    """
    documents = documents_in(folder)
    template = template_text()
    with open_source(folder) as source:
        taken = take_report(source, deepest=0)
    in_template = any(block.answer for block in parse(template).blocks)
    if taken.text is None:
        advice = [f"{TEMPLATE} has answers in it. Rename it to {REPORT}, so that it is packed."] if in_template else []
        print_report([*taken.problems, *advice])
        return documents, ""
    if is_untouched(taken.text, template) and not in_template:
        print_report([f"{REPORT} is the untouched template. It is not packed."])
        return documents, ""
    files, summary = reviewed(taken, template)
    return {REPORT: taken.text.encode()} | files | documents, summary


def documents_in(folder: Path) -> Files:
    """The report as PDF, if there is one, or several."""
    documents: Files = {}
    for path in filter(Path.is_file, sorted(folder.glob("report*.pdf"))):
        try:
            documents[path.name] = path.read_bytes()
        except OSError as error:
            print_report([f"{path.name} can't be read and is left out: {error.strerror}."])
    return documents


def reviewed(taken: ReportFiles, template: str) -> tuple[Files, str]:
    """The figures and runs that a report needs, and its summary; prints what is missing in it."""
    assert taken.text is not None
    try:
        result = review(taken.text, taken.files, template)
        linked = {address for block in result.document.blocks for address in block.pictures}
    except Exception as error:  # whatever the report holds, it must not keep the code from being packed
        reason = str(error) or type(error).__name__
        print_report([*taken.problems, f"{REPORT} is packed, but it can't be looked at: {reason}"])
        return taken.files, ""
    odd = [*taken.problems, *result.problems, *result.doubts]
    print_report([f"{result.summary}.", *odd, *result.to_do])
    advice = "Look at the lines under Report, at the top, before you hand it in." if odd else ""
    files = {name: content for name, content in taken.files.items() if name in linked or name.endswith(".json")}
    return files, f"Report: {result.summary}. {advice}".strip()


def print_report(lines: Sequence[str]) -> None:
    """What is said of the report; nothing if there is none."""
    if lines:
        print("Report", *(f"  {line}" for line in lines), sep="\n")


def pack(staged: Staged, folder: Path, report: Files) -> Path:
    """Write the package: the exercises' files, their modules, and the report if there is one."""
    package = folder / PACKAGE
    replace_file(package, zipped(staged.files() | report))
    return package
