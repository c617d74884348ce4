"""Take the code out of a notebook that was handed in in place of a Python file."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from grader.intake.filenames import KIT_NOTEBOOK, is_of_kit, means
from grader.intake.sources import MAX_DEPTH, MAX_FILE, Source

SUFFIX = ".ipynb"
MAX_NOTEBOOK = 10 * 2**20  # bytes: pictures are stored in it
FOR_JUPYTER = re.compile(r"^([ \t]*)(?=[%!?])|^(?=.*\?$)", re.MULTILINE)  # %pip install, !ls, help?
DEFINES = re.compile(r"^(?:def|class)\s", re.MULTILINE)


def find_notebook(names: Iterable[str], exercise: str) -> str:
    """The notebook of an exercise: the one with its name, else the only one; or ""."""
    paths = [PurePosixPath(name) for name in names if name.endswith(SUFFIX) and not is_of_kit(name)]
    paths = [path for path in paths if path.name != KIT_NOTEBOOK and len(path.parts) <= MAX_DEPTH + 2]
    named = [path for path in paths if means(path.stem[:100], exercise)] or paths
    return str(named[0]) if len(named) == 1 else ""


def code_of(source: Source, name: str) -> bytes:
    """The code cells of a notebook, as a Python file; b"" if it has none or can't be read.

    Lines that only Jupyter understands become comments.
    """
    content = source.read(name, MAX_NOTEBOOK)
    if content is None:
        return b""
    import nbformat  # takes a third of a second, and few hand in a notebook

    try:
        cells = nbformat.reads(content.decode("utf-8-sig"), as_version=4).cells  # type: ignore[no-untyped-call]
        texts = [cell.source for cell in cells if cell.cell_type == "code" and not cell.source.startswith("%%")]
        if sum(map(len, texts)) > MAX_FILE:
            return b""
        code = "\n\n".join(FOR_JUPYTER.sub(r"\1# ", text) for text in texts).encode()
    except Exception:  # it is no notebook, for which nbformat and jsonschema raise many kinds of errors
        return b""
    return code + b"\n" if DEFINES.search(code.decode()) and len(code) < MAX_FILE else b""
