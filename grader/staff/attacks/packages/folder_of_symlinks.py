import os

from grader.assignment import STAFF


def make(path, files):
    (path / "src").mkdir(parents=True)
    (path / "src" / "run_model.py").symlink_to(STAFF / "exercises" / "run_model" / "solution.py")
    (path / "again").symlink_to(STAFF / "exercises")
    (path / "data").symlink_to("/")
    (path / "round").symlink_to(path)
    (path / "src" / "models.py").symlink_to("/dev/zero")
    os.mkfifo(path / "src" / "pipe.py")
    return path
