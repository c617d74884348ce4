"""Files in memory, by name: what submissions, handouts and packages are made from."""

import io
import secrets
import stat
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from grader.assignment import GraderError

Files = dict[str, bytes]  # the names have "/" between their parts

REGULAR, EXECUTABLE = 0o100644, 0o100755  # modes of Unix


class WriteError(GraderError):
    """A file can't be written; the text says which one and why."""


def exercise_file(exercise: str) -> str:
    """The name of an exercise's file in a submission."""
    return f"src/{exercise}.py"


def write_files(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files into a folder, which is made if it is missing; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step: whatever happens, there is the old file or the whole new one.

    The file keeps its mode. A link is replaced and not followed. Raises WriteError.
    """
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        temporary.touch(exist_ok=False)
        temporary.write_bytes(content)
        if path.is_file() and not path.is_symlink():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except OSError as error:
        raise WriteError(f"{path} can't be written: {error.strerror or error}.") from None
    finally:
        temporary.unlink(missing_ok=True)


def zipped(files: Mapping[str, bytes], executable: Collection[str] = (), comment: bytes = b"") -> bytes:
    """A zip of the files, in their order: the same files always give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.comment = comment
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.create_system = 3  # Unix, whatever system runs this
            entry.external_attr = (EXECUTABLE if name in executable else REGULAR) << 16
            package.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
