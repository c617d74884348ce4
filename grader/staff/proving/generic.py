"""Generic mutants: the references with one change by an operator that knows nothing of them.

The ordinary audit tries mistakes that somebody thought of.  These are made by the standard
operators of mutation testing from all code that students write themselves, and from the defaults
of the arguments.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grader.judging.mutants import Change, with_changes
from grader.judging.reference import read_solution
from grader.staff.proving.operators import OPERATORS, Text, is_docstring

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"


@dataclass(frozen=True)
class Generic:
    """One change of an exercise's reference by an operator.

    Attributes:
        function: the function or method with the change, as "NumpyMLP.fit".
        old, new: the lines of the change before and after it, without their indentation.
        occurrence: 1 for the first place in the function with this change, 2 for the next.
        in_message: it changes the arguments of an exception.
    """

    exercise: str
    function: str
    operator: str
    change: Change
    old: str
    new: str
    occurrence: int = 1
    in_message: bool = False

    @property
    def name(self) -> str:
        """What nothing else is called: where the change is, and its text."""
        return f"{self.exercise}, {self.place_and_text}"

    @property
    def place_and_text(self) -> str:
        """What no other change of the exercise is called."""
        again = f" ({self.occurrence})" if self.occurrence > 1 else ""
        return f"{self.function}{again}: {self.old}  ->  {self.new}"

    @property
    def part(self) -> str:
        """The function or class at the file's own level that has the change."""
        return self.function.split(".")[0]

    @property
    def before(self) -> str:
        """The reference's text up to the change."""
        return read_solution(self.exercise)[: self.change.start]

    @property
    def segment(self) -> str:
        """The reference's text in the place of the change."""
        return read_solution(self.exercise)[self.change.start : self.change.end]

    def text(self) -> str:
        """The exercise's file with the change."""
        return with_changes(read_solution(self.exercise), [self.change])


@cache
def generic_mutants(exercise: str) -> tuple[Generic, ...]:
    """All that the operators make of an exercise's reference, in the order of the text."""
    text = read_solution(exercise)
    found, names = dict[str, Generic](), Counter[str]()
    for operator, function, change, in_message in sorted(changes_of(text), key=lambda one: one[2]):
        changed = with_changes(text, [change])
        if changed == text or changed in found or not is_python(statement_with(text, change)):
            continue
        old, new = lines_about(text, change)
        names[f"{function} {old} {new}"] += 1
        occurrence = names[f"{function} {old} {new}"]
        found[changed] = Generic(exercise, function, operator, change, old, new, occurrence, in_message)
    return tuple(found.values())


def statement_with(text: str, change: Change) -> str:
    """The changed function, class or other statement of the file's own level."""
    starts = [start for start in starts_of_statements(text) if start <= change.start]
    end = next((start for start in starts_of_statements(text) if start >= change.end), len(text))
    return text[starts[-1] : change.start] + change.new + text[change.end : end]


@cache
def starts_of_statements(text: str) -> list[int]:
    places = Text(text)
    return [places.start(node) for node in ast.parse(text).body]


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def lines_about(text: str, change: Change) -> tuple[str, str]:
    """The lines that a change touches, before and after it, on one line each."""
    start = text.rfind("\n", 0, change.start) + 1
    end = text.find("\n", change.end)
    new = text[start : change.start] + change.new + text[change.end : end]
    return " ".join(text[start:end].split()), " ".join(new.split())


def changes_of(text: str) -> Iterator[tuple[str, str, Change, bool]]:
    """For each change: the operator, the function, the change, and whether it is in a message."""
    places = Text(text)
    written = solution_lines(text)
    for function, node, in_message, is_default in nodes_of(ast.parse(text)):
        if is_default or is_written(node, written):
            for operator, changes in OPERATORS.items():
                about_words = in_message or (is_exception(node) and operator == "removed part")
                yield from ((operator, function, change, about_words) for change in changes(node, places))


def is_written(node: ast.AST, written: frozenset[int]) -> bool:
    """Whether students write a node themselves: of a function, what follows the docstring."""
    if isinstance(node, ast.FunctionDef):
        node = node.body[-1]
    return isinstance(node, ast.comprehension) or getattr(node, "lineno", 0) in written


@cache
def solution_lines(text: str) -> frozenset[int]:
    """The numbers of the lines that students write themselves."""
    lines, inside = set[int](), False
    for number, line in enumerate(text.splitlines(), 1):
        inside = line.strip() == BEGIN or (inside and line.strip() != END)
        lines |= {number} if inside else set()
    return frozenset(lines)


def nodes_of(tree: ast.Module) -> Iterator[tuple[str, ast.AST, bool, bool]]:
    """Each node that computes something: its function, it, whether in a message, or a default.

    Annotations, docstrings and imports compute nothing.
    """
    waiting: list[tuple[str, ast.AST, bool, bool]] = [("", node, False, False) for node in reversed(tree.body)]
    while waiting:
        function, node, in_message, is_default = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)) or is_docstring(node):
            continue
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = f"{function}.{node.name}".lstrip(".")
        yield function or "the module", node, in_message, is_default
        for child in computing_children(node):
            is_inner = in_message or is_exception(node)
            waiting.append((function, child, is_inner, is_default or is_in_signature(node, child)))


def computing_children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node except annotations, last first."""
    match node:
        case ast.FunctionDef(args=arguments, body=body, decorator_list=decorators):
            defaults = [default for default in arguments.kw_defaults if default is not None]
            return [*reversed(body), *arguments.defaults, *defaults, *decorators]
        case ast.AnnAssign(value=value):
            return [value] if value is not None else []
        case ast.JoinedStr():
            return []
    return list(ast.iter_child_nodes(node))[::-1]


def is_in_signature(node: ast.AST, child: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and child in [*node.args.defaults, *node.args.kw_defaults]


def is_exception(node: ast.AST) -> bool:
    """Whether a node makes an exception."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")
