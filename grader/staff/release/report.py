"""Makes report_template.md from its header and each exercise's grader/exercises/NAME/report.md.

A section begins with a line ``<!-- exercise: NAME ... -->`` that names all exercises it needs, and
its heading ``## 3. ...`` says where it stands.
"""

import re
from pathlib import Path

from grader.assignment import GraderError

TEMPLATE = "report_template.md"
HEADER = "report_header.md"
SECTION = re.compile(r"^(?=<!-- exercise: .+ -->\n## \d+\. )", re.MULTILINE)
NUMBER = re.compile(r"^## (\d+)\. ", re.MULTILINE)


class ReportError(GraderError):
    """The report can't be put together; the text says why and what to do."""


def report_template(repo_root: Path) -> str:
    """The text of report_template.md.

    Raises ReportError if a file begins with anything but a section, or if the sections' numbers are
    not 1, 2, 3 and so on.
    """
    exercises = repo_root / "grader" / "exercises"
    sections: dict[int, str] = {}
    for path in sorted(exercises.glob("*/report.md")):
        for number, text in sections_of(path):
            if number in sections:
                raise ReportError(f"{path}: another exercise has a section {number} too. Give one another number.")
            sections[number] = text
    if sorted(sections) != list(range(1, len(sections) + 1)):
        raise ReportError(f"The report's sections are numbered {sorted(sections)}. Number them from 1 without gaps.")
    header = (exercises / HEADER).read_text(encoding="utf-8")
    return "\n".join([header.rstrip() + "\n", *(sections[number] for number in sorted(sections))])


def sections_of(path: Path) -> list[tuple[int, str]]:
    """The number and the text of each section in a file."""
    before, *texts = SECTION.split(path.read_text(encoding="utf-8"))
    if before.strip() or not texts:
        raise ReportError(f"{path} should begin with a line <!-- exercise: NAME --> and a heading like ## 3. Title.")
    return [(int(NUMBER.findall(text)[0]), text.rstrip() + "\n") for text in texts]
