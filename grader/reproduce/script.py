"""Puts a script together: what it imports, its inputs, what the check does, what it expects."""

import ast
import hashlib
import io
import re
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grader.judging.compare import RTOL
from grader.judging.failures import CheckFailed
from grader.judging.record import Record
from grader.reproduce.literals import FILE, Literals
from grader.reproduce.question import Question
from grader.reproduce.source import STAND_IN, Parts, inputs_of, names_in, parts_of

RUNNING = "grader.reproduce.running"
MARK = "# as written: "  # begins the last line, with a hash of the lines above
LABELS = "asked"  # what the script calls the module of the probe
HERE = ("grader", "src", "data")
WIDTH = 100


@dataclass(frozen=True)
class Written:
    """A script, and the content of the file with its larger arrays (None if it has none)."""

    text: str
    arrays: bytes | None


def write_script(record: Record, question: Question, file: str) -> Written:
    """The script for one question of a check; `file` is its name without ".py"."""
    probe, literals = question.exchange.probe, Literals()
    parts = parts_of(probe, question.arguments)
    values = inputs_of(probe.run, question.arguments)
    used = names_in(ast.parse(parts.body))
    inputs = [literals.assignment(name, value) for name, value in values.items() if name in used]
    closing = closing_of(record, question, literals)
    if f"{LABELS}." in closing:
        package, _, last = probe.module.rpartition(".")
        parts.modules.add(f"from {package} import {last} as {LABELS}")
    sections = [
        f'"""{docstring_of(record, question, file)}"""',
        imports_of(parts, literals, file, closing),
        *(f"\n{text}\n" for text in parts.helpers.values()),
        "\n".join(["# What the check gives your code", *inputs]),
        "\n".join(["# What it does with your code", *beginning_of(parts, question), parts.body]),
        closing,
    ]
    text = re.sub("\n{4,}", "\n\n\n", "\n\n".join(sections)) + "\n"
    return marked(text, packed(literals.arrays))


def marked(text: str, arrays: bytes | None = None) -> Written:
    """A script with a last line that shows later whether somebody has changed it."""
    return Written(f"{text}\n{mark_of(text)}\n", arrays)


def docstring_of(record: Record, question: Question, file: str) -> str:
    """What the script is, and what the check said."""
    function = question.exchange.function
    about = (
        f"This file calls your {function} as the check does, with the same inputs. Run it with  python {file}.py  or in your "
        f"debugger, or type  %run {file}.py  in a notebook. It is yours: change what you like."
    )
    said = said_by(question.failure, record) or ["passed."]
    told = "\n".join(["When this file was written, the check said:", *(f"    {line}" for line in said)])
    text = "\n\n".join([filled(f"Check {record.number}: {record.title}"), filled(about), told])
    return text.replace("\\", "\\\\").replace('"""', "'''") + "\n"


def said_by(failure: CheckFailed | None, record: Record) -> list[str]:
    """What a failed check said, in lines."""
    if failure is None:
        return []
    lines = [failure.feedback.sentence, *failure.feedback.details.splitlines()]
    return [part for line in lines for part in textwrap.wrap(line, WIDTH - 4) or [""]]


def filled(text: str) -> str:
    return textwrap.fill(text, WIDTH - 3, break_on_hyphens=False)


def imports_of(parts: Parts, literals: Literals, file: str, closing: str) -> str:
    """The lines that import what the rest uses, and open the file with arrays."""
    names = {module: set(own) for module, own in parts.names.items()}
    running = {name for name in ("compare_with", "show") if f"{name}(" in closing}
    names[RUNNING] = running | {"set_seeds"} | ({"Here"} if parts.uses_stand_in else set())
    opened: list[str] = []
    if literals.arrays:
        names["pathlib"] = {"Path"}
        opened = ["", f'{FILE} = np.load(Path(__file__).with_name("{file}.npz"))']
    lines = {"import numpy as np", *parts.modules}
    lines |= {f"from {module} import {', '.join(sorted(own))}" for module, own in names.items()}
    groups = [sorted(group, key=lambda line: (line.startswith("from"), line)) for group in by_origin(lines)]
    return "\n\n".join("\n".join(group) for group in groups if group) + "\n".join(["", *opened])


def by_origin(lines: Iterable[str]) -> list[list[str]]:
    """Lines of imports in three groups: Python's own library, packages, and this folder."""
    groups: list[list[str]] = [[], [], []]
    for line in lines:
        package = line.split()[1].partition(".")[0]
        groups[0 if package in sys.stdlib_module_names else 2 if package in HERE else 1].append(line)
    return groups


def beginning_of(parts: Parts, question: Question) -> Iterable[str]:
    call = question.exchange.call
    yield f"set_seeds({call.seed}, threads={call.threads})  # chance does the same as in the check"
    if parts.uses_stand_in:
        yield f"{STAND_IN} = Here()"


def closing_of(record: Record, question: Question, literals: Literals) -> str:
    """The last statements: they print what your code did, and what the check expects."""
    exchange = question.exchange
    if question.expected is None:
        command = f'To judge it again:  pytest tests/ -k "{record.name}"'
        said = [
            "When this file was written, the check said:",
            *(f"  {line}" for line in said_by(question.failure, record)),
        ]
        keys = f", {literals.text(tuple(exchange.keys), '')}" if exchange.keys else ""
        prints = [f"print({literals.text(line, '')})" for line in [*(said if question.failure else []), command]]
        return "\n".join(["# What your code did", f'show("{exchange.function}", got{keys})', *prints])
    given = ["expected", "got", f'"{exchange.function}"']
    given += [f"rtol={exchange.rtol}"] if exchange.rtol != RTOL else []
    given += [f"up_to_scale={literals.text(tuple(exchange.up_to_scale), '')}"] if exchange.up_to_scale else []
    given += [f"labels={LABELS}.{exchange.probe.name}.labels"] if has_labels(question) else []
    lines = ["# What the check expects", literals.assignment("expected", question.expected)]
    return "\n".join([*lines, f"compare_with({', '.join(given)})"])


def has_labels(question: Question) -> bool:
    """Whether sentences call some of the expected values by another name than their keys."""
    keys = question.expected if isinstance(question.expected, dict) else {}
    return not question.exchange.probe.labels.keys().isdisjoint(keys)


def packed(arrays: dict[str, np.ndarray]) -> bytes | None:
    """The content of an .npz file with these arrays."""
    if not arrays:
        return None
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def mark_of(text: str) -> str:
    """The last line of a script: it shows whether somebody has changed the lines above."""
    return MARK + hashlib.sha256(text.encode()).hexdigest()[:12]


def is_as_written(content: str) -> bool:
    """Whether a script is as it was written, so that nothing is lost with it."""
    text, _, mark = content.rstrip("\n").rpartition("\n")
    return mark == mark_of(f"{text.rstrip()}\n") if mark.startswith(MARK) else False
