"""Makes downloads of a class as course pages make them, as a folder or a zip."""

import shutil
from pathlib import Path

import yaml

Files = dict[str, bytes]  # of one submission
FORMATS = ("canvas", "moodle", "gradescope", "classroom", "folders")


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def zip_bytes(files: Files, place: Path) -> bytes:
    """The bytes of a zip of the files."""
    folder = place / "packing"
    for name, content in files.items():
        write(folder / name, content)
    packed = Path(shutil.make_archive(str(place / "packed"), "zip", folder)).read_bytes()
    shutil.rmtree(folder)
    (place / "packed.zip").unlink()
    return packed


def make_download(kind: str, place: Path, students: dict[str, Files], late: tuple[str, ...] = ()) -> Path:
    """A folder as the course page's download unpacks to.  Every second student hands in a zip."""
    folder = place / {"classroom": "homework-1-submissions"}.get(kind, f"{kind} download")
    folder.mkdir(parents=True)
    metadata = {}
    for number, (name, files) in enumerate(students.items()):
        word = name.lower().replace(" ", "")
        if number % 2 and kind != "classroom":
            files = {"submission.zip": zip_bytes(files, place)}
        if kind == "canvas":
            mark = "_LATE" if name in late else ""
            start = f"{word}{mark}_{1000 + number}_{5000 + number}_"
            files = {start + file.rpartition("/")[2]: content for file, content in files.items()}
        elif kind == "moodle":
            files = {f"{name}_{1000 + number}_assignsubmission_file_/{file}": files[file] for file in files}
        elif kind == "gradescope":
            files = {f"submission_{1000 + number}/{file}": files[file] for file in files}
            day = 3 if name in late else 1
            metadata[f"submission_{1000 + number}"] = {
                ":submitters": [{":name": name, ":sid": str(7000 + number), ":email": f"{word}@example.edu"}],
                ":created_at": f"2026-11-0{day} 12:00:00.000000000 Z",
                ":results": {":score": 0.0},
            }
        elif kind == "classroom":
            files = {f"homework-1-{word}/{file}": files[file] for file in files}
            files[f"homework-1-{word}/.git/config"] = b""
        elif number % 2:
            files = {f"{name}.zip": files["submission.zip"]}
        else:
            files = {f"{name}/{file}": content for file, content in files.items()}
        for file, content in files.items():
            write(folder / file, content)
    if kind == "gradescope":
        text = yaml.safe_dump(metadata).replace("'2026", "2026").replace(" Z'", " Z")
        write(folder / "submission_metadata.yml", text.encode())
    return folder


def zipped(folder: Path, wrapped: bool = False) -> Path:
    """A zip of the folder's content, perhaps with the folder around it."""
    if wrapped:
        return Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    return Path(shutil.make_archive(str(folder), "zip", folder))
