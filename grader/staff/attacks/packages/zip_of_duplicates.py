"""A zip with the exercise under one name twice, and under names that differ in case, dots and slashes alone.

on: package
expected: not gradable, "more than one"
"""

import warnings
import zipfile


def make(path, files):
    with warnings.catch_warnings(), zipfile.ZipFile(path.with_suffix(".zip"), "w") as file:
        warnings.simplefilter("ignore")
        for name, text in files.items():
            file.writestr(f"src/{name}.py", text)
            for again in (f"src/{name}.py", f"SRC/{name}.PY", f"./src/{name}.py", f"src//{name}.py", f"src\\{name}.py"):
                file.writestr(again, text)
    return path.with_suffix(".zip")
