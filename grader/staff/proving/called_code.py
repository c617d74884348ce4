"""A hash of the code that a call runs: the same code gives the same answer to a question."""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from grader.assignment import KIT
from grader.sandbox.call import Call
from grader.sandbox.probe import PROBES

LOOKS_UP = frozenset(["globals", "getattr", "eval", "exec", "__import__", "builtins"])
OUTSIDE = ""  # no function has this name
KIT_MODULE = re.compile(r"(grader|data)(\.\w+)*")
WORKER = KIT / "grader" / "sandbox" / "worker.py"
LIBRARIES = ("numpy", "scikit-learn", "torch", "torchvision")  # that a worker computes with


def submission_code(folder: Path, call: Call) -> str:
    """A hash of the code of a staged submission that a call can run.

    It covers the part of the asked file that the asked function can reach, and all of the other
    files that the probe uses.
    """
    probe = PROBES[call.probe]
    if probe.is_staff_function:
        return ""
    first, *others = [read_text(folder / "src" / f"{exercise}.py") for exercise in probe.files(call.arguments)]
    return hash_of([reachable(first, probe.target(call.arguments)), *others])


def read_text(file: Path) -> str:
    """The text of a file, "" if there is none. Bytes that are not UTF-8 are kept as escapes."""
    return file.read_bytes().decode("utf-8", "backslashreplace") if file.is_file() else ""


def hash_of(texts: list[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@cache
def reachable(text: str, function: str) -> str:
    """The part of a file that a function's answers can depend on, judged by the names in it.

    Code outside functions and classes always belongs to it. It is the whole text if names do not
    tell: if the file looks names up, lacks the function, or is not valid Python.
    """
    parts = outline(text)
    if function not in parts:
        return text
    waiting, reached = [parts[OUTSIDE], parts[function]], {OUTSIDE, function}
    while waiting:
        names = waiting.pop().names & parts.keys() - reached
        waiting += [parts[name] for name in names]
        reached |= names
    lines = text.splitlines(keepends=True)
    for name in parts.keys() - reached:
        for i in parts[name].lines:
            lines[i] = ""
    return "".join(lines)


class Part(NamedTuple):
    """A function or class: its lines, and the names in it."""

    lines: range
    names: set[str]


@cache
def outline(text: str) -> dict[str, Part]:
    """The functions and classes of a file by name, and the code outside them as OUTSIDE.

    It is empty if names do not tell what code can reach, and for a text that is not valid Python.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    if any(node.attr == "__subclasses__" for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
        return {}
    parts = {OUTSIDE: Part(range(0), set())}
    for node in tree.body:
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        if names & LOOKS_UP:
            return {}
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            parts[node.name] = Part(range(node.lineno - 1, node.end_lineno or 0), names)
        else:
            parts[OUTSIDE].names.update(names)
    return parts


@cache
def probe_code(probe: str) -> str:
    """A hash of everything except the submission that a worker runs for a probe.

    It covers the probe's module, the worker, the modules of the kit that these two import, data/
    (which every submission may import), and the versions of Python and of the libraries.
    """
    own = Path(PROBES[probe].run.__code__.co_filename)
    files = sorted(imported_from(own) | imported_from(WORKER) | {*(KIT / "data").glob("*.py")})
    versions = [sys.version, *(f"{name} {version(name)}" for name in LIBRARIES)]
    return hash_of([*versions, *(f"{file.name}\n{read_text(file)}" for file in files)])


@cache
def imported_from(file: Path) -> frozenset[Path]:
    """A file, the kit's modules that it imports anywhere, the modules that those import, ..."""
    waiting, reached = [file], set[Path]()
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting += kit_modules(read_text(file))
    return frozenset(reached)


def kit_modules(text: str) -> Iterator[Path]:
    """The files of the kit's modules that a text imports or names in a string."""
    for name in named_modules(ast.parse(text)):
        if KIT_MODULE.fullmatch(name):
            path = KIT.joinpath(*name.split("."))
            yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())


def named_modules(tree: ast.Module) -> Iterator[str]:
    """What may be names of modules: `from a import b` may import a.b, a module or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
