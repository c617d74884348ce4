"""Texts that a submission may have made: cut, and without control characters, for people."""

import re

LONGEST = 10_000  # characters
CUT = "\n... (cut here)"
# JSON, a database or a terminal can't take these, a page can't show them, or they change the order
# or the look of what stands beside them: control characters, marks of direction, halves of
# surrogate pairs, non-characters.
UNREADABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff]"
)


def readable(text: str) -> str:
    """Replace each character that some readers can't take by U+FFFD.

    Submissions may print anything.  A carriage return becomes a new line.
    """
    return UNREADABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_readable(text: str) -> bool:
    return UNREADABLE.search(text) is None and "\n" not in text and "\t" not in text


def cut(text: str, most: int = LONGEST) -> str:
    """The start of a text, and a remark if that is not all of it."""
    return text if len(text) <= most else text[:most] + CUT


def safe(text: str, most: int = LONGEST) -> str:
    """A text for people: cut and readable."""
    return readable(cut(text, most))
