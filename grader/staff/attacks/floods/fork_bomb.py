"""Forks without end, in sessions of their own, whose members fork again as they die.

cpu: 1
expected: 0 points
"""

import os


def evaluate(*args, **kwargs):
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass
