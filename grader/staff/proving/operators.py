"""The standard operators of mutation testing: small changes of a text that nobody chose.

Each operator looks at one node of the text's tree and yields changes of the text.  Most are those
of cosmic-ray and mutmut: comparisons, arithmetic, booleans, constants, conditions, removed
statements, arguments, elements and calls, swapped arguments and elements, ranges, and defaults.
Two are our own: arguments that are ignored, and clean-up that an exception skips.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from grader.judging.mutants import Change

COMPARISONS = {
    ast.Lt: ("<", ["<=", ">="]),
    ast.LtE: ("<=", ["<", ">"]),
    ast.Gt: (">", [">=", "<="]),
    ast.GtE: (">=", [">", "<"]),
    ast.Eq: ("==", ["!="]),
    ast.NotEq: ("!=", ["=="]),
    ast.Is: ("is", ["is not"]),
    ast.IsNot: ("is not", ["is"]),
    ast.In: ("in", ["not in"]),
    ast.NotIn: ("not in", ["in"]),
}
ARITHMETIC = {
    ast.Add: ("+", ["-"]),
    ast.Sub: ("-", ["+"]),
    ast.Mult: ("*", ["/"]),
    ast.Div: ("/", ["*"]),
    ast.FloorDiv: ("//", ["/"]),
    ast.Mod: ("%", ["*"]),
    ast.Pow: ("**", ["*"]),
    ast.MatMult: ("@", ["*"]),
    ast.BitAnd: ("&", ["|"]),
    ast.BitOr: ("|", ["&"]),
}
STATEMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.If, ast.For, ast.With)


class Text:
    """A text in which the positions of nodes are found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def start(self, node: Any) -> int:
        return int(self.starts[node.lineno - 1] + node.col_offset)

    def end(self, node: Any) -> int:
        return int(self.starts[node.end_lineno - 1] + node.end_col_offset)

    def of(self, node: Any) -> str:
        return self.text[self.start(node) : self.end(node)]

    def instead(self, node: Any, new: str) -> Change:
        """The change that writes something else in a node's place."""
        return Change(self.start(node), self.end(node), new)

    def between(self, left: Any, right: Any, old: str, new: str) -> Change:
        """The change of the operator between two nodes."""
        start = self.text.index(old, self.end(left), self.start(right))
        return Change(start, start + len(old), new)


def comparisons(node: ast.AST, text: Text) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            old, others = COMPARISONS[type(operator)]
            yield from (text.between(left, right, old, new) for new in others)


def arithmetic(node: ast.AST, text: Text) -> Iterator[Change]:
    match node:
        case ast.BinOp(left, operator, right) | ast.AugAssign(left, operator, right) if type(operator) in ARITHMETIC:
            old, others = ARITHMETIC[type(operator)]
            yield from (text.between(left, right, old, new) for new in others)
        case ast.UnaryOp(ast.USub(), operand):
            yield text.instead(node, text.of(operand))


def booleans(node: ast.AST, text: Text) -> Iterator[Change]:
    match node:
        case ast.BoolOp(operator, values):
            old, new = ("and", "or") if isinstance(operator, ast.And) else ("or", "and")
            yield from (text.between(left, right, old, new) for left, right in pairwise(values))
            yield from removed_one(values, text)
        case ast.UnaryOp(ast.Not(), operand):
            yield text.instead(node, text.of(operand))


def conditions(node: ast.AST, text: Text) -> Iterator[Change]:
    tests: list[ast.expr] = []
    match node:
        case ast.If(test) | ast.While(test) | ast.IfExp(test):
            tests = [test]
        case ast.comprehension(ifs=ifs):
            tests = ifs
    yield from (text.instead(test, f"not ({text.of(test)})") for test in tests)


def constants(node: ast.AST, text: Text) -> Iterator[Change]:
    if isinstance(node, ast.Constant):
        yield from (text.instead(node, repr(new)) for new in other_values(node.value))
    elif isinstance(node, ast.JoinedStr):
        yield text.instead(node, "''")


def other_values(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case float():
            return [value * 2, value / 2] if value else [1.0]
        case str():
            return [f"{value}X"]
    return []


def removed_statements(node: ast.AST, text: Text) -> Iterator[Change]:
    """Of a statement that is there for what it does: pass in its place.

    A method that is called for its effect leaves nothing, and neither does a decorator.
    """
    if isinstance(node, STATEMENTS):
        yield text.instead(node, "pass")
    elif isinstance(node, ast.Break):
        yield text.instead(node, "continue")
    elif isinstance(node, ast.Continue):
        yield text.instead(node, "break")
    elif isinstance(node, ast.Try) and node.finalbody:
        yield Change(text.start(node.finalbody[0]), text.end(node.finalbody[-1]), "pass")


def removed_parts(node: ast.AST, text: Text) -> Iterator[Change]:
    """Without one argument of a call, or one element of a tuple or list."""
    if isinstance(node, ast.Call):
        yield from removed_one([*node.args, *node.keywords], text)
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield from removed_one(node.elts, text)


def removed_one(parts: Sequence[ast.AST], text: Text) -> Iterator[Change]:
    for i, part in enumerate(parts):
        if i + 1 < len(parts):
            yield Change(text.start(part), text.start(parts[i + 1]), "")
        else:
            yield Change(text.end(parts[i - 1]) if i else text.start(part), text.end(part), "")


def removed_calls(node: ast.AST, text: Text) -> Iterator[Change]:
    """Of f(x) only x, and of x.f() only x."""
    match node:
        case ast.Call(ast.Attribute(ast.Name(id="F" | "np" | "nn" | "torch")) | ast.Name(), [argument], []):
            yield text.instead(node, text.of(argument))
        case ast.Call(ast.Attribute(value)) if not isinstance(value, ast.Name) or value.id not in MODULES:
            yield text.instead(node, text.of(value))


MODULES = ("F", "np", "nn", "torch")


def swapped_parts(node: ast.AST, text: Text) -> Iterator[Change]:
    """With two neighbouring arguments, or elements of a tuple or list, in the other order."""
    parts: Sequence[ast.expr] = ()
    if isinstance(node, ast.Call):
        parts = node.args
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        parts = node.elts
    for one, two in pairwise(parts):
        middle = text.text[text.end(one) : text.start(two)]
        yield Change(text.start(one), text.end(two), f"{text.of(two)}{middle}{text.of(one)}")


def ranges(node: ast.AST, text: Text) -> Iterator[Change]:
    match node:
        case ast.Call(ast.Name(id="range"), arguments):
            for argument in arguments:
                if not isinstance(argument, ast.Constant):
                    yield from (text.instead(argument, f"{text.of(argument)} {one}") for one in ("- 1", "+ 1"))
        case ast.Slice(lower, upper, step):
            yield from (text.instead(part, "") for part in (lower, upper, step) if part is not None)


def ignored_arguments(node: ast.AST, text: Text) -> Iterator[Change]:
    """With the default of a parameter whatever is given: in the whole function, or in one call."""
    if not isinstance(node, ast.FunctionDef):
        return
    defaults = {name: text.of(default) for name, default in defaults_of(node.args)}
    if first := next((one for one in node.body if not is_docstring(one)), None):
        for name, default in defaults.items():
            yield Change(text.start(first), text.start(first), f"{name} = {default}\n{' ' * first.col_offset}")
    for call in [inner for one in node.body for inner in ast.walk(one) if isinstance(inner, ast.Call)]:
        for part in [*call.args, *(keyword.value for keyword in call.keywords)]:
            if isinstance(part, ast.Name) and part.id in defaults:
                yield text.instead(part, defaults[part.id])


def defaults_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that have a default, and it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    given = positional[len(positional) - len(arguments.defaults) :]
    yield from ((one.arg, default) for one, default in zip(given, arguments.defaults, strict=True))
    for one, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            yield one.arg, keyword_default


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def skipped_cleanup(node: ast.AST, text: Text) -> Iterator[Change]:
    """Of try and finally: one after the other, so that an exception skips what finally does.

    `if True:` stands in the place of both, which keeps the indentation. A value that is returned
    inside try waits until the end.
    """
    if not isinstance(node, ast.Try) or node.handlers or node.orelse or not node.finalbody:
        return
    returns = [inner for one in node.body for inner in ast.walk(one) if isinstance(inner, ast.Return)]
    if any(text.end(one) != text.end(node.body[-1]) for one in returns):
        return
    inside, after = block(node.body, text), block(node.finalbody, text)
    for one in returns:
        inside = (
            f"{text.text[text.start(node.body[0]) : text.start(one)]}result = {text.of(one).removeprefix('return ')}"
        )
    indent = "\n" + " " * node.col_offset
    last = f"{indent}return result" if returns else ""
    yield text.instead(node, f"if True:{indent}    {inside}{indent}if True:{indent}    {after}{last}")


def block(statements: list[ast.stmt], text: Text) -> str:
    return text.text[text.start(statements[0]) : text.end(statements[-1])]


OPERATORS: dict[str, Callable[[ast.AST, Text], Iterator[Change]]] = {
    "comparison": comparisons,
    "arithmetic": arithmetic,
    "boolean": booleans,
    "condition": conditions,
    "constant": constants,
    "removed statement": removed_statements,
    "removed part": removed_parts,
    "removed call": removed_calls,
    "swapped parts": swapped_parts,
    "range": ranges,
    "ignored argument": ignored_arguments,
    "skipped clean-up": skipped_cleanup,
}
