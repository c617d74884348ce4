"""What `python -m src.experiments NAME` wrote: report/NAME.json, its numbers and tables."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

MOST_CELLS = 5000
PLAIN_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+(e[+-]?\d+)?( ?%)?")


@dataclass
class Run:
    """One run of an experiment.

    Attributes:
        name: the experiment.
        numbers: its single results.
        tables: its tables in Markdown, without line ends.
        facts: what is said of the run: budget, data, device and so on, as texts.
    """

    name: str
    numbers: dict[str, float] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


def command_for(name: str) -> str:
    """The command that makes an experiment's figures, tables and numbers."""
    return f"python -m src.experiments {name}"


def experiment_of(picture: str) -> str:
    """The experiment that makes a figure: "dogs-fc" for "report/dogs-fc-loss.png"."""
    return PurePosixPath(picture).stem.rpartition("-")[0]


def read_runs(files: Mapping[str, bytes]) -> tuple[dict[str, Run], list[str]]:
    """The runs among a report's files, by experiment, and a sentence on each that can't be read."""
    runs, problems = {}, []
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.suffix != ".json":
            continue
        try:
            runs[path.stem] = run_of(path.stem, json.loads(content))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            problems.append(f"{name} is damaged. Make it again:  {command_for(path.stem)}")
    return runs, problems


def run_of(name: str, content: dict[str, Any]) -> Run:
    numbers = {str(key): float(value) for key, value in content.get("numbers", {}).items() if is_number(value)}
    tables = {str(key): table_lines(table) for key, table in content.get("tables", {}).items()}
    return Run(name, numbers, tables, facts_of(content))


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def facts_of(content: dict[str, Any]) -> dict[str, str]:
    """What people ask of a run, in the order in which they ask."""
    data = content.get("data", [])
    facts = {
        "budget": content.get("budget"),
        "data": " ".join(map(str, data if isinstance(data, list) else [data])).removesuffix("."),
        "device": content.get("device"),
        "time": f"{content['seconds']:.0f} s" if is_number(content.get("seconds")) else None,
        "seed": content.get("seed"),
        "finished": content.get("finished"),
    }
    return {key: str(value)[:500] for key, value in facts.items() if value not in (None, "")}


def table_lines(table: dict[str, Any]) -> list[str]:
    """A table of a run as lines of Markdown."""
    columns, rows = list(table["columns"]), [list(row) for row in table["rows"]]
    if len(columns) * (len(rows) + 1) > MOST_CELLS or any(len(row) != len(columns) for row in rows):
        raise ValueError("the table is too large, or its rows have different lengths")
    lines = [columns, *rows]
    rule = ["---:" if is_column_of_numbers([row[place] for row in rows]) else "---" for place in range(len(columns))]
    shown = [[cell_text(cell) for cell in line] for line in lines]
    return [f"| {' | '.join(line)} |" for line in (shown[0], rule, *shown[1:])]


def is_column_of_numbers(cells: list[object]) -> bool:
    """Whether most cells are numbers, or numbers as texts, such as "24.10" and "1,000"."""
    found = [is_number(cell) or PLAIN_NUMBER.fullmatch(str(cell)) is not None for cell in cells]
    return 2 * sum(found) > len(found)


def cell_text(cell: object) -> str:
    """A cell in which nothing is Markdown."""
    if cell is None:  # JSON has no NaN
        return "-"
    text = str(float(f"{cell:.6g}")) if isinstance(cell, float) else str(cell)
    text = text.encode(errors="replace").decode()  # JSON may hold halves of characters
    return " ".join("".join(f"\\{char}" if char in r"\`*_[]<>|!&#~" else char for char in text).split())
