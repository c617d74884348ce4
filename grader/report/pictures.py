"""Which files a report's pictures and tables come from, and what counts as a picture."""

import struct
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = "report"  # where a report's pictures and runs lie, beside report.md
SUFFIXES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
MOST_PIXELS = 50_000_000  # a page with a larger picture would stop a browser
PNG_START = b"\x89PNG\r\n\x1a\n"


def reader() -> MarkdownIt:
    """What reads a report: CommonMark with tables, like GitHub's."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def pictures_in(text: str) -> list[str]:
    """The addresses of a text's pictures, in their order, each once, as "report/loss.png"."""
    tokens = [token for block in reader().parse(text) for token in block.children or []]
    return list(dict.fromkeys(address_of(token) for token in tokens if token.type == "image"))


def address_of(image: Token) -> str:
    return unquote(str(image.attrs["src"]))


def is_in_folder(address: str) -> bool:
    """Whether this is the name of a picture in the report's own folder."""
    path = PurePosixPath(address)
    plain = "\\" not in address and address == str(path)
    return plain and len(path.parts) == 2 and path.parts[0] == FOLDER and path.suffix.lower() in SUFFIXES


def problem_of(name: str, content: bytes) -> str:
    """What is wrong with a picture, or ""."""
    size = png_size(content) if name.lower().endswith(".png") else jpeg_size(content)
    if size is None:
        return f"{name} is not a {PurePosixPath(name).suffix[1:].upper()} picture. Make it again."
    if size[0] * size[1] > MOST_PIXELS:
        return f"{name} has {size[0]} x {size[1]} pixels. Make it smaller."
    return ""


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
