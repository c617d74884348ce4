MODULE = "import os; os.write(1, b'FOUND: customised'); os._exit(0)\n"


def make(path, files):
    for folder in ("", "src", "src/__pycache__", "__pycache__", ".local/lib/python3.11/site-packages"):
        (path / folder).mkdir(parents=True, exist_ok=True)
        for name in ("sitecustomize.py", "usercustomize.py"):
            (path / folder / name).write_text(MODULE)
        (path / folder / "attack.pth").write_text(MODULE)
        for name in ("run_model.cpython-311.pyc", "run_model.so", "run_model.abi3.so", "run_model.pyc"):
            (path / folder / name).write_bytes(b"\x7fELF" + bytes(200))
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path
