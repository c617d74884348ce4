"""Renders a report as one HTML page that needs no other file and loads nothing.

Nothing of a submission reaches the page as HTML: its text is Markdown whose HTML is shown as text,
pictures come from the report's own folder as data, and the page's security policy refuses scripts
and everything remote.
"""

import base64
import hashlib
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from grader.report.document import Block, without_comments
from grader.report.keys import MEASURED, NUMBERS, OWN_WORDS, Key
from grader.report.pictures import SUFFIXES, address_of, is_in_folder, problem_of, reader, size_of
from grader.report.review import Review
from grader.report.template import ReportError

HERE = Path(__file__).parent
# The text may show the same picture, or refer to the same long address, a thousand times.
MAX_SHOWN = 25 * 2**20  # bytes of pictures on one page
MOST_PIXELS = 200_000_000  # of all pictures: a browser needs four bytes for each
MAX_TAGS = 10 * 2**20  # characters
LINKS = ("https://", "http://", "mailto:", "#")  # others may start a program, or name a file of the reader's
PAGE, STYLE = "page.html.jinja", "page.css"
Verdicts = Mapping[str, str]  # "right" and the like, by key


@dataclass(frozen=True)
class Part:
    """A heading with its text, or a question: what the page shows of it."""

    number: str
    html: Markup
    missing: Sequence[str] = field(default_factory=tuple)


class Renderer(RendererHTML):
    """Markdown to HTML without any HTML of the writer's own."""

    files: Mapping[str, bytes] = {}
    headings: Collection[str] = ()
    left, pixels_left, tags_left = MAX_SHOWN, MOST_PIXELS, MAX_TAGS

    def renderToken(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        html = super().renderToken(tokens, idx, options, env)
        self.tags_left -= len(html)
        if self.tags_left < 0:
            raise ReportError("The report's page is too large. Shorten the links and tables in report.md.")
        return html

    def html_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        text = without_comments(tokens[idx].content).strip()
        return f"<p>{escapeHtml(text)}</p>\n" if text else ""

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escapeHtml(without_comments(tokens[idx].content))

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        address, alt = address_of(token), self.renderInlineAsText(token.children, options, env)
        content = self.files.get(address) if is_in_folder(address) else None
        if content is None or problem_of(address, content) or not self.has_room(address, content):
            return f'<span class="lost">No picture: {escapeHtml(alt)} ({escapeHtml(address[:100])})</span>'
        kind = SUFFIXES[PurePosixPath(address).suffix.lower()]
        data = base64.b64encode(content).decode()
        return f'<img src="data:{kind};base64,{data}" alt="{escapeHtml(alt)}">'

    def has_room(self, name: str, content: bytes) -> bool:
        """Whether the page may show one more picture, which counts from now on."""
        width, height = size_of(name, content) or (0, 0)
        left, pixels_left = self.left - len(content), self.pixels_left - width * height
        if left < 0 or pixels_left < 0:
            return False
        self.left, self.pixels_left = left, pixels_left
        return True

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A student's own heading is smaller than those of the template."""
        text, end = tokens[idx + 1], tokens[idx + 2]
        if text.content not in self.headings:
            tokens[idx].tag = end.tag = "h4"
        return self.renderToken(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        if str(tokens[idx].attrs["href"]).lower().startswith(LINKS):
            tokens[idx].attrSet("rel", "noopener noreferrer nofollow")
        else:
            tokens[idx].attrs = {}
        return self.renderToken(tokens, idx, options, env)

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A cell's alignment as a class: the page's policy refuses styles in attributes."""
        style = tokens[idx].attrs.pop("style", "")
        if style == "text-align:right":
            tokens[idx].attrSet("class", "right")
        return self.renderToken(tokens, idx, options, env)

    th_open = td_open


def page_of(result: Review, files: Mapping[str, bytes], verdicts: Verdicts | None = None, score: str = "") -> str:
    """The page of a report.

    Args:
        result: what the report has and lacks.
        files: its pictures, by names such as "report/loss.png".
        verdicts: what the staff's answers say of its numbers, by key; None on students' machines.
        score: the points of the numbers, in words.

    Raises ReportError if the page would be too large.
    """
    style = (HERE / STYLE).read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    head = [(word, result.head.words.get(word, "")) for word in OWN_WORDS]
    page = environment.get_template(PAGE).render(
        name=result.head.words.get("name", ""),
        head=[(word.replace("_", " ").capitalize(), text) for word, text in head],
        parts=parts_of(result, files),
        numbers=number_rows(result, verdicts or {}),
        runs=sorted(result.runs.values(), key=lambda run: run.name),
        summary=result.summary,
        score=score,
        problems=result.problems,
        doubts=result.doubts,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return page.encode(errors="replace").decode()  # JSON and names of files may hold halves of characters


def parts_of(result: Review, files: Mapping[str, bytes]) -> list[Part]:
    missing = {state.number: state.missing for state in result.states}
    markdown, renderer = reader(), Renderer()
    renderer.files = files
    renderer.headings = {line.strip("# ") for line in result.asked.body.splitlines() if line.startswith("#")}
    markdown.renderer = renderer
    known = result.asked.blocks[0].text if result.asked.blocks else ""  # how to fill in the report
    return [
        part_of(block, markdown.render(block.text), missing)
        for place, block in enumerate(result.document.blocks)
        if place > 0 or block.text.split() != known.split()
    ]


def part_of(block: Block, html: str, missing: Mapping[str, Sequence[str]]) -> Part:
    return Part(block.number, Markup(html), missing.get(block.number, ()))


def number_rows(result: Review, verdicts: Verdicts) -> list[tuple[str, str, str, str]]:
    """Question, key, value and a word on it, for each number that the report gives or lacks."""
    return [
        (key.question, key.name, value_text(result, key), verdicts.get(key.name, word_on(result, key)))
        for kind in (NUMBERS, MEASURED)
        for key in result.keys
        if key.kind == kind
    ]


def value_text(result: Review, key: Key) -> str:
    value = result.head.values.get(key.name)
    return "" if value is None else number_text(value)


def number_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(number_text, value))}]"
    return f"{value:.10g}"


def word_on(result: Review, key: Key) -> str:
    """What can be said of a number without the staff's answers."""
    if key.name in result.head.problems:
        return "not the right form"
    if key.name not in result.head.values:
        return "missing"
    if key.name in result.differing:
        return "differs from its run"
    return "from its run" if key.kind == MEASURED else "filled in"
