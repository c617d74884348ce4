"""Makes the stubs in src/ from the reference, and report_template.md from the exercises' questions.

The reference marks with BEGIN SOLUTION and END SOLUTION what students write themselves. A marked
block inside a function becomes one line, `raise NotImplementedError("to do: NAME")`, with the
function's qualified name. A marked block anywhere else, such as a helper that only the reference
uses, is left out.
"""

import argparse
import ast
import re
from pathlib import Path

from grader.assignment import GraderError
from grader.staff.release.report import TEMPLATE, report_template

HELP = (
    'Writes src/NAME.py for every exercise: its solution in grader/staff/exercises/, with a line that says "to do" in '
    "place of every marked block.  Also writes report_template.md from grader/exercises/NAME/report.md.  "
    "Exit status: 0, or with --check 1 if a file differs from what would be written."
)
EXAMPLE = "grader stubs --check"
BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"
REPO_ROOT = Path(__file__).resolve().parents[3]


class StubsError(GraderError):
    """A solution's markers don't fit together; the text says which, and on which line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; say which files are out of date")


def main(options: argparse.Namespace) -> int:
    return write_or_check(options.check)


def stub_text(solution_text: str) -> str:
    """A solution's text without its marked blocks.

    Raises StubsError, with the line, if a marker has no partner or is inside another pair, and
    SyntaxError if the text is not Python.
    """
    functions = enclosing_functions(ast.parse(solution_text))
    kept: list[str] = []
    begin = 0
    for number, line in enumerate(solution_text.splitlines(), start=1):
        if line.strip() == BEGIN:
            if begin:
                raise StubsError(f"Line {number}: this {BEGIN} stands inside the block that begins on line {begin}.")
            begin = number
            if number in functions:
                kept.append(line.replace(BEGIN, to_do(functions[number])))
        elif line.strip() == END:
            if not begin:
                raise StubsError(f"Line {number}: this {END} has no {BEGIN} before it.")
            begin = 0
        elif not begin:
            kept.append(line)
    if begin:
        raise StubsError(f"Line {begin}: this {BEGIN} has no {END} after it.")
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
    """Keep at most two empty lines in a row, and none at the end.

    A block that is left out leaves the empty lines around it.
    """
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


def expected_stubs(repo_root: Path) -> dict[Path, str]:
    """The text that each stub should have, by its path."""
    stubs = {}
    for solution in sorted((repo_root / "grader/staff/exercises").glob("*/solution.py")):
        try:
            stubs[repo_root / "src" / f"{solution.parent.name}.py"] = stub_text(solution.read_text(encoding="utf-8"))
        except StubsError as error:
            raise StubsError(f"{solution}: {error}") from None
        except SyntaxError as error:
            raise StubsError(f"{solution}: line {error.lineno} is not Python: {error.msg}.") from None
    return stubs


def expected_files(repo_root: Path) -> dict[Path, str]:
    """The text that each generated file should have, by its path."""
    return expected_stubs(repo_root) | {repo_root / TEMPLATE: report_template(repo_root)}


def stale_files(repo_root: Path) -> list[Path]:
    """The generated files that are missing or out of date.

    Line endings don't count, because git may change them.
    """
    return [path for path, text in expected_files(repo_root).items() if not has_text(path, text)]


def has_text(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text


def write_files(repo_root: Path) -> list[Path]:
    """Write every generated file that is out of date, and return their paths."""
    stale, texts = stale_files(repo_root), expected_files(repo_root)
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts[path], encoding="utf-8", newline="\n")
    return stale


def write_or_check(check: bool, repo_root: Path = REPO_ROOT) -> int:
    """Write the generated files, or only check them.

    Returns 1 if a check finds one out of date, else 0.
    """
    if not check:
        for path in write_files(repo_root):
            print(f"Wrote {path.relative_to(repo_root)}.")
        return 0
    stale = stale_files(repo_root)
    for path in stale:
        print(f"{path.relative_to(repo_root)} is out of date. Run `grader stubs` to write it again.")
    return 1 if stale else 0
