"""The rule that src/numpy_mlp.py may import only NumPy: reads the file's text without running it.

no_frameworks.py enforces the rule while the code runs.
"""

import ast
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

# Modules that give access to others without an import of their own, and how. No check can judge a
# file that imports one of them.
REACHING = frozenset(
    [
        "builtins",  # builtins.__import__("torch")
        "code",  # code.InteractiveInterpreter().runsource("import torch")
        "codeop",  # compiles a text
        "ctypes",  # ctypes.pythonapi.PyImport_ImportModule
        "data",  # data.load_data holds the images and labels; data.torchvision_cpu imports torch
        "gc",  # gc.get_objects() finds the modules in memory
        "grader",  # its modules can be patched, and they hold sys
        "imp",  # imp.load_module
        "importlib",  # importlib.import_module
        "inspect",  # inspect.currentframe().f_back
        "marshal",  # marshal.loads makes code objects
        "multiprocessing",  # another process, which refuses nothing
        "operator",  # operator.attrgetter("__globals__"): an attribute by its name
        "pickle",  # pickle.loads calls any function
        "pkgutil",  # pkgutil.resolve_name("torch")
        "pydoc",  # pydoc.locate("torch")
        "runpy",  # runpy.run_module("torch")
        "src",  # the other exercises' files import torch
        "subprocess",  # another interpreter
        "sys",  # sys.modules, and sys.meta_path, which holds what refuses frameworks
        "threading",  # a thread that lives until frameworks can be imported again
        "types",  # types.FunctionType runs code with other globals
        "weakref",  # weakref.finalize calls a function when frameworks can be imported again
        "zipimport",  # imports from a zip
    ]
)
NUMPYS_OWN = frozenset(
    ["char", "dtypes", "emath", "exceptions", "fft", "linalg", "polynomial", "random", "strings", "typing"]
)
# Names in NumPy that give access to other modules or read files, and how.
NOT_OF_NUMPY = frozenset(
    [
        "DataSource",  # opens files and URLs
        "bit_generator",  # np.random.bit_generator is a module that holds others
        "core",  # its modules hold sys, os and builtins
        "ctypeslib",  # np.ctypeslib.ctypes
        "distutils",  # runs compilers
        "f2py",  # runs compilers, and holds sys and os
        "fromfile",  # reads files
        "lib",  # its modules hold sys, os and pickle
        "load",  # reads files, also pickled ones
        "ma",  # np.ma.core holds builtins and inspect
        "matlib",  # a module that holds others
        "memmap",  # reads files
        "mtrand",  # np.random.mtrand is a module that holds others
        "rec",  # np.rec.fromfile reads files
        "test",  # runs NumPy's own tests with pytest
        "testing",  # holds sys, os and subprocess
    ]
)
LONGEST = 200_000  # characters; the reference has 14,000
LOOKS_UP = frozenset(
    [
        "__import__",  # __import__("torch")
        "breakpoint",  # imports pdb, or what PYTHONBREAKPOINT names
        "compile",  # makes code of a text
        "eval",  # runs a text
        "exec",  # runs a text
        "globals",  # globals()["__builtins__"]
        "locals",  # outside functions the same as globals
        "vars",  # the same, and a module's contents by name
    ]
)
# These reach an attribute whose name may be made at run time.
BY_NAME = frozenset(["getattr", "setattr", "delattr"])
# Attributes that lead out of an object, and where to.
INSIDE = frozenset(
    [
        "f_back",  # from a frame to its caller's, in the end the grader's
        "f_builtins",  # from a frame to builtins
        "f_globals",  # from a frame to its module's names
        "f_locals",  # from a frame to its variables, such as expected values
        "gi_frame",  # from a generator to its frame
        "cr_frame",  # from a coroutine to its frame
        "ag_frame",  # from an asynchronous generator to its frame
        "tb_frame",  # from a traceback to a frame
        "ctypes",  # from an array to ctypes
        "dump",  # array.dump writes a file
        "dumps",  # array.dumps imports pickle
    ]
)
DUNDERS = frozenset(["__call__", "__class__", "__doc__", "__init__", "__len__", "__name__", "__version__"])


