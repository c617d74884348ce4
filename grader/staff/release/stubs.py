"""Makes the stubs in src/ from the reference: students write what stands there between BEGIN SOLUTION and END SOLUTION.

A marked block inside a function becomes one line, `raise NotImplementedError("to do: NAME")`, with the function's
qualified name.  A marked block anywhere else, such as a helper that only the reference uses, vanishes.
"""

import argparse
import ast
import re
from pathlib import Path

HELP = (
    'Writes src/NAME.py for every exercise: its solution in grader/staff/exercises/, with a line that says "to do" in '
    "place of every marked block.  Exit status: 0, or with --check 1 if a stub differs from what would be written."
)
EXAMPLE = "grader stubs --check"
BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"
REPO_ROOT = Path(__file__).resolve().parents[3]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; say which stubs are out of date")


def main(options: argparse.Namespace) -> int:
    return write_or_check(options.check)


def stub_text(solution_text: str) -> str:
    """A solution's text with its marked blocks taken out.

    Raises ValueError, with the line, if a marker has no partner or stands inside another pair; SyntaxError if the text
    isn't Python.
    """
    functions = enclosing_functions(ast.parse(solution_text))
    kept: list[str] = []
    begin = 0
    for number, line in enumerate(solution_text.splitlines(), start=1):
        if line.strip() == BEGIN:
            if begin:
                raise ValueError(f"Line {number}: this {BEGIN} stands inside the block that begins on line {begin}.")
            begin = number
            if number in functions:
                kept.append(line.replace(BEGIN, to_do(functions[number])))
        elif line.strip() == END:
            if not begin:
                raise ValueError(f"Line {number}: this {END} has no {BEGIN} before it.")
            begin = 0
        elif not begin:
            kept.append(line)
    if begin:
        raise ValueError(f"Line {begin}: this {BEGIN} has no {END} after it.")
    return without_gaps("\n".join(kept))


def enclosing_functions(tree: ast.AST, prefix: str = "") -> dict[int, str]:
    """The qualified name of the innermost function around a line, for each line that is in one."""
    names: dict[int, str] = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.update(dict.fromkeys(range(node.lineno, (node.end_lineno or 0) + 1), prefix + node.name))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.update(enclosing_functions(node, f"{prefix}{node.name}."))
    return names


def to_do(name: str) -> str:
    return f'raise NotImplementedError("to do: {name}")'


def without_gaps(text: str) -> str:
    """No more than two empty lines in a row, and none at the end: a vanished block leaves those on both its sides."""
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


def expected_stubs(repo_root: Path) -> dict[Path, str]:
    """The text that each stub should have, by its path."""
    stubs = {}
    for solution in sorted((repo_root / "grader/staff/exercises").glob("*/solution.py")):
        try:
            stubs[repo_root / "src" / f"{solution.parent.name}.py"] = stub_text(solution.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{solution}: {error}") from None
    return stubs


def stale_stubs(repo_root: Path) -> list[Path]:
    """The stubs that are missing or aren't what the reference makes.  Line endings don't count: git may change them."""
    return [path for path, text in expected_stubs(repo_root).items() if not has_text(path, text)]


def has_text(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text


def write_stubs(repo_root: Path) -> list[Path]:
    """Write every stub that is stale, and give their paths."""
    stale = stale_stubs(repo_root)
    texts = expected_stubs(repo_root)
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts[path], encoding="utf-8", newline="\n")
    return stale


def write_or_check(check: bool, repo_root: Path = REPO_ROOT) -> int:
    """Write the stubs, or only check them; 0 when all is well, 1 when a check finds a stale one."""
    if not check:
        for path in write_stubs(repo_root):
            print(f"Wrote {path.relative_to(repo_root)}.")
        return 0
    stale = stale_stubs(repo_root)
    for path in stale:
        print(f"{path.relative_to(repo_root)} is not what the reference makes. Run `grader stubs` to write it anew.")
    return 1 if stale else 0
