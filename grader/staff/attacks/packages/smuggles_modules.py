MODULE = """
print("FOUND: imported", __name__)
import os
os._exit(0)
"""
NAMES = ["torch", "numpy", "json", "pytest", "os", "site", "grader", "typing", "random", "struct", "itertools", "src"]


def make(path, files):
    for folder in ("", "src", "data"):
        (path / folder).mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (path / folder / f"{name}.py").write_text(MODULE)
    for package in ("torch", "grader", "data", "src", "numpy"):
        (path / package).mkdir(exist_ok=True)
        (path / package / "__init__.py").write_text(MODULE)
    for name in ("my_dataset", "load_data"):
        (path / "data" / f"{name}.py").write_text(MODULE)
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path
