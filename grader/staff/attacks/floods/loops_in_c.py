"""Loops without end inside C, where no Python signal handler runs.

cpu: 0.5
expected: 0 points, "had not finished"
"""

import re


def evaluate(*args, **kwargs):
    re.match("(a+)+$", "a" * 60 + "b")
