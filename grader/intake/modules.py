"""A student's own modules: files beside an exercise's file that it imports from src.

The grader never runs or parses a student's code in its own process, so the imports are looked for
in the text. A module that is only mentioned may be staged as well, which does no harm.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

MOST_MODULES = 20
MAX_ALL = 2**20  # bytes of all modules together
LONGEST_NAME = 200  # bytes of a file's name: no system has more than 255
LONGEST_LIST = 2000  # characters between the brackets of an import
# from src import a, b / from . import (a, b) / from src.a import f / from .a import f
FROM = re.compile(
    rf"^[ \t]*from[ \t]+(src\.\w+|src|\.\w+|\.|\w+)(?:\.\w+)*[ \t]+import\b(?:[ \t]*\(([^)]{{0,{LONGEST_LIST}}})\)|(.*))",
    re.M,
)
IMPORT = re.compile(r"^[ \t]*import[ \t]+(.*)", re.M)
NAME = re.compile(r"[^\W\d]\w*")


def imported_modules(text: str) -> set[str]:
    """The names of modules in src/ that a file's text imports."""
    names = set()
    for place, in_brackets, in_line in FROM.findall(text):
        if place in ("src", "."):
            names |= {found[0] for part in (in_brackets or in_line).split(",") if (found := NAME.search(part))}
        elif place.startswith(("src.", ".")):
            names.add(place.rpartition(".")[2])
    return names | {name.split(".")[1] for name in imported_names(text) if name.startswith("src.")}


def imported_at_top(text: str) -> set[str]:
    """The names of modules that a file's text imports as if they were packages."""
    names = {place for place, _, _ in FROM.findall(text)} | set(imported_names(text))
    return {name for name in names if "." not in name and name not in sys.stdlib_module_names}


def imported_names(text: str) -> Iterator[str]:
    """What the lines `import a.b, c as d` import: "a.b", "c"."""
    for line in IMPORT.findall(text):
        yield from (words[0] for part in line.split("#")[0].split(",") if (words := part.split()))


def beside(name: str, names: Iterable[str]) -> dict[str, str]:
    """The Python files in a file's folder by the names that they are imported by."""
    folder = PurePosixPath(name).parent
    paths = [PurePosixPath(other) for other in names if other.endswith(".py")]
    return {
        path.stem: str(path)
        for path in paths
        if path.parent == folder and path.stem.isidentifier() and str(path) != name
        if len(path.name.encode()) <= LONGEST_NAME
    }
