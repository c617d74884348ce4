"""Has eight children take 400 MB each at the same time, since limits count for each process alone.

cpu: 1
expected: 0 points
"""

import os
import time


def evaluate(*args, **kwargs):
    for _ in range(8):
        if os.fork() == 0:
            hoard = b"x" * (400 * 2**20)
            time.sleep(60)
            os._exit(len(hoard) > 0)
    time.sleep(60)
