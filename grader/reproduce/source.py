"""A probe's own code as statements of a script, with the student's functions in it by name.

The script then does what the check does, and nobody has to write it a second time.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from grader.sandbox.probe import LazyModule, Probe

STAND_IN = "submission"  # what a probe calls a submission's files
Span = tuple[int, int]  # in bytes
Edit = tuple[Span, str]  # a place in the text, and what stands there instead


@dataclass
class Parts:
    """The parts of a script that follow from a probe.

    Attributes:
        modules: lines of imports, as "import torch".
        names: what is imported from each module.
        helpers: functions of the kit that call the student's, by name, as text.
        body: statements that end with a value for `got`.
    """

    modules: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    helpers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def uses_stand_in(self) -> bool:
        return any(STAND_IN in names_in(ast.parse(text)) for text in (self.body, *self.helpers.values()))

    def import_from(self, module: str, name: str) -> None:
        self.names.setdefault(module, set()).add(name)


def parts_of(probe: Probe, arguments: Mapping[str, Any]) -> Parts:
    """What a probe does with these arguments."""
    parts, code = Parts(), Code(probe.run)
    edits = code.edits(parts, {name: value for name, value in arguments.items() if isinstance(value, str)})
    last = list(code.last_returns(code.node.body))
    if len(last) == code.n_returns:
        parts.body = textwrap.dedent(code.body([*edits, *((code.word(node), "got =") for node in last)]))
        return parts
    parts.helpers[helper_name(probe)] = code.as_function(helper_name(probe), edits)
    given = ", ".join(f"{name}={name}" for name in inputs_of(probe.run, arguments))
    parts.body = f"got = {helper_name(probe)}({STAND_IN}, {given})"
    return parts


def inputs_of(run: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each parameter of a probe's function after the submission."""
    bound = inspect.signature(run).bind(None, **arguments)
    bound.apply_defaults()
    return dict([*bound.arguments.items()][1:])


def helper_name(probe: Probe) -> str:
    return f"ask_{probe.run.__name__}"


class Code:
    """The text of one function of the kit."""

    def __init__(self, run: Callable[..., Any]) -> None:
        assert isinstance(run, FunctionType)
        self.run, self.text = run, textwrap.dedent(inspect.getsource(run)).encode()
        (node,) = ast.parse(self.text).body
        assert isinstance(node, ast.FunctionDef)
        self.node = node
        self.starts = [0, *(place + 1 for place, byte in enumerate(self.text) if byte == ord("\n"))]

    # Where something is

    def span(self, node: ast.expr | ast.stmt) -> Span:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def word(self, node: ast.Return) -> Span:
        start, _ = self.span(node)
        return start, start + len("return")

    @property
    def n_returns(self) -> int:
        """How many statements leave the function itself, not one inside it."""
        left: list[ast.AST] = [*self.node.body]
        count = 0
        while left:
            node = left.pop()
            count += isinstance(node, ast.Return)
            if not isinstance(node, ast.FunctionDef):
                left += ast.iter_child_nodes(node)
        return count

    def last_returns(self, body: list[ast.stmt]) -> Iterator[ast.Return]:
        """The statements that leave the function at its end."""
        match body[-1]:
            case ast.Return(value=ast.expr()) as node:
                yield node
            case ast.With(body=inner):
                yield from self.last_returns(inner)
            case ast.If(body=first, orelse=second) if second:
                yield from self.last_returns(first)
                yield from self.last_returns(second)

    # What a script has in its place

    def edits(self, parts: Parts, strings: Mapping[str, str]) -> list[Edit]:
        """Put names in place of `submission.get(...)`, and note what the function needs.

        `strings` are the values of parameters that may name a function.
        """
        edits: list[Edit] = []
        own = names_in(self.node, ast.Store) | {one.arg for one in ast.walk(self.node) if isinstance(one, ast.arg)}
        for node in self.nodes():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="submission"), attr="get"), args=[file, function]):
                    words = [word_in(part, strings) for part in (file, function)]
                    if all(words):
                        parts.import_from(f"src.{words[0]}", words[1])
                        edits.append((self.span(node), words[1]))
                case ast.Attribute(value=ast.Name(id=name), attr="run") if isinstance(self.value_of(name), Probe):
                    probe = self.value_of(name)
                    edits.append((self.span(node), helper_name(probe)))
                    self.add_helper(parts, helper_name(probe), probe.run)
                case ast.Name(id=name, ctx=ast.Load()) if name not in own and name in self.run.__globals__:
                    self.add_name(parts, name)
        return edits

    def nodes(self) -> Iterator[ast.AST]:
        """All nodes of the function's statements."""
        for statement in self.node.body:
            yield from ast.walk(statement)

    def value_of(self, name: str) -> Any:
        return self.run.__globals__.get(name)

    def add_name(self, parts: Parts, name: str) -> None:
        """Note how the script gets a global name of the function."""
        value = self.value_of(name)
        if isinstance(value, Probe):
            return  # its function becomes a helper
        if isinstance(value, (LazyModule, ModuleType)):
            parts.modules.add(import_of(value._name if isinstance(value, LazyModule) else value.__name__, name))
        elif isinstance(value, FunctionType) and f"{STAND_IN}.get(" in inspect.getsource(value):
            self.add_helper(parts, name, value)
        else:
            home = getattr(value, "__module__", None)
            is_there = isinstance(home, str) and getattr(value, "__name__", None) == name
            parts.import_from(str(home) if is_there else self.run.__module__, name)

    def add_helper(self, parts: Parts, name: str, run: Callable[..., Any]) -> None:
        """Have a function that calls the student's own in the script too."""
        if name not in parts.helpers:
            parts.helpers[name] = ""  # it may call itself
            code = Code(run)
            parts.helpers[name] = code.as_function(name, code.edits(parts, {}))

    def body(self, edits: list[Edit]) -> str:
        """The statements after the docstring, still indented."""
        first, *rest = self.node.body
        begins = first.end_lineno if rest and ast.get_docstring(self.node) else first.lineno - 1
        assert begins is not None
        offset = self.starts[begins]
        text = self.text[offset:]
        for (start, end), new in sorted(edits, reverse=True):
            text = text[: start - offset] + new.encode() + text[end - offset :]
        return text.decode().rstrip()

    def as_function(self, name: str, edits: list[Edit]) -> str:
        """The function under this name, without type hints and docstring."""
        for one in ast.walk(self.node.args):
            if isinstance(one, ast.arg):
                one.annotation = None
        parameters = ast.unparse(self.node.args).replace("'", '"')
        return f"def {name}({parameters}):\n{self.body(edits)}"


def names_in(tree: ast.AST, context: type[ast.expr_context] = ast.Load) -> set[str]:
    """The names that are used, or set, in a piece of code."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def word_in(node: ast.expr, strings: Mapping[str, str]) -> str:
    """The string that an expression stands for, "" if nobody can tell."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return strings.get(name, "")
    return ""


def import_of(module: str, name: str) -> str:
    """The line that imports a module under a name."""
    package, _, last = module.rpartition(".")
    if not package:
        return f"import {module}" if module == name else f"import {module} as {name}"
    return f"from {package} import {last}" if last == name else f"from {package} import {last} as {name}"
