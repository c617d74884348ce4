"""Takes a report.md apart: its head, and what stands at each question."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile

from grader.report.pictures import pictures_in
from grader.report.template import QUESTION, ReportError

FENCE = "---"
LINE = re.compile(r"[^\n]*\n|[^\n]+")
HEADING = re.compile(r"## \d+\. ")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
ANSWER = re.compile(r"^Answer:", re.MULTILINE)
TABLE = re.compile(r"^<!-- table: (?P<run>[\w-]+) (?P<key>[\w-]+) -->\s*$")
END_OF_TABLE = "<!-- end of table -->"


@dataclass(frozen=True)
class Table:
    """A measured table: which one it is, and what stands between its two lines.

    Attributes:
        line: how many lines stand before them in the text.
    """

    run: str
    key: str
    lines: tuple[str, ...]
    line: int

    @property
    def name(self) -> str:
        return f"{self.run} {self.key}"

    @property
    def others(self) -> list[int]:
        """Which of the text's lines stand in the table and are no rows, counted from 0."""
        return [place for place, line in enumerate(self.lines, self.line) if not may_be_in_table(line)]


def may_be_in_table(line: str) -> bool:
    """Whether a line is empty or a row of a table: a student wrote any other one."""
    return not line.strip() or line.lstrip().startswith("|")


@dataclass(frozen=True)
class Block:
    """What stands from a question, or a section's heading, up to the next one.

    Attributes:
        line: the number of its first line in the file.
        text: all of it.
        number: the question's number, "" for a heading and the text below it.
        points: the question's points.
    """

    line: int
    text: str
    number: str = ""
    points: float = 0

    @cached_property
    def pictures(self) -> list[str]:
        return pictures_in(self.text)

    @property
    def tables(self) -> list[Table]:
        return list(tables_in(self.text))

    @property
    def asks_for_text(self) -> bool:
        return ANSWER.search(self.text) is not None

    @property
    def answer(self) -> str:
        """What stands behind "Answer:"."""
        _, *answers = ANSWER.split(self.text, maxsplit=1)
        return without_comments(answers[0]).strip() if answers else ""


@dataclass
class Document:
    """A report, or its template.

    Attributes:
        head: the text between the two lines ``---`` at the top.
        blocks: all that stands below, in order.
        has_head: whether there are such lines.
    """

    head: str
    blocks: list[Block] = field(default_factory=list)
    has_head: bool = True

    @property
    def body(self) -> str:
        return "".join(block.text for block in self.blocks)

    @property
    def questions(self) -> dict[str, Block]:
        """The questions by number; of two with one number, the first."""
        found: dict[str, Block] = {}
        for block in self.blocks:
            if block.number:
                found.setdefault(block.number, block)
        return found


def parse(text: str) -> Document:
    """Take a report apart. Line ends may be of any system."""
    lines = LINE.findall(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    before = takewhile(lambda line: not begins_block(line), lines[1:])
    end = next((place for place, line in enumerate(before, 1) if line.rstrip() == FENCE), 0)
    has_head = bool(lines) and lines[0].rstrip() == FENCE and end > 0
    start = end + 1 if has_head else 0
    document = Document("".join(lines[1:end]) if has_head else "", has_head=has_head)
    starts = [start, *(place for place in range(start + 1, len(lines)) if begins_block(lines[place]))]
    for first, last in zip(starts, [*starts[1:], len(lines)], strict=True):
        document.blocks.append(block_of(first + 1, "".join(lines[first:last])))
    return document


def begins_block(line: str) -> bool:
    return HEADING.match(line) is not None or QUESTION.match(line) is not None


def block_of(line: int, text: str) -> Block:
    found = QUESTION.match(text)
    return Block(line, text, found[1], float(found[2] or 1)) if found else Block(line, text)


def tables_in(text: str) -> Iterator[Table]:
    """The measured tables of a text.

    Raises ReportError if a table has no end, with its name.
    """
    opened: re.Match[str] | None = None
    inside: list[str] = []
    start = 0
    for place, line in enumerate(text.split("\n")):
        found = TABLE.match(line)
        if opened and found:
            break
        if found:
            opened, inside, start = found, [], place + 1
        elif opened and line.strip() == END_OF_TABLE:
            yield Table(opened["run"], opened["key"], tuple(inside), start)
            opened = None
        elif opened:
            inside.append(line)
    if opened:
        raise ReportError(f"the table {opened['run']} {opened['key']} has no line {END_OF_TABLE}. Put one below it.")


def without_comments(text: str) -> str:
    """The text without HTML comments. One that has no end goes on to the end."""
    return COMMENT.sub("", text)
