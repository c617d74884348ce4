"""Names that people, browsers and systems give to files, and which file they mean."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path, PurePosixPath


def simple(text: str) -> str:
    """A text in small letters without accents: Macs write "é" in another way than Windows."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).lower() if not unicodedata.combining(c))


COPY = "|".join(
    map(
        simple,
        ["copy", "kopie", "kopia", "kopi", "kopya", "kopio", "copia", "copie", "копия", "副本", "コピー", "복사본"],
    )
)  # in the languages of Windows, macOS, GNOME and KDE
OF = "of|von|van|de|di|av|af|-|–|—"
# "run_model.py.txt", in a Windows that hides endings
ENDINGS = re.compile(r"(?:\.py){1,3}(?:\.txt)?$", re.IGNORECASE)
# "Copy of run_model.py", "Copy (2) of run_model.py"
BEFORE = re.compile(rf"^(?:{COPY})[\s_-]*(?:\(\d{{1,4}}\)[\s_-]*)?(?:{OF})[\s_-]+")
# "run_model (1).py", "run_model-1.py", "run_model 2.py", "run_model - Copy.py",
# "run_model_copy2.py", "run_model (copy).py", "run_model (another copy).py"
BEHIND = re.compile(
    r"(?:\(\d{1,4}\)|[-–—\s]\d{1,4}"
    rf"|[\s_–—-]+(?:{COPY})(?:[\s_-]?\d{{1,4}})?"
    rf"|\((?:[\w.]{{1,20}} )?(?:{COPY})(?: \d{{1,4}})?\))$"
)
LONGEST = 100  # characters in a name that is looked at
MOST_HINTS = 500  # names that are compared with an exercise's, if there is no file of its name
ALIKE = 0.75  # the share of two names that must be the same for one to be meant by the other
KIT_FOLDERS = ("grader", "tests", "data")
PACKAGE = "submission.zip"  # what `grader check` packs, beside the files that it packs
KIT_NOTEBOOK = "notebook.ipynb"  # comes with the handout, and runs the checks
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
    return means(ENDINGS.sub("", name), exercise)


def means(stem: str, exercise: str) -> bool:
    """Whether a name without its ending is an exercise's, apart from what people add to copies."""
    stem = BEFORE.sub("", simple(stem))
    while (shorter := BEHIND.sub("", stem.strip())) != stem:
        stem = shorter
    return plain(stem) == plain(exercise)


def plain(stem: str) -> str:
    return re.sub(r"[\s_-]+", "", stem).lower()


def is_of_kit(name: str) -> bool:
    """Whether a file lies where the kit has files of its own, such as grader/exercises/models/.

    Nothing there is ever a student's work.
    """
    *folders, _ = (part.lower() for part in PurePosixPath(name).parts)
    if folders[-1:] == ["src"]:
        return False
    return any(folder in KIT_FOLDERS for folder in folders) or ("src", "experiments") in pairwise(folders)


def hint_on(names: Iterable[str], exercise: str) -> str:
    """A sentence on the file that may be meant for an exercise that has none, or ""."""
    paths = [PurePosixPath(name) for name in names if not is_of_kit(name)][:MOST_HINTS]
    for hint in (package, notebook, wrong_place_or_kind, similar_name, archive):
        for path in paths:
            if sentence := hint(path, exercise):
                return sentence
    return ""


def package(path: PurePosixPath, exercise: str) -> str:
    """For a folder with Python files in the place of one file."""
    if path.suffix != ".py" or path.parent.name != exercise:
        return ""
    return f"{path.parent} is a folder, and one file is expected: put its code into src/{exercise}.py."


def notebook(path: PurePosixPath, exercise: str) -> str:
    if path.suffix != ".ipynb" or path.name == KIT_NOTEBOOK:
        return ""
    return f"{path} is a notebook: export it as {exercise}.py ({HOW_TO_EXPORT})."


def wrong_place_or_kind(path: PurePosixPath, exercise: str) -> str:
    if path.name == f"{exercise}.py":
        return f"{path} is in too many folders: move it to src/{exercise}.py."
    if plain(path.name.split(".")[0]) == plain(exercise) and path.suffix != ".py":
        return f"{path} is not a Python file: hand in {exercise}.py itself, as plain text."
    return ""


def similar_name(path: PurePosixPath, exercise: str) -> str:
    if path.suffix != ".py":
        return ""
    stem = plain(path.stem[:LONGEST])
    alike = difflib.SequenceMatcher(None, stem, plain(exercise)).ratio()
    meant = alike > ALIKE or plain(exercise) in stem
    return f"Did you mean {path}?  Rename it to {exercise}.py." if meant else ""


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
