import os
import time


def evaluate(*args, **kwargs):
    for _ in range(8):
        if os.fork() == 0:
            hoard = b"x" * (400 * 2**20)
            time.sleep(60)
            os._exit(len(hoard) > 0)
    time.sleep(60)