@dataclass(frozen=True)
class Reason:
    """A line that breaks the rule, and how.

    `reaches` says that it may give access to other modules without importing them.
    """

    line: int
    what: str
    reaches: bool = True

    @property
    def sentence(self) -> str:
        return f"Line {self.line} {self.what}."


def reasons(text: str) -> list[Reason]:
    """Why a file's text breaks the rule, in the order of lines; an empty list if it keeps the rule.

    Code under `if __name__ == "__main__":` does not count.
    """
    try:
        return reasons_in(list(nodes_that_run(ast.parse(text[:LONGEST]))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [Reason(1, "begins a text that is not Python, or is too long")]


def reasons_in(nodes: list[ast.AST]) -> list[Reason]:
    """Why these nodes, all those of a text that run, break the rule."""
    imports = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    numpy = {alias.asname or "numpy" for alias in imports if alias.name.split(".")[0] == "numpy"}
    followed = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    result = [reason for node in nodes for reason in reasons_of(node, numpy)]
    for node in nodes:
        if not isinstance(node, ast.Name):
            continue
        if (node.id in numpy and id(node) not in followed) or (node.id in BY_NAME and id(node) not in called):
            result.append(Reason(node.lineno, f"uses {node.id} as a value"))
    return sorted(result, key=lambda reason: reason.line)


def nodes_that_run(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a text except those under `if __name__ == "__main__":`."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            waiting += node.orelse
        else:
            yield node
            waiting += ast.iter_child_nodes(node)


def reasons_of(node: ast.AST, numpy: Container[str]) -> list[Reason]:
    """Why this node alone breaks the rule; `numpy` holds the names that the file gives to NumPy."""
    match node:
        case ast.Import():
            return [reason for alias in node.names for reason in on_import(node.lineno, alias.name)]
        case ast.ImportFrom():
            module = node.module or "" if node.level == 0 else "src"
            return on_import(node.lineno, module, [alias.name for alias in node.names])
        case ast.Attribute(attr=name):
            leads_out = name in INSIDE or (root(node) in numpy and is_foreign(name))
            return [Reason(node.lineno, f"uses {name}")] if leads_out or is_hidden(name, node.ctx) else []
        case ast.Name(id="open"):
            return [Reason(node.lineno, "opens a file", reaches=False)]
        case ast.Name(id=name) if name in LOOKS_UP or is_hidden(name, node.ctx):
            return [Reason(node.lineno, f"uses {name}")]
        case ast.Call(func=ast.Name(id=name)) if name in BY_NAME and not is_plain_lookup(node):
            return [Reason(node.lineno, f"uses {name} with a name that it makes")]
    return []


def on_import(line: int, module: str, names: Iterable[str] = ()) -> list[Reason]:
    """Why a module, or these names from it, may not be imported."""
    first, *others = module.split(".")
    if module == "__future__" or (first == "numpy" and NUMPYS_OWN.issuperset(others)):
        return [Reason(line, f"imports {name} from {module}") for name in names if is_foreign(name)]
    return [Reason(line, f"imports {module}", reaches=first in REACHING or first == "numpy")]


def root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with; "" if it begins with something else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_foreign(name: str) -> bool:
    """Whether a name in NumPy may lead out of it, as names that begin with an underscore do."""
    return name in NOT_OF_NUMPY or (name.startswith("_") and name not in DUNDERS)


def is_hidden(name: str, context: ast.expr_context) -> bool:
    """Whether this is a double-underscore name that no network needs, or one that is written to."""
    harmless = name in DUNDERS and isinstance(context, ast.Load)
    return name.startswith("__") and name.endswith("__") and not harmless


def is_plain_lookup(call: ast.Call) -> bool:
    """Whether getattr, setattr or delattr gets `self`, or a name written out that leads nowhere."""
    if len(call.args) < 2:
        return False
    first, second = call.args[:2]
    if isinstance(second, ast.Constant):
        name = str(second.value)
        return not (name in INSIDE or is_foreign(name) or is_hidden(name, ast.Load()))
    return isinstance(first, ast.Name) and first.id == "self"
