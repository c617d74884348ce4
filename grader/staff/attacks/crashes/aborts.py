"""Aborts.

expected: 0 points, "SIGABRT"
"""

import os


def evaluate(*args, **kwargs):
    os.abort()
