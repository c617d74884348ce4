"""The rule that src/numpy_mlp.py may use only NumPy: reads the file's text without running it.

It is a service: it names the line to change.  In a graded run the wall is a worker that has nothing
but NumPy.  The rule says what is allowed (allowed.py), and holds for the file's own modules too.
"""

import ast
import io
import tokenize
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from grader.exercises.numpy_mlp.allowed import BUILTINS, DUNDERS, HARMLESS, PARTS, leading_out, numpys_names

LONGEST = 200_000  # bytes; the reference has 14,000
FILE = "numpy_mlp.py"
MOST_MODULES = 20
# These reach an attribute whose name may be made at run time.
BY_NAME = frozenset(["getattr", "setattr", "delattr"])
Roots = dict[str, ModuleType]  # the names that a file gives to NumPy and to its parts


@dataclass(frozen=True)
class Reason:
    """A line that breaks the rule, and how.

    `reaches` says that it may give access to other modules without importing them.  `file` is ""
    for numpy_mlp.py itself.
    """

    line: int
    what: str
    reaches: bool = True
    file: str = ""

    @property
    def sentence(self) -> str:
        place = f"Line {self.line} of src/{self.file}" if self.file else f"Line {self.line}"
        return f"{place} {self.what}."


def reasons_in_folder(folder: Path) -> list[Reason]:
    """Why numpy_mlp.py in a folder, or a module beside it that it imports, breaks the rule."""
    found: list[Reason] = []
    waiting, seen = [FILE], {FILE}
    while waiting:
        name = waiting.pop(0)
        content = read_start(folder / name)
        file = "" if name == FILE else name
        found += [replace(reason, file=file) for reason in reasons(content, own_modules(folder))]
        further = {f"{module}.py" for module in imported_beside(content) if module in own_modules(folder)} - seen
        waiting += sorted(further)
        seen |= further
        if len(seen) > MOST_MODULES:
            return [*found, Reason(1, f"and its modules import more than {MOST_MODULES} files")]
    return found


def read_start(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LONGEST + 1)
    except OSError:
        return b""


def own_modules(folder: Path) -> frozenset[str]:
    """The modules in the folder, except numpy_mlp itself."""
    return frozenset(path.stem for path in folder.glob("*.py")) - {Path(FILE).stem}


def imported_beside(content: bytes) -> set[str]:
    """The modules of src that a file imports."""
    tree = parsed(content)
    names: set[str] = set()
    for node in ast.walk(tree) if isinstance(tree, ast.Module) else ():
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("src.")}
        elif isinstance(node, ast.ImportFrom):
            module = full_name(node)
            names |= {alias.name for alias in node.names} if module == "src" else {module.removeprefix("src.")}
    return names


def reasons(text: str | bytes, beside: Container[str] = ()) -> list[Reason]:
    """Why a file's text breaks the rule, in the order of lines; an empty list if it keeps it.

    `beside` are the modules in its folder.  Code under `if __name__ == "__main__":` at the file's
    own level does not count.
    """
    tree = parsed(text.encode() if isinstance(text, str) else text)
    if isinstance(tree, Reason):
        return [tree]
    try:
        return Reader(tree, beside).reasons()
    except (RecursionError, ValueError):
        return [Reason(1, "begins a text that is nested too deeply")]


def parsed(content: bytes) -> ast.Module | Reason:
    """The tree of a text, or why it can't be judged."""
    if len(content) > LONGEST:
        return Reason(1, f"begins a text of more than {LONGEST:,} bytes: make the file shorter")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding not in ("utf-8", "utf-8-sig"):
            return Reason(1, f"begins a text in {encoding}: save the file as UTF-8, and declare no other encoding")
        return ast.parse(content.decode(encoding))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Reason(1, "begins a text that is not Python, or not UTF-8")


def full_name(node: ast.ImportFrom) -> str:
    """The module of a `from` import; of a relative one as seen from the top."""
    if node.level == 0:
        return node.module or ""
    return f"src.{node.module}" if node.module else "src"


