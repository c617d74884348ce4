"""What only a newer Python than the grader's has: in syntax, and in the standard library."""

import re
import sys
from functools import cache

GRADED_PYTHON = (3, 11)  # as in setup.sh of Gradescope's container, and in GitHub Classroom's workflow
Version = tuple[int, int]

F_STRING = (
    "An f-string with the same quotes, a backslash or a comment inside its braces",
    (3, 12),
    # the quotes of an f-string that end it inside of braces, or Python's own words
    r"""[fF][rR]?(["'])(?:(?!\1)[^{}]|\{[^{}"']*\})*\{(?:(?!\1)[^}])*\1[^}]*\}|f-string expression part cannot""",
)
# What it is, the first Python that has it, and a pattern for the syntax error's text with its line.
SYNTAX: tuple[tuple[str, Version, str], ...] = (
    ("A `type` statement", (3, 12), r"\ntype [A-Za-z_]\w* *(\[.*\])? *="),
    ("A list of type parameters in [...]", (3, 12), r"\n(async def|def|class) \w+ *\["),
    F_STRING,
    ("`except` with several exceptions and without brackets", (3, 14), r"\nexcept\*? *[A-Z][\w.]*(, *[A-Z][\w.]*)+ *:"),
    ("A template string, t'...'", (3, 14), r"""invalid syntax\n.*\b[tT][rR]?["']"""),
    ("A star inside of a comprehension", (3, 15), "iterable unpacking cannot be used in comprehension"),
)
# What Python says if a name is missing: the module or type, and the name
MISSING = (
    r"cannot import name '(?P<name>\w+)' from '(?P<place>[\w.]+)'",
    r"(?:module|type object) '(?P<place>[\w.]+)' has no attribute '(?P<name>\w+)'",
    r"No module named '(?P<place>[\w.]+)'",
)
# An annotation of a parameter, of a result, or of a variable, as far as it is in one line
ANNOTATION = r"^(?:async def|def)\b.*(?::|->).*\b{0}\b|^\w+ *: *[^=]*\b{0}\b|^\).*->.*\b{0}\b"
ANNOTATIONS = (
    "Before Python 3.14, a name in an annotation must already be defined in this line. Import it, define it "
    "further up, or write the annotation in quotes. Your code is graded with Python {}."
)


def advice_on_newer(exception: str, text: str, line: str = "") -> str:
    """A sentence on what needs a newer Python than this one, "" if nothing does.

    `text` is the exception's; for a syntax error it ends with the line of code. `line` is the line
    of the submission that raised another exception.
    """
    if exception == "SyntaxError":
        found = next(((what, first) for what, first, pattern in SYNTAX if re.search(pattern, text)), None)
        return needs(*found) if found else ""
    if exception == "NameError":
        return advice_on_annotation(text, line)
    missing = next((match for pattern in MISSING if (match := re.match(pattern, text))), None)
    if missing is None:
        return ""
    place, name = missing["place"], missing.groupdict().get("name", "")
    return needs(f"`{place}.{name}`" if name else f"`{place}`", first_version(place, name))


def needs(what: str, first: Version | None) -> str:
    """The sentence, if this Python is too old for it."""
    if first is None or first <= sys.version_info[:2]:
        return ""
    return f"{what} needs Python {words(first)}. Your code is graded with Python {words(GRADED_PYTHON)}: write it in another way."


def advice_on_annotation(text: str, line: str) -> str:
    name = re.match(r"name '(\w+)' is not defined", text)
    is_annotation = name is not None and re.search(ANNOTATION.format(name[1]), line)
    return ANNOTATIONS.format(words(GRADED_PYTHON)) if is_annotation else ""


def words(version: Version) -> str:
    return ".".join(map(str, version))


def first_version(place: str, name: str) -> Version | None:
    """The first Python 3 whose standard library has this module, or this name in it.

    For a type, `place` is only its name.
    """
    known = library()
    if not name:
        return known.get(place)
    return known.get(f"{place}.{name}") or next(
        (first for whole, first in known.items() if whole.endswith(f".{place}.{name}")), None
    )


@cache
def library() -> dict[str, Version]:
    """The first Python 3 that has a module or name of the standard library, as vermin knows it."""
    import vermin  # takes 50 ms
    from vermin import rules

    config = vermin.Config()
    found = {**rules.MOD_REQS(config), **rules.MOD_MEM_REQS(config)}
    return {name: versions[1] for name, versions in found.items() if versions[1]}
