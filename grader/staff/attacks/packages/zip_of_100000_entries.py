"""A zip with a hundred thousand entries, half of them Python files, in front of the exercises.

on: package
expected: 0 points
"""

import zipfile


def make(path, files):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        for number in range(50_000):
            file.writestr(f"pictures/{number}.png", b"")
            file.writestr(f"code/{number}.py", b"")
        for name, text in files.items():
            file.writestr(f"src/{name}.py", text)
    return path.with_suffix(".zip")