class Reader:
    """Reads one file's tree."""

    def __init__(self, tree: ast.Module, beside: Container[str]) -> None:
        self.beside = beside
        self.nodes = list(nodes_that_run(tree))
        self.roots = self.find_roots()
        self.defined = set(names_defined(self.nodes))
        self.stored = {node.attr for node in self.nodes if isinstance(node, ast.Attribute) and is_written(node)}
        self.followed = {id(node.value) for node in self.nodes if isinstance(node, ast.Attribute)}
        self.called = {id(node.func) for node in self.nodes if isinstance(node, ast.Call)}

    def find_roots(self) -> Roots:
        roots: Roots = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    module = part_of_numpy(alias.name if alias.asname else alias.name.split(".")[0])
                    if module is not None:
                        roots[alias.asname or alias.name.split(".")[0]] = module
            elif isinstance(node, ast.ImportFrom) and (module := part_of_numpy(full_name(node))):
                parts = [(alias, numpys_names(module).get(alias.name)) for alias in node.names]
                roots |= {alias.asname or alias.name: part for alias, part in parts if part is not None}
        return roots

    def reasons(self) -> list[Reason]:
        found = [reason for node in self.nodes for reason in self.reasons_of(node)]
        return sorted(found, key=lambda reason: reason.line)

    def reasons_of(self, node: ast.AST) -> Iterable[Reason]:
        """Why this node alone breaks the rule."""
        match node:
            case ast.Import():
                return [reason for alias in node.names for reason in self.on_import(node.lineno, alias.name)]
            case ast.ImportFrom():
                return self.on_import(node.lineno, full_name(node), [alias.name for alias in node.names])
            case ast.Attribute():
                return self.on_attribute(node)
            case ast.Name():
                return self.on_name(node)
            case ast.Call(func=ast.Name(id=name)) if name in BY_NAME and not self.is_plain_lookup(node):
                return [Reason(node.lineno, f"uses {name} with a name that it makes")]
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name) if is_dunder(name):
                allowed = isinstance(node, ast.FunctionDef) and name not in BUILTINS
                return [] if allowed else [Reason(node.lineno, f"uses {name} as a name of its own")]
        return []

    def on_import(self, line: int, module: str, names: Iterable[str] = ()) -> list[Reason]:
        """Why a module, or these names from it, may not be imported."""
        if module == "__future__":
            return []
        if module == "src" or module.startswith("src."):
            wanted = [module.split(".")[1]] if "." in module else list(names)
            return [Reason(line, f"imports src.{name}") for name in wanted or ["*"] if name not in self.beside]
        part = part_of_numpy(module)
        if part is not None:
            public = numpys_names(part)
            return [Reason(line, f"imports {name} from {module}") for name in names if name not in public]
        harmless = module.split(".")[0] in HARMLESS
        return [Reason(line, f"imports {module}", reaches=not harmless and module.split(".")[0] not in NOT_THERE)]

    def on_attribute(self, node: ast.Attribute) -> list[Reason]:
        name, module = node.attr, self.module_of(node.value)
        if module is not None and name not in numpys_names(module) and name not in DUNDERS:
            return [Reason(node.lineno, f"uses {name}")]
        if module is not None and numpys_names(module).get(name) and id(node) not in self.followed:
            return [Reason(node.lineno, f"uses {name} as a value")]
        if is_dunder(name):
            return [] if name in DUNDERS and not is_written(node) else [Reason(node.lineno, f"uses {name}")]
        private = name.startswith("_") and name not in self.stored | self.defined
        return [Reason(node.lineno, f"uses {name}")] if private or name in leading_out() else []

    def module_of(self, node: ast.expr) -> ModuleType | None:
        """The part of NumPy that an expression like np.linalg is."""
        if isinstance(node, ast.Name):
            return self.roots.get(node.id)
        if isinstance(node, ast.Attribute) and (module := self.module_of(node.value)):
            return numpys_names(module).get(node.attr)
        return None

    def on_name(self, node: ast.Name) -> list[Reason]:
        name = node.id
        if name == "open" and name not in self.defined:
            return [Reason(node.lineno, "opens a file", reaches=False)]
        as_value = name in self.roots and id(node) not in self.followed and not is_written(node)
        if as_value or (name in BY_NAME and id(node) not in self.called):
            return [Reason(node.lineno, f"uses {name} as a value")]
        if is_dunder(name):
            return [] if name in DUNDERS and not is_written(node) else [Reason(node.lineno, f"uses {name}")]
        unknown = name not in self.defined and name in PYTHONS and name not in BUILTINS
        return [Reason(node.lineno, f"uses {name}")] if unknown else []

    def is_plain_lookup(self, call: ast.Call) -> bool:
        """Whether getattr, setattr or delattr gets a name that is written out, or begins so."""
        match call.args[1] if len(call.args) > 1 else None:
            case ast.Constant(value=str(name)):
                return not (name.startswith("_") and name not in self.stored | self.defined | DUNDERS) and (
                    name not in leading_out()
                )
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if start and not start.startswith("_"):
                return not any(name.startswith(start) for name in leading_out())
        return False


PYTHONS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)
# Frameworks: no_frameworks.py refuses their import while the file is graded.
NOT_THERE = frozenset(
    ["torch", "torchvision", "scipy", "sklearn", "tensorflow", "keras", "jax", "cupy", "pandas", "numba"]
)


def part_of_numpy(module: str) -> ModuleType | None:
    """NumPy, or one of its parts."""
    first, *others = module.split(".")
    if first != "numpy" or len(others) > 1 or not set(PARTS).issuperset(others):
        return None
    return numpys_names(np)[others[0]] if others else np


def nodes_that_run(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes of a text except those under `if __name__ == "__main__":` at its own level."""
    waiting: list[ast.AST] = []
    for statement in tree.body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'":
            waiting += statement.orelse
        else:
            waiting.append(statement)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += ast.iter_child_nodes(node)


def names_defined(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that a text defines itself, whatever their scope."""
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.split(".")[0]


def is_written(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
