"""Says how to call a function of an exercise, if the submission's has other parameters."""

import ast
import re
from functools import cache
from pathlib import Path

CALL = re.compile(r"^TypeError: [\w.<>]*\(\) (takes|missing|got)")


def advice_on_call(details: str, function: str, solution: Path) -> str:
    """The parameters that a function must have, if Python refused the call itself; "" otherwise.

    `solution` is the file of the reference, which students do not have.
    """
    if not CALL.search(details):
        return ""
    wanted = signature(solution, function)
    return f"It must have the parameters {wanted}." if wanted else "It must have the parameters of the stub."


@cache
def signature(file: Path, function: str) -> str:
    """The parameters of a function, or of a network and its forward, without types.

    Returns "" if there is no file.
    """
    if not file.is_file():
        return ""
    functions = functions_of(ast.parse(file.read_text(encoding="utf-8")))
    names = [name for name in (function, f"{function}.__init__", f"{function}.forward") if name in functions]
    return " and ".join(f"`{name}({parameters(functions[name])})`" for name in names)


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The functions and methods of a file, methods as "Class.method"."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            functions |= {f"{node.name}.{part.name}": part for part in node.body if isinstance(part, ast.FunctionDef)}
    return functions


def parameters(function: ast.FunctionDef) -> str:
    plain = [ast.arg(argument.arg) for argument in function.args.args]
    return ast.unparse(ast.arguments([], plain, None, [], [], None, function.args.defaults))
