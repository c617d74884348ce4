"""Which files a report's pictures and tables come from, and what counts as a picture."""

import struct
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from grader.report.template import ReportError

FOLDER = "report"  # where a report's pictures and runs lie, beside report.md
SUFFIXES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
MOST_PIXELS = 50_000_000  # a page with a larger picture would stop a browser
MOST_TOKENS = 60_000  # of one question; a cell of a table is three
LONGEST_ADDRESS = 1000  # characters
PNG_START = b"\x89PNG\r\n\x1a\n"


def reader() -> MarkdownIt:
    """What reads a report: CommonMark with tables, like GitHub's.

    It raises ReportError if a text has too many cells.
    """
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", limited_table, {"alt": ["paragraph", "reference"]})
    return markdown


def limited_table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """Markdown's rule for tables. It fills up short rows: a short text may have very many cells."""
    found = table(state, startLine, endLine, silent)
    if len(state.tokens) > MOST_TOKENS:
        line = state.getLines(startLine, startLine + 1, 0, False)[:30]
        raise ReportError(
            f"The report has too large a table, or too many: see the line that begins {line!r}. Shorten it."
        )
    return found


def pictures_in(text: str) -> list[str]:
    """The addresses of a text's pictures, in their order, each once, as "report/loss.png"."""
    tokens = [token for block in reader().parse(text) for token in block.children or []]
    return list(dict.fromkeys(address_of(token) for token in tokens if token.type == "image"))


def address_of(image: Token) -> str:
    return unquote(str(image.attrs["src"])[:LONGEST_ADDRESS])


def is_in_folder(address: str) -> bool:
    """Whether this is the name of a picture in the report's own folder."""
    path = PurePosixPath(address)
    plain = "\\" not in address and address == str(path)
    return plain and len(path.parts) == 2 and path.parts[0] == FOLDER and path.suffix.lower() in SUFFIXES


def problem_of(name: str, content: bytes) -> str:
    """What is wrong with a picture, or ""."""
    size = size_of(name, content)
    if size is None:
        return f"{name} is not a {PurePosixPath(name).suffix[1:].upper()} picture. Make it again."
    if size[0] * size[1] > MOST_PIXELS:
        return f"{name} has {size[0]} x {size[1]} pixels. Make it smaller."
    return ""


def size_of(name: str, content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None if this is not such a picture as its name says."""
    return png_size(content) if name.lower().endswith(".png") else jpeg_size(content)


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None if this is not a PNG."""
    if not content.startswith(PNG_START) or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None if this is not a JPEG."""
    if not content.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # the segments that begin an image
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None
