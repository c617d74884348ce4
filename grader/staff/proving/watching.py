"""Drives `grader watch` from outside, as an editor and a reader do: for the benchmark and tests."""

import ast
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.assignment import KIT, GraderError
from grader.judging.reference import read_solution

MOST_S = 120.0  # until a line must have come


class Watched:
    """`grader watch` on a folder, in a process of its own; `lines` are what it has printed."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "grader.cli", "watch", str(folder), *options]
        self.folder, self.lines, self.seen = folder, list[str](), 0
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            command, cwd=KIT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.interrupt()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait_for(self, text: str) -> str:
        """The next line with this text in it.  Raises GraderError if none comes in time."""

        def place() -> int | None:
            return next((i for i, line in enumerate(self.lines) if i >= self.seen and text in line), None)

        with self.changed:
            self.changed.wait_for(lambda: place() is not None, MOST_S)
            found = place()
            if found is None:
                raise GraderError(f"grader watch did not print {text!r}, but:\n" + "\n".join(self.lines[self.seen :]))
            self.seen = found + 1
            return self.lines[found]

    def save(self, text: str, exercise: str = "run_model") -> None:
        """Save a file as many editors do: write another one, and rename it."""
        new = self.folder / "src" / f".{exercise}.saving"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / "src" / f"{exercise}.py")

    def seconds_until(self, text: str, saved: str) -> float:
        """Save a text, and measure how long it takes until a line has `text` in it."""
        started = time.perf_counter()
        self.save(saved)
        self.wait_for(text)
        return time.perf_counter() - started

    def interrupt(self) -> int:
        """Type Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(MOST_S)
        self.reader.join(MOST_S)
        return status


def with_function(text: str, name: str, new: str) -> str:
    """A file with another version of one of its functions."""
    (node,) = (one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef) and one.name == name)
    lines = text.splitlines()
    return "\n".join([*lines[: node.lineno - 1], new, *lines[node.end_lineno :]]) + "\n"


def function_in(text: str, name: str) -> str:
    """The text of one function of a file."""
    (node,) = (one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef) and one.name == name)
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])


def five_saves() -> dict[str, tuple[str, str]]:
    """What a student saves, one after the other: each text of run_model.py, and the line it causes.

    The first is the file at the start.
    """
    right = read_solution("run_model")
    train, evaluate = function_in(right, "train_epoch"), function_in(right, "evaluate")
    wrong = with_function(
        right, "train_epoch", "def train_epoch(model, data_loader, optimizer, device=None):\n    return 0, 0"
    )
    half = with_function(right, "train_epoch", changed(train, "model.train()", "model.eval()"))
    worse = with_function(right, "evaluate", changed(evaluate, "model.eval()", "model.train()"))
    return {
        "start": (right, "visible points"),
        "wrong": (wrong, "  train_epoch "),
        "a syntax error": (changed(right, "def train_epoch(", "def train_epoch(("), "run_model.py, line"),
        "half right": (half, "  train_epoch "),
        "right": (right, "  train_epoch "),
        "another function": (worse, "  evaluate "),
    }


def changed(text: str, old: str, new: str) -> str:
    if old not in text:
        raise GraderError(f"the reference has no {old!r}")
    return text.replace(old, new, 1)
