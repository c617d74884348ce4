"""Sleeps for ever with every signal blocked.

cpu: 0.5
expected: 0 points, "had not finished"
"""

import signal
import time


def evaluate(*args, **kwargs):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        time.sleep(1000)
