"""Leaves a child that holds the response pipe and the output open, so that the grader waits for their end.

base: reference
honest: 3
expected: 3 points
"""

import os
import time

honest = evaluate


def evaluate(*args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        time.sleep(300)
        os._exit(0)
    return honest(*args, **kwargs)
