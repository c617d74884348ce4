"""A folder in which the exercise is a named pipe, which whoever opens it waits for.

on: package
expected: not gradable, "can't be read"
"""

import os


def make(path, files):
    (path / "src").mkdir(parents=True)
    os.mkfifo(path / "src" / "run_model.py")
    return path
