"""Names that people, browsers and systems give to files, and which file they mean."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

# "run_model (1).py", "Copy of run_model.py", "run_model - Copy (2).py", "run_model-1.py",
# "run_model.py.txt", in the Windows of some languages
ENDINGS = re.compile(r"(?:\.py){1,3}(?:\.txt)?$", re.IGNORECASE)
BEFORE = re.compile(r"^(?:copy of|kopie von|copia de|copie de) ", re.IGNORECASE)
BEHIND = re.compile(r"(?:\(\d{1,4}\)|-?\s?\b(?:copy|kopie|copia|copie)|-\d{1,4}|\s\d{1,4})$", re.IGNORECASE)
LONGEST = 100  # characters in a name that is looked at
ALIKE = 0.75  # the share of two names that must be the same for one to be meant by the other
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")
KINDS = {  # by the first bytes of a file that is not a zip
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
    """Whether this looks like a copy of an exercise's file.

    Capitals, "_" and what people add to copies do not count. The file's own name is not a copy's.
    """
    if name == f"{exercise}.py" or len(name) > LONGEST or not ENDINGS.search(name):
        return False
    stem = BEFORE.sub("", ENDINGS.sub("", name))
    while (shorter := BEHIND.sub("", stem.strip())) != stem:
        stem = shorter
    return plain(stem) == plain(exercise)


def plain(stem: str) -> str:
    return re.sub(r"[\s_-]+", "", stem).lower()


def hint_on(names: Iterable[str], exercise: str) -> str:
    """A sentence on the file that may be meant for an exercise that has none, or ""."""
    paths = [PurePosixPath(name) for name in names]
    for hint in (notebook, wrong_place_or_kind, similar_name, archive):
        for path in paths:
            if sentence := hint(path, exercise):
                return sentence
    return ""


def notebook(path: PurePosixPath, exercise: str) -> str:
    return f"{path} is a notebook: export it as {exercise}.py ({HOW_TO_EXPORT})." if path.suffix == ".ipynb" else ""


def wrong_place_or_kind(path: PurePosixPath, exercise: str) -> str:
    if path.name == f"{exercise}.py":
        return f"{path} is in too many folders: move it to src/{exercise}.py."
    if plain(path.name.split(".")[0]) == plain(exercise) and path.suffix != ".py":
        return f"{path} is not a Python file: hand in {exercise}.py itself, as plain text."
    return ""


def similar_name(path: PurePosixPath, exercise: str) -> str:
    if path.suffix != ".py":
        return ""
    alike = difflib.SequenceMatcher(None, plain(path.stem), plain(exercise)).ratio()
    return f"Did you mean {path}?  Rename it to {exercise}.py." if alike > ALIKE else ""


def archive(path: PurePosixPath, exercise: str) -> str:
    if path.suffix.lower() in ARCHIVES:
        return f"{path} is an archive: unpack it, and hand in its files."
    return ""


def kind_of_file(path: Path) -> str:
    """The kind of a file that a student submitted as a zip, as in "it is a RAR archive".

    Returns "" if the kind is unknown.
    """
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
