import os


def make(path, files):
    (path / "src").mkdir(parents=True)
    os.mkfifo(path / "src" / "run_model.py")
    return path
