"""What a handout needs of other exercises and of the experiments: only what it imports."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from grader.assignment import KIT, checked_exercises, visible_checks
from grader.intake.files import exercise_file

EXERCISES, EXPERIMENTS = "grader/exercises", "src/experiments"
LAZY = re.compile(r"(?:grader|src|data)(?:\.\w+)+")  # a module that is imported by the text of its name


def unneeded(exercises: Collection[str], names: Iterable[str]) -> set[str]:
    """The names of files that a handout of these exercises does not need."""
    names = set(names)
    others = tuple(f"{EXERCISES}/{name}/" for name in checked_exercises() if name not in exercises)
    doubtful = {name for name in names if name.startswith((*others, f"{EXPERIMENTS}/"))}
    start = [name for name in names - doubtful if name.endswith(".py")]
    start += [visible_checks(name).relative_to(KIT).as_posix() for name in exercises]
    start += [exercise_file(name) for name in exercises]
    start += [f"{EXPERIMENTS}/__main__.py", *experiment_modules(exercises)]
    return doubtful - imported(start)


def experiment_modules(exercises: Collection[str]) -> Iterator[str]:
    """The modules of the experiments that run these exercises alone, read from their catalogue."""
    tree = ast.parse((KIT / EXPERIMENTS / "catalogue.py").read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Experiment":
            given = {word.arg: word.value for word in call.keywords}
            if set(ast.literal_eval(given["exercises"])) <= set(exercises):
                yield f"{EXPERIMENTS}/{ast.literal_eval(given['module'])}.py"


def imported(start: Iterable[str]) -> set[str]:
    """These files and all of the kit's that they import, directly or not."""
    found: set[str] = set()
    left = list(start)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [file for module in modules_in(KIT / name) for file in files_of(module)]
    return found


def modules_in(path: Path) -> Iterator[str]:
    """The modules that a file imports, or names in a text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and LAZY.fullmatch(node.value):
            yield node.value


def files_of(module: str) -> Iterator[str]:
    """A module's file, and those of the packages around it; none if it is not the kit's."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        place = "/".join(parts[:length])
        yield from (name for name in (f"{place}.py", f"{place}/__init__.py") if (KIT / name).is_file())
