"""What differs between two versions of the student's files, and which functions that concerns.

Only what Python reads counts: a comment or an empty line changes nothing.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Name = tuple[str, str]  # a file's name without ".py", and a name in it; "" stands for all of the file
MAIN_BLOCK = "__name__ == '__main__'"


@dataclass(frozen=True)
class Source:
    """The top level of one file.

    Attributes:
        definitions: its functions and classes, each as text.
        rest: everything else, as text: imports, constants, and statements that run.
        uses: the names that each function and class uses.
        imported: the names that come from another file of the student's, and from where.
    """

    definitions: dict[str, str] = field(default_factory=dict)
    rest: str = ""
    uses: dict[str, set[str]] = field(default_factory=dict)
    imported: dict[str, Name] = field(default_factory=dict)


def read_source(text: str) -> Source:
    """The top level of a file.  Raises SyntaxError if it is not Python."""
    try:
        return source_of(ast.parse(text))
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL in it, or nested too deeply
        raise SyntaxError(str(error)) from None


def source_of(tree: ast.Module) -> Source:
    source, rest = Source(), []
    for node in without_docstring(tree.body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            source.definitions[node.name] = source.definitions.get(node.name, "") + ast.dump(node)
            source.uses.setdefault(node.name, set()).update(names_in(node))
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == MAIN_BLOCK):
            rest.append(ast.dump(node))
    for part in ast.walk(tree):
        source.imported.update(imports_of(part))
    return Source(source.definitions, "\n".join(rest), source.uses, source.imported)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    is_text = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    return body[1:] if is_text else body


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def imports_of(node: ast.AST) -> Iterator[tuple[str, Name]]:
    """What an import takes from the student's own files: the name here, and the name there."""
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        package, _, file = node.module.partition(".")
        for one in node.names:
            if package == "src" and not node.level:
                yield one.asname or one.name, (file, one.name) if file else (one.name, "")
            elif node.level == 1:
                yield one.asname or one.name, (node.module, one.name)
    elif isinstance(node, ast.Import):
        for one in node.names:
            if one.name.startswith("src."):
                yield one.asname or "src", (one.name.removeprefix("src."), "")


def changed_names(before: Source, after: Source) -> set[str] | None:
    """The functions and classes that differ; None if something else does, such as an import."""
    if before.rest != after.rest or before.imported != after.imported:
        return None
    names = {*before.definitions, *after.definitions}
    return {name for name in names if before.definitions.get(name) != after.definitions.get(name)}


def affected(sources: Mapping[str, Source], changed: Iterable[Name]) -> set[Name]:
    """The changed names, and all that use them, directly or not."""
    found = {*changed}
    found |= {(file, "") for file, _ in found}
    while True:
        more = {
            (file, name)
            for file, source in sources.items()
            for name, used in source.uses.items()
            if any({(file, one), source.imported.get(one, (file, one))} & found for one in used)
        }
        if more <= found:
            return found
        found |= more | {(file, "") for file, _ in more}
