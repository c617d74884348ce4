"""Finds the staff's secrets in what students get: lines of solutions, checks, mutants and answers.

A secret is a line of at least 25 characters, with white space folded, that is not in the stubs too.
It is found anywhere in a line of any file, and in the packed strings of the recorded observations.
Imports reveal nothing, nor does the line that begins a list of cases: both sides may have them. If
any other line is on both sides by chance, write one of them in another way.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from grader.assignment import KIT, STAFF_EXERCISES
from grader.judging.mutants import read_mutants
from grader.judging.reference import unpacked
from grader.staff.release.stubs import BEGIN, END

LEAST = 25
TELLS_NOTHING = "@pytest.mark.parametrize("
Line = tuple[str, str]  # where it is, and its text


def leaks(files: Mapping[str, bytes], stubs: Iterable[str]) -> list[str]:
    """A sentence for each line of the files that holds a secret.

    `files` holds contents by name. A line in `stubs`, the stubs' texts, is no secret.
    """
    public = "\n".join(map(fold_lines, stubs))
    secret = {line: origin for line, origin in secrets().items() if line not in public}
    found: dict[str, str] = {}
    for name, content in sorted(files.items()):
        for place, line in found_in(name, content, secret):
            found.setdefault(place, f"{place} holds what stands in {secret[line]}:  {line}")
    return list(found.values())


def found_in(name: str, content: bytes, lines: Iterable[str]) -> Iterator[Line]:
    """Those of the lines that a file holds, and where."""
    packed = strings_in(unpacked(content)) if name.startswith("tests/golden/") else ()
    text = fold_lines("\n".join([content.decode("utf-8", errors="replace"), *packed]))
    words = set(text.split())
    for line in lines:
        if words.issuperset(line.split()[1:-1]) and line in text:  # to look for words first is quick
            yield f"{name}, line {text[: text.index(line)].count(chr(10)) + 1},", line


def strings_in(tree: Any) -> Iterator[str]:
    """Every string in a tree of plain data, keys included."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        yield from strings_in([*tree.keys(), *tree.values()])
    elif isinstance(tree, (list, tuple)):
        for branch in tree:
            yield from strings_in(branch)


def secrets() -> dict[str, str]:
    """Every secret line, folded, and where it comes from."""
    lines = [*solution_lines(), *hidden_lines(), *mutants_lines(), *answers_lines()]
    folded = [(fold(text), where) for where, text in lines]
    return {line: where for line, where in reversed(folded) if len(line) >= LEAST and line != TELLS_NOTHING}


def solution_lines() -> Iterator[Line]:
    """The lines between the markers in the reference."""
    for path in sorted(STAFF_EXERCISES.glob("*/solution.py")):
        secret = False
        for where, text in lines_of(path):
            secret = text.strip() == BEGIN or (secret and text.strip() != END)
            if secret:
                yield where, text


def hidden_lines() -> Iterator[Line]:
    """The lines of the hidden checks and their probes, without imports."""
    paths = [path for name in ("test_hidden", "probes", "orders") for path in STAFF_EXERCISES.glob(f"*/{name}.py")]
    for path in sorted(paths):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if is_import(node)]
        told = {number for node in imports for number in range(node.lineno, (node.end_lineno or 0) + 1)}
        yield from (line for number, line in enumerate(lines_of(path), 1) if number not in told)


def is_import(node: ast.AST) -> TypeGuard[ast.stmt]:
    """Whether a statement imports something, at once or as `name = lazy("module")`."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        return isinstance(node.value.func, ast.Name) and node.value.func.id == "lazy"
    return isinstance(node, (ast.Import, ast.ImportFrom))


def mutants_lines() -> Iterator[Line]:
    """The lines that mutants replace, which are the reference's, and the lines put there."""
    for mutant in read_mutants():
        where = f"grader/staff/exercises/{mutant.exercise}/mutants.toml, {mutant.name}"
        yield from ((where, line) for pair in mutant.replacements for text in pair for line in text.splitlines())


def answers_lines() -> Iterator[Line]:
    """The lines of the answers to the report's questions."""
    for name in ("answers.md", "answers.toml"):
        for path in sorted(STAFF_EXERCISES.glob(f"*/{name}")):
            yield from lines_of(path)


def lines_of(path: Path) -> Iterator[Line]:
    name = path.relative_to(KIT).as_posix()
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield f"{name}, line {number}", text


def fold(line: str) -> str:
    """The line with white space folded and without a docstring's quotes.

    A hidden check's title is a secret without its quotes too.
    """
    return " ".join(line.split()).removeprefix('"""').removesuffix('"""')


def fold_lines(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())
