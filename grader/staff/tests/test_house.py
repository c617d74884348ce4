"""The code's own rules of size: a module is read in one sitting, a function on one screen."""

import ast

from grader.assignment import KIT

MOST_LINES, MOST_IN_FUNCTION = 300, 40
# A reference, style, example or attack is one text, and a file of tests is many short ones.
OTHERS = {"solution.py", "styles", "examples", "attacks", "accidents", "tests"}


def test_modules_and_functions_are_short() -> None:
    too_long = []
    for path in sorted((KIT / "grader").rglob("*.py")):
        if OTHERS & {*path.relative_to(KIT).parts}:
            continue
        text = path.read_text(encoding="utf-8")
        lengths = {"the module": (len(text.splitlines()), MOST_LINES)}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lengths[node.name] = (node.end_lineno or 0) - node.lineno + 1, MOST_IN_FUNCTION
        too_long += [f"{path.name}: {name}, {n} lines" for name, (n, most) in lengths.items() if n > most]
    assert too_long == []
