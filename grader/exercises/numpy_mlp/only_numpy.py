"""The rule that a file may import NumPy alone: read off its text, which is never run for it, and kept up in a worker.

`reasons` reads the text.  `out_of_reach` hides frameworks from the code that runs within it, so that what leans on one can't work.
"""

import ast
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from types import ModuleType

FRAMEWORKS = frozenset(
    [
        "torch",
        "torchvision",
        "torchaudio",
        "functorch",
        "tensorflow",
        "keras",
        "jax",
        "jaxlib",
        "flax",
        "scipy",
        "sklearn",
        "autograd",
        "cupy",
        "numba",
        "theano",
        "mxnet",
        "paddle",
        "tinygrad",
        "chainer",
        "pandas",
        "statsmodels",
        "xgboost",
        "lightgbm",
    ]
)
# By these, others that are imported already are found or run: with them no check can be judged.
REACHING = frozenset(
    [
        "builtins",
        "code",
        "codeop",
        "ctypes",
        "data",
        "gc",
        "grader",
        "imp",
        "importlib",
        "inspect",
        "marshal",
        "multiprocessing",
        "operator",
        "pickle",
        "pkgutil",
        "pydoc",
        "runpy",
        "src",
        "subprocess",
        "sys",
        "threading",
        "types",
        "weakref",
        "zipimport",
    ]
)
NUMPYS_OWN = frozenset(
    ["char", "dtypes", "emath", "exceptions", "fft", "linalg", "polynomial", "random", "strings", "typing"]
)
# What of NumPy is a module with foreign ones in it, or reads files, also those with pickled code
NOT_OF_NUMPY = frozenset(
    [
        "DataSource",
        "bit_generator",
        "core",
        "ctypeslib",
        "distutils",
        "f2py",
        "fromfile",
        "lib",
        "load",
        "ma",
        "matlib",
        "memmap",
        "mtrand",
        "rec",
        "test",
        "testing",
    ]
)
LONGEST = 200_000  # characters; the reference has 14,000
LOOKS_UP = frozenset(["__import__", "breakpoint", "compile", "eval", "exec", "globals", "locals", "vars"])
BY_NAME = frozenset(["getattr", "setattr", "delattr"])
INSIDE = frozenset(
    [
        "f_back",
        "f_builtins",
        "f_globals",
        "f_locals",
        "gi_frame",
        "cr_frame",
        "ag_frame",
        "tb_frame",
        "ctypes",
        "dump",
        "dumps",
    ]
)
DUNDERS = frozenset(["__call__", "__class__", "__doc__", "__init__", "__len__", "__name__", "__version__"])


@dataclass(frozen=True)
class Reason:
    """A line that breaks the rule, and how; `reaches` where it may get at other modules without importing them."""

    line: int
    what: str
    reaches: bool = True

    @property
    def sentence(self) -> str:
        return f"Line {self.line} {self.what}."


def reasons(text: str) -> list[Reason]:
    """Why a file's text does not keep to NumPy alone, in the order of lines; none where it does.

    What stands under `if __name__ == "__main__":` does not count.
    """
    try:
        return reasons_in(list(nodes_that_run(ast.parse(text[:LONGEST]))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [Reason(1, "begins what can't be read as Python, or is too long")]


def reasons_in(nodes: list[ast.AST]) -> list[Reason]:
    """Why these nodes, all that are run of a text, do not keep to NumPy."""
    imports = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    numpy = {alias.asname or "numpy" for alias in imports if alias.name.split(".")[0] == "numpy"}
    followed = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    found = [reason for node in nodes for reason in reasons_of(node, numpy)]
    for node in nodes:
        if not isinstance(node, ast.Name):
            continue
        if (node.id in numpy and id(node) not in followed) or (node.id in BY_NAME and id(node) not in called):
            found.append(Reason(node.lineno, f"hands {node.id} on as a value"))
    return sorted(found, key=lambda reason: reason.line)


def nodes_that_run(tree: ast.AST) -> Iterator[ast.AST]:
    """All of a text's nodes save those under `if __name__ == "__main__":`."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            waiting += node.orelse
        else:
            yield node
            waiting += ast.iter_child_nodes(node)


def reasons_of(node: ast.AST, numpy: Container[str]) -> list[Reason]:
    """Why this node alone breaks the rule; `numpy` are the names that NumPy goes by."""
    if isinstance(node, ast.Import):
        return [reason for alias in node.names for reason in on_import(node.lineno, alias.name)]
    if isinstance(node, ast.ImportFrom):
        module = node.module or "" if node.level == 0 else "src"
        return on_import(node.lineno, module, [alias.name for alias in node.names])
    if isinstance(node, ast.Attribute):
        leads_out = node.attr in INSIDE or (root(node) in numpy and is_foreign(node.attr))
        return [Reason(node.lineno, f"uses {node.attr}")] if leads_out or is_hidden(node.attr, node.ctx) else []
    if isinstance(node, ast.Name) and node.id == "open":
        return [Reason(node.lineno, "opens a file", reaches=False)]
    if isinstance(node, ast.Name) and (node.id in LOOKS_UP or is_hidden(node.id, node.ctx)):
        return [Reason(node.lineno, f"uses {node.id}")]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
        return [] if is_plain_lookup(node) else [Reason(node.lineno, f"uses {node.func.id} with a name that it makes")]
    return []


def on_import(line: int, module: str, names: Iterable[str] = ()) -> list[Reason]:
    """Why a module, or these names out of it, may not be imported."""
    first, *others = module.split(".")
    if module == "__future__" or (first == "numpy" and NUMPYS_OWN.issuperset(others)):
        return [Reason(line, f"imports {name} from {module}") for name in names if is_foreign(name)]
    return [Reason(line, f"imports {module}", reaches=first in REACHING or first == "numpy")]


def root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with, "" where it is no name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_foreign(name: str) -> bool:
    """Whether a name in NumPy leads out of it, as what begins with an underscore may."""
    return name in NOT_OF_NUMPY or (name.startswith("_") and name not in DUNDERS)


def is_hidden(name: str, context: ast.expr_context) -> bool:
    """Whether this is one of Python's own names with two underscores that networks have no use for, or written to."""
    ours = name in DUNDERS and isinstance(context, ast.Load)
    return name.startswith("__") and name.endswith("__") and not ours


def is_plain_lookup(call: ast.Call) -> bool:
    """Whether getattr and its like are given `self`, or a name that can be read."""
    if len(call.args) < 2:
        return False
    first, second = call.args[:2]
    if isinstance(second, ast.Constant):
        name = str(second.value)
        return not (name in INSIDE or is_foreign(name) or is_hidden(name, ast.Load()))
    return isinstance(first, ast.Name) and first.id == "self"


class Refusing(MetaPathFinder):
    """Finds frameworks, and refuses them."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if is_framework(fullname):
            raise ImportError(f"{fullname} is out of reach: this exercise is to be written with NumPy alone.")


def is_framework(module: str) -> bool:
    return module.partition(".")[0] in FRAMEWORKS


@contextmanager
def out_of_reach() -> Iterator[None]:
    """Within it frameworks can't be imported; afterwards all is as it was, for workers that live on."""
    hidden = {name: module for name, module in sys.modules.items() if is_framework(name)}
    refusing = Refusing()
    for name in hidden:
        del sys.modules[name]
    sys.meta_path.insert(0, refusing)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not refusing]
        for name in filter(is_framework, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(hidden)
