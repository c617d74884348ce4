"""Makes a PDF of a page, with whatever this machine has for it: WeasyPrint or a browser."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.intake.files import replace_file

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ELSEWHERE = (  # browsers that are no commands
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
    Path("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe"),
)
LIMIT_S = 120


def make_pdf(page: Path, pdf: Path) -> bool:
    """Write the PDF.  Returns whether a tool was found and made it.

    An older PDF stays until the new one is complete.
    """
    with tempfile.TemporaryDirectory(prefix="report-page-", dir=pdf.parent) as folder:  # browsers may not see others
        made = Path(folder) / pdf.name
        for command in commands(page, made):
            if content := made_by(command, made):
                replace_file(pdf, content)
                return True
    return False


def commands(page: Path, pdf: Path) -> Iterator[list[str]]:
    """The command line of each tool that is here."""
    beside = shutil.which("weasyprint", path=str(Path(sys.executable).parent)) or shutil.which("weasyprint")
    if beside:
        yield [beside, str(page), str(pdf)]
    for name in BROWSERS:
        if path := shutil.which(name):
            yield browser(path, page, pdf)
    for place in ELSEWHERE:
        if place.is_file():
            yield browser(str(place), page, pdf)


def browser(path: str, page: Path, pdf: Path) -> list[str]:
    options = ["--headless", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
    return [path, *options, page.as_uri()]


def made_by(command: list[str], pdf: Path) -> bytes:
    """The PDF that a command makes, or nothing."""
    pdf.unlink(missing_ok=True)  # half a file of another command
    with contextlib.suppress(OSError, subprocess.SubprocessError), tempfile.TemporaryFile() as said:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=LIMIT_S, check=True)
        return pdf.read_bytes()
    return b""
