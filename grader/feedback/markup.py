"""Texts as HTML, with the code in them as code: `x` becomes <code>x</code>.

Only the kit's own words get that.  A submission's words are escaped, and stay as they are.
"""

import html
import re

from grader.judging.advice import AT_IMPORT, SECTIONS

CODE = re.compile(r"`([^`\n]+)`")
ADVICE = {AT_IMPORT, *(row.sentence for section in SECTIONS for row in section if CODE.search(row.sentence))}


def code(text: str) -> str:
    """The HTML of a text that is the kit's own."""
    return CODE.sub(r"<code>\1</code>", html.escape(text))


def advised(text: str) -> str:
    """The HTML of a text that may quote a submission: only the kit's advice in it shows code."""
    escaped = html.escape(text)
    for advice in ADVICE:
        escaped = escaped.replace(html.escape(advice), code(advice))
    return escaped
