"""Submissions that are broken at random.  Each follows from its number alone."""

import random
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import KIT, STAFF, read_assignment
from grader.intake.files import Files, exercise_file, write_files
from grader.judging.reference import solution_file

BASES = ("reference", KIT / "src", STAFF / "examples" / "first_try" / "src")
ODD = [
    "\0",
    "\t",
    "\r",
    "\ufeff",
    "é",
    "“",
    "\u202e",
    "\ud7ff",
    "𝕏",
    "(",
    "'''",
    "\\",
    "#",
    ":",
    "async ",
    "lambda ",
    "0x",
    "1_",
    "*" * 99,
]
SHARE_OF_ZIPS = 0.3  # of submissions with broken sources
NAMES = ["src/run_model.py", "run_model.py", "SRC/Run_Model.PY", "a/b/c/run_model.py", "../run_model.py", "/run_model.py", "src//run_model.py",
         "src\\run_model.py", "run_model (1).py", "src/run_model.py/", "src/.run_model.py", "con.py", "src/\u202erun_model.py", "x" * 300]  # fmt: skip


# Sources


def flip_bytes(rng: random.Random, text: bytes) -> bytes:
    broken = bytearray(text)
    for _ in range(rng.randint(1, 8)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def cut_off(rng: random.Random, text: bytes) -> bytes:
    return text[: rng.randrange(len(text))]


def shuffle_lines(rng: random.Random, text: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 5)):
        a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[a] = rng.choice([b"", lines[b], lines[a] * 2, b"    " + lines[a], lines[a].lstrip()])
    return b"".join(lines)


def insert_oddities(rng: random.Random, text: bytes) -> bytes:
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice(ODD).encode() + text[place:]
    return text


def recode(rng: random.Random, text: bytes) -> bytes:
    return text.decode().encode(rng.choice(["utf-16", "utf-8-sig", "utf-7", "cp037", "latin-1"]), errors="replace")


def swap_words(rng: random.Random, text: bytes) -> bytes:
    words = [
        b"+",
        b"-",
        b"return",
        b"self",
        b"model",
        b"batch",
        b"1",
        b"0",
        b"True",
        b"None",
        b"torch",
        b"loss",
        b"def",
        b"==",
    ]
    for _ in range(rng.randint(1, 4)):
        text = text.replace(rng.choice(words), rng.choice(words), rng.randint(1, 3))
    return text


SOURCES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip_bytes, cut_off, shuffle_lines, insert_oddities, recode, swap_words,
)  # fmt: skip


# Zips


def write_broken_zip(rng: random.Random, files: Files, path: Path) -> None:
    """Write a zip in which some files have odd names, are there twice, or are packed oddly.

    Most such zips are then damaged too.
    """
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as packed:
        for name, text in files.items():
            for _ in range(rng.choice([1, 1, 1, 2])):
                info = zipfile.ZipInfo(rng.choice([name, name, rng.choice(NAMES)]))
                info.external_attr = rng.choice([0o644, 0o100644, 0o120777, 0o040755, 0o060600]) << 16
                method = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
                packed.writestr(info, text, compress_type=method)
    if rng.random() < 0.7:
        path.write_bytes(rng.choice([flip_bytes, cut_off])(rng, path.read_bytes()))


def file_in(base: Path | str, exercise: str) -> Path:
    """An exercise's file in one of BASES."""
    return solution_file(exercise) if base == "reference" else Path(base) / f"{exercise}.py"


@dataclass(frozen=True)
class Broken:
    """A submission that was broken: in which way, in which exercise above all, and where it is."""

    how: str
    exercise: str
    path: Path


def make_broken(number: int, folder: Path) -> Broken:
    """Make the submission of this number in an empty folder."""
    rng = random.Random(number)
    base, how = rng.choice(BASES), rng.choice([*SOURCES, *SOURCES, None])
    texts = {exercise: file_in(base, exercise) for exercise in read_assignment().exercises}
    files = {exercise_file(exercise): file.read_bytes() for exercise, file in texts.items() if file.is_file()}
    name = rng.choice(list(files))
    exercise = Path(name).stem
    if how is not None:
        files[name] = how(rng, files[name])
        if rng.random() >= SHARE_OF_ZIPS:
            return Broken(how.__name__, exercise, write_files(files, folder / "submission"))
    write_broken_zip(rng, files, folder / "submission.zip")
    return Broken(f"{how.__name__ if how else 'sound source'} in a zip", exercise, folder / "submission.zip")
