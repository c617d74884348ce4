"""Puts the measured tables of runs into a report, and changes nothing else in it."""

import re
from collections.abc import Mapping

from grader.report.document import END_OF_TABLE, TABLE, may_be_in_table
from grader.report.runs import Run

LINE = re.compile(r"[^\n]*\n|[^\n]+")  # with its end, so that every byte outside of tables stays


def filled(text: str, runs: Mapping[str, Run]) -> str:
    """The report with every table that a run has between the table's two lines.

    A table that no run has, that has no end, or that holds more than rows, stays as it is.
    """
    done: list[str] = []
    inside: list[str] = []  # the lines since the last line that begins a table
    table: list[str] | None = None
    for line in LINE.findall(text):
        found = TABLE.match(line.rstrip())
        if found:
            done += inside
            run = runs.get(found["run"])
            table = run.tables.get(found["key"]) if run else None
            inside = [line]
        elif inside and line.strip() == END_OF_TABLE:
            end_of_line = "\r\n" if inside[0].endswith("\r\n") else "\n"
            own = all(map(may_be_in_table, inside[1:]))
            done += [inside[0], *with_ends(table, end_of_line)] if table and own else inside
            done.append(line)
            inside, table = [], None
        else:
            (inside if inside else done).append(line)
    return "".join(done + inside)


def is_untouched(text: str, template: str) -> bool:
    """Whether a report is its template, apart from tables that were filled in."""
    return without_tables(text) == without_tables(template)


def without_tables(text: str) -> list[str]:
    """The lines that are not empty, without those inside tables."""
    kept, inside = [], False
    for line in map(str.strip, text.removeprefix("\ufeff").splitlines()):
        inside = inside and line != END_OF_TABLE
        if line and not inside:
            kept.append(line)
        inside = inside or TABLE.match(line) is not None
    return kept


def with_ends(table: list[str], end_of_line: str) -> list[str]:
    """The lines of a table, with an empty line before and behind."""
    return [f"{line}{end_of_line}" for line in ["", *table, ""]]
