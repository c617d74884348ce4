"""Reads the other submissions that are being graded, or have been, and their results.

expected: 0 points
"""

import glob
import os
import sys


def evaluate(*args, **kwargs):
    own = os.path.realpath(sys.path[0])
    for pattern in (
        "/tmp/grader-*/*/src/*.py",
        "/tmp/grader-*/*.json",
        "/tmp/grader-*/canary/src/*.py",
        "/autograder/submission/*",
        "/proc/[0-9]*/cwd/build/grades/*/results.json",
    ):
        for path in glob.glob(pattern):
            if os.path.realpath(path).startswith(own):
                continue
            try:
                print("FOUND:", path, open(path).read()[:300])
            except OSError:
                pass
    raise RuntimeError("nobody else here")
