"""What people, browsers and systems make of a file's name, and how to tell which file was meant."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

# "run_model (1).py", "Copy of run_model.py", "run_model - Copy (2).py", "run_model-1.py", "run_model.py.txt", in some languages' Windows
ENDINGS = re.compile(r"(?:\.py){1,3}(?:\.txt)?$", re.IGNORECASE)
BEFORE = re.compile(r"^(?:copy of|kopie von|copia de|copie de) ", re.IGNORECASE)
BEHIND = re.compile(r"(?:\(\d{1,4}\)|-?\s?\b(?:copy|kopie|copia|copie)|-\d{1,4}|\s\d{1,4})$", re.IGNORECASE)
LONGEST = 100  # characters in a name that is looked at
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")
KINDS = {  # the first bytes of files that are no zip
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive, such as .tar.gz",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF document",
}
HOW_TO_EXPORT = (
    "in Jupyter: File > Save and Export Notebook As > Executable Script; in Colab: File > Download > Download .py"
)


def is_copy_of(name: str, exercise: str) -> bool:
    """Whether a file's name is an exercise's but for capitals, "_", and what is added to copies; the very name is no copy."""
    if name == f"{exercise}.py" or len(name) > LONGEST or not ENDINGS.search(name):
        return False
    stem = BEFORE.sub("", ENDINGS.sub("", name))
    while (shorter := BEHIND.sub("", stem.strip())) != stem:
        stem = shorter
    return plain(stem) == plain(exercise)


def plain(stem: str) -> str:
    return re.sub(r"[\s_-]+", "", stem).lower()


def hint_on(names: Iterable[str], exercise: str) -> str:
    """What may have been meant by the exercise's file, where there is none: a sentence, or ""."""
    paths = [PurePosixPath(name) for name in names]
    file = f"{exercise}.py"
    for path in paths:
        if path.suffix == ".ipynb":
            return f"{path} is a notebook: export it as {file} ({HOW_TO_EXPORT})."
    for path in paths:
        if path.name == file:
            return f"{path} is in too many folders: move it to src/{file}."
        if plain(path.name.split(".")[0]) == plain(exercise) and path.suffix != ".py":
            return f"{path} is not a Python file: hand in {file} itself, as plain text."
    for path in paths:
        if path.suffix == ".py" and difflib.SequenceMatcher(None, plain(path.stem), plain(exercise)).ratio() > 0.75:
            return f"Did you mean {path}?  Rename it to {file}."
    for path in paths:
        if path.suffix.lower() in ARCHIVES:
            return f"{path} is an archive: unpack it, and hand in its files."
    return ""


def kind_of_file(path: Path) -> str:
    """What a file is that was handed in as a zip: "it is a RAR archive", or "" where that can't be told."""
    if path.suffix == ".py":
        return "it is a Python file"
    try:
        with path.open("rb") as stream:
            start = stream.read(512)
    except OSError:
        return ""
    if not start:
        return "it is empty"
    kind = next((kind for first, kind in KINDS.items() if start.startswith(first)), "")
    kind = "a tar archive" if start[257:262] == b"ustar" else kind
    return f"it is {kind}" if kind else ""
