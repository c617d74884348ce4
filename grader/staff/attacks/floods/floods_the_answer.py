"""Writes to the response pipe without end.

cpu: 0.5
expected: 0 points
"""

import os


def evaluate(*args, **kwargs):
    while True:
        os.write(3, b"\0" * 2**20)
