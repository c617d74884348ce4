"""What a file uses that is missing when it is graded: packages, and parts of newer Pythons."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import vermin

from grader.judging.newer_python import GRADED_PYTHON
from grader.sandbox.packages import required_packages, usual_name

STAGED = ("src", "data", "grader")
ONLY_AS_PROGRAM = "__name__ == '__main__'"
NEWER = re.compile(r"^L(\d+)(?: C\d+)?: (.+?) requires? .*$", re.MULTILINE)  # a line of vermin's
BYTE_ORDER_MARK = "\ufeff"  # some Windows editors write it at the start of a file
MOST = 3  # sentences of each kind
IN_WORDS = {
    "f-strings (PEP 701)": "an f-string with the same quotes, a backslash or a comment inside its braces",
    "type alias statement (`type X = SomeType`)": "a `type` statement",
}


def missing_when_graded(source: str, own: tuple[str, ...]) -> list[str]:
    """Sentences on what a file uses that Python 3.11 and requirements.txt do not have.

    Args:
        source: the text of a file that this Python can parse.
        own: the names of the exercises.
    """
    text = source.removeprefix(BYTE_ORDER_MARK)
    return [*imports_missing(text, own)[:MOST], *newer_than_graded(text)[:MOST]]


def imports_missing(source: str, own: tuple[str, ...]) -> list[str]:
    visitor = Imports()
    visitor.visit(ast.parse(source))
    return [
        f"Line {line} imports {module}, which is missing when your code is graded. Use only the packages in "
        'requirements.txt, or import it under `if __name__ == "__main__":`.'
        for module, line in visitor.lines.items()
        if module not in own and not is_available(module)
    ]


def is_available(module: str) -> bool:
    """Whether a file may import a module by this name when it is graded."""
    if module in sys.stdlib_module_names or module in STAGED:
        return True
    packages = {module, *packages_distributions().get(module, ())}
    return not required_packages().isdisjoint(map(usual_name, packages))


class Imports(ast.NodeVisitor):
    """The modules that a file imports, by their first name, each with the line of its first import.

    Imports that only run when the file is a program, or that may fail, are left out.
    """

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.lines.setdefault(alias.name.partition(".")[0], node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level:
            self.lines.setdefault(node.module.partition(".")[0], node.lineno)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) == ONLY_AS_PROGRAM or "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                self.visit(other)
        else:
            self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        caught = {name for handler in node.handlers for name in names_caught(handler)}
        if caught.isdisjoint({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}):
            self.generic_visit(node)


def names_caught(handler: ast.ExceptHandler) -> Iterator[str]:
    """The names of the exceptions that an `except` catches."""
    if handler.type is None:
        yield "BaseException"
    else:
        yield from (node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name))


def newer_than_graded(source: str) -> list[str]:
    """Sentences on syntax and parts of the standard library that the grader's Python lacks."""
    graded = ".".join(map(str, GRADED_PYTHON))
    try:
        ast.parse(source, feature_version=GRADED_PYTHON)
    except SyntaxError as error:
        return [f"Line {error.lineno}: {error.msg}. But your code is graded with Python {graded}."]
    return [
        f"Line {line} uses {in_words(what)}, which Python {graded} does not have. But your code is graded with it."
        for line, what in NEWER.findall(violations(source, f"{graded}-"))
    ]


def in_words(feature: str) -> str:
    """A feature as a sentence says it; vermin says `'typing.override' member`."""
    return IN_WORDS.get(feature) or re.sub(r" (member|module)$", "", feature).replace("'", "`")


def violations(source: str, target: str) -> str:
    """What vermin says of a file that should run with the target's Python versions."""
    config = vermin.Config()
    config.add_target(target)
    config.set_only_show_violations(True)
    config.set_verbose(3)
    return str(vermin.visit(source, config=config).output_text())
