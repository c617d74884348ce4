"""Keep decoded images, so that image files are decoded only once.

The arrays lie in one .npz file in a folder `.decoded-images` next to the data, or in the user's
cache folder if that place is read-only. The file holds a fingerprint of what it was made from. If
the data change, or if the file is damaged, it is made again. You may delete it at any time.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from data.image_files import fingerprint
from data.split import Array

FOLDER = ".decoded-images"
FINGERPRINT = "fingerprint"  # the key in the file
Arrays = Mapping[str, Array]


def kept(name: str, source: Path, wanted: Collection[str], make: Callable[[], Arrays]) -> Arrays:
    """Give the arrays that are kept for a data set, or make and keep them.

    Several processes may do this at once: each writes a file of its own and moves it into place
    whole.

    Args:
        name: which arrays; a part of the file's name.
        source: the folder or zip that they are made from.
        wanted: the names of the arrays to read.
        make: makes all arrays of the data set.

    Returns:
        The arrays by name.
    """
    path, now = file_for(name, source), fingerprint(source)
    arrays = _read(path, now, wanted)
    if arrays is None:
        arrays = make()
        _write(path, {**arrays, FINGERPRINT: np.array(now)})
    return arrays


def file_for(name: str, source: Path) -> Path:
    """The file that keeps the arrays of a data set. It need not exist."""
    source = source.resolve()
    if _may_write(source.parent):
        return source.parent / FOLDER / f"{source.name}-{name}.npz"
    place = hashlib.sha256(str(source).encode()).hexdigest()[:12]
    return user_cache() / FOLDER / f"{source.name}-{name}-{place}.npz"


def user_cache() -> Path:
    """The folder for files of this kit that can be made again. It need not exist."""
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        parent = Path(named) if named else Path.home() / ".cache"
    except RuntimeError:  # there is no home folder
        parent = Path(tempfile.gettempdir())
    return parent / "deep-learning-assignment-kit"


def _may_write(folder: Path) -> bool:
    # Root may write anywhere; a folder without any permission to write is meant to stay as it is.
    return os.access(folder, os.W_OK) and folder.stat().st_mode & 0o222 != 0


def _read(path: Path, now: str, wanted: Collection[str]) -> Arrays | None:
    """The arrays in a file, or None if they are missing, damaged or made from something else."""
    try:
        with np.load(path) as stored:
            if str(stored[FINGERPRINT]) != now:
                return None
            return {name: stored[name] for name in wanted}
    except Exception:  # a damaged file raises errors of zipfile, zlib, struct and NumPy
        return None


def _write(path: Path, arrays: Arrays) -> None:
    """Write all arrays or none. A full disk is no error: the arrays are made again next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix="unfinished-", suffix=".npz")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # a name may not be "allow_pickle"
        Path(scratch).chmod(0o644)  # others may use the same data
        Path(scratch).replace(path)
    except OSError:
        pass
    finally:
        Path(scratch).unlink(missing_ok=True)
