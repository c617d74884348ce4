"""Which generic mutants the command line asks for: of exercises, of functions, or a sample."""

import ast
import random
from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from itertools import chain

from grader.assignment import GraderError, read_assignment
from grader.judging.reference import read_solution
from grader.staff.proving.generic import Generic, generic_mutants, solution_lines

FROM_ONE = 15  # mutants of one function in a sample


def choose(names: Collection[str]) -> list[Generic]:
    """The mutants of these exercises and functions, all without a name.

    A function's mutants include those of the helpers that it calls. Raises GraderError for a name
    that is neither an exercise nor a function.
    """
    exercises = read_assignment().exercises
    every = {exercise: generic_mutants(exercise) for exercise in exercises}
    known = {exercise: functions_of(every[exercise]) for exercise in exercises}
    refuse_unknown(names, known)
    chosen = list[Generic]()
    for exercise, mutants in every.items():
        functions = [name for name in names if name in known[exercise]]
        functions += [helper for name in functions for helper in helpers_of(exercise, name)]
        is_whole = not names or exercise in names
        chosen += [one for one in mutants if is_whole or any(is_in(one, function) for function in functions)]
    return chosen


def functions_of(mutants: Collection[Generic]) -> list[str]:
    """The functions, classes and methods that have mutants, in their order: "A", "A.f", "g"."""
    parts = chain.from_iterable((mutant.part, mutant.function) for mutant in mutants)
    return list(dict.fromkeys(parts))


def is_in(mutant: Generic, function: str) -> bool:
    return f"{mutant.function}.".startswith(f"{function}.")


def refuse_unknown(names: Collection[str], known: dict[str, list[str]]) -> None:
    """Raise GraderError if some names are no exercise and no function; it lists those there are."""
    valid = {*known, *chain.from_iterable(known.values())}
    wrong = [name for name in names if name not in valid]
    if wrong:
        rows = (f"  {exercise}: {', '.join(functions)}" for exercise, functions in known.items())
        said = f"No exercise or function is called {' or '.join(wrong)}. The exercises, and the functions of each:"
        raise GraderError("\n".join([said, *rows]))


def notes(names: Collection[str]) -> Iterator[str]:
    """A sentence for each function whose helpers are tried too."""
    for name in dict.fromkeys(names):
        for exercise in read_assignment().exercises:
            if helpers := helpers_of(exercise, name):
                yield f"Tried with {name}, because it calls them: {', '.join(helpers)}."


def helpers_of(exercise: str, function: str) -> list[str]:
    """The helpers that a function or class uses, judged by the names in it.

    A helper is a function that only the solution has. Others have a stub and checks of their own.
    """
    text = read_solution(exercise)
    nodes = nodes_by_name(text)
    helpers = {name for name, node in nodes.items() if node.lineno in solution_lines(text)}
    waiting, found = [function] if function in nodes else [], {function}
    while waiting:
        name = waiting.pop()
        called = names_in(name, nodes[name]) & helpers - found
        waiting += called
        found |= called
    return [name for name in nodes if name in found and not f"{name}.".startswith(f"{function}.")]


def names_in(function: str, node: ast.AST) -> set[str]:
    """The names in a function or class; what it gets from self is called as in "A.f"."""
    owner = function.split(".")[0]
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    attributes = [inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    of_self = [one.attr for one in attributes if isinstance(one.value, ast.Name) and one.value.id == "self"]
    return names | {f"{owner}.{attribute}" for attribute in of_self}


@cache
def nodes_by_name(text: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The functions, classes and methods of a file: "A", "A.f", "g"."""
    found = dict[str, ast.FunctionDef | ast.ClassDef]()
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in ast.parse(text).body]
    while waiting:
        owner, node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[f"{owner}{node.name}"] = node
            waiting += [(f"{owner}{node.name}.", inner) for inner in node.body]
    return found


def sample(mutants: list[Generic], size: int, day: date) -> list[Generic]:
    """`size` mutants of few functions. The day decides which ones.

    To ask many mutants of one function costs little more than to ask one.
    """
    drawn, of_function = random.Random(day.isoformat()), dict[str, list[Generic]]()
    for mutant in mutants:
        of_function.setdefault(mutant.part, []).append(mutant)
    functions = drawn.sample(sorted(of_function), len(of_function))
    some = [drawn.sample(of_function[name], min(FROM_ONE, len(of_function[name]))) for name in functions]
    return list(chain.from_iterable(some))[:size]
