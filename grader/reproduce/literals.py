"""Plain data as Python text: small arrays in it, larger ones in a file beside it."""

import math
from typing import Any

import numpy as np

MOST_INLINE = 20  # numbers of an array that stands in the text
WIDTH = 100  # characters of a line
FILE = "arrays"  # what the script calls the file with the larger arrays


class Literals:
    """Writes values as text.  `arrays` collects those that go into the file, by their names."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def assignment(self, name: str, value: Any) -> str:
        """A line, or several, that gives a name this value."""
        return f"{name} = {self.text(value, name, len(name) + 3)}"

    def text(self, value: Any, name: str, column: int = 0, indent: int = 0) -> str:
        """A value as text that begins in this column; `name` is how Python would name it."""
        if isinstance(value, np.ndarray):
            return self.array(value, name, indent)
        if isinstance(value, float):
            return number(value)
        if isinstance(value, dict):
            brackets = "{}"
            parts = [
                (f'"{key}": ' if isinstance(key, str) else f"{key!r}: ", entry, f"{name}[{key!r}]")
                for key, entry in value.items()
            ]
        elif isinstance(value, (list, tuple)):
            brackets = "[]" if isinstance(value, list) else "()"
            parts = [("", entry, f"{name}[{place}]") for place, entry in enumerate(value)]
        else:
            return (
                f'"{value}"'
                if isinstance(value, str) and value.isprintable() and not {*'"\\'} & {*value}
                else repr(value)
            )
        return self.collection(brackets, parts, column, indent)

    def collection(self, brackets: str, parts: list[tuple[str, Any, str]], column: int, indent: int) -> str:
        """A list, tuple or dict: in one line if that is short, else with a line for each entry."""
        inner = indent + 4
        texts = [before + self.text(value, name, inner + len(before), inner) for before, value, name in parts]
        comma = "," if brackets == "()" and len(texts) == 1 else ""
        line = f"{brackets[0]}{', '.join(texts)}{comma}{brackets[1]}"
        if "\n" not in line and column + len(line) <= WIDTH:
            return line
        rows = filled(texts, WIDTH - inner) if all(len(text) < 24 for text in texts) else [f"{text}," for text in texts]
        return "\n".join([brackets[0], *(" " * inner + row for row in rows), " " * indent + brackets[1]])

    def array(self, value: np.ndarray, name: str, indent: int) -> str:
        if value.size == 0:
            return f'np.zeros({value.shape}, "{value.dtype}")'
        if value.size > MOST_INLINE:
            self.arrays[name] = value
            return f"{FILE}[{name!r}]" if '"' in name else f'{FILE}["{name}"]'
        inner = " " * (indent + 4)
        digits = digits_of(value, WIDTH - len(inner))
        line = f'np.array({digits}, "{value.dtype}")'
        if "\n" not in line and indent + len(line) <= WIDTH:
            return line
        rows = digits.replace("\n", f"\n{inner}")
        return f'np.array(\n{inner}{rows},\n{inner}"{value.dtype}",\n{" " * indent})'


def digits_of(value: np.ndarray, width: int) -> str:
    """An array's numbers, each with the fewest digits that give it back."""
    if value.ndim == 0:
        return number(value.item())
    write_all: Any = {"all": number}
    most = MOST_INLINE + 1
    return np.array2string(value, separator=", ", threshold=most, max_line_width=width, formatter=write_all)


def number(value: float) -> str:
    """A number, Python's or NumPy's, as Python text."""
    if math.isfinite(value):
        return str(value)
    return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"


def filled(texts: list[str], width: int) -> list[str]:
    """Short texts in as few rows as possible, with a comma behind each."""
    rows = [""]
    for text in texts:
        if len(rows[-1]) + len(text) + 2 > width:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else ''}{text},"
    return rows
