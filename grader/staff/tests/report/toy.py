"""A small template, and what fits it."""

import json
import struct
import zlib

TEMPLATE = """\
---
name:  # your name
numbers:
  sizes:  # 1.1: a list of 3 numbers
  total:  # 1.1: a number
  matrices:  # 1.3: 2 x 2 numbers
measured:
  dogs.epochs:  # 1.2: a number
---

# Report

Fill this in.

## 1. Dogs

They bark.

**1.1** (2 points) How many?

<!-- numbers: sizes[3] total -->

Answer:

**1.2** (1.5 points) Look at the loss.

![The loss](report/dogs-loss.png)

<!-- table: dogs summary -->
<!-- end of table -->

Made by `python -m src.experiments dogs`.

<!-- measured: dogs.epochs -->

**1.3** (1 point) Why?

<!-- numbers: matrices[2][2] -->

Answer:
"""
ANSWERS = {
    "sizes:": "sizes: [7665, 2000, 555]",
    "total:": "total: 10220",
    "matrices:": "matrices: [[1, 0], [0.5, 1e-5]]",
    "dogs.epochs:": "dogs.epochs: 81",
}
RUN = {
    "experiment": "dogs",
    "budget": "evening",
    "data": ["A stand-in for DogSet."],
    "seconds": 12.3,
    "numbers": {"epochs": 81.0, "accuracy": 24.1379},
    "tables": {"summary": {"title": "Dogs", "columns": ["part", "images"], "rows": [["train | all", 7665]]}},
}
TABLE = ["| part | images |", "| --- | ---: |", "| train \\| all | 7665 |"]


def png(width: int = 2, height: int = 1) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(height * (width + 1))) if width * height < 10**6 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def run_json(**changes: object) -> bytes:
    return json.dumps(RUN | changes).encode()


FILES = {"report/dogs-loss.png": png(), "report/dogs.json": run_json()}


def answered(**changes: str) -> str:
    """The template with every answer; `changes` replace those of some keys, such as total="7"."""
    text = TEMPLATE.replace("Answer:\n", "Answer:\n\nBecause I counted them.\n").replace("name:", "name: Ann")
    for key, line in ANSWERS.items():
        name = key.removesuffix(":")
        text = text.replace(f"  {key} ", f"  {name}: {changes[name]} " if name in changes else f"  {line} ")
    return text.replace("<!-- end of table -->", "\n".join(["", *TABLE, "", "<!-- end of table -->"]))
