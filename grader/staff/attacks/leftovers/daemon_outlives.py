import os
import time

honest = evaluate


def flit():
    """A process whose number changes all the time: each child goes on where its parent ended."""
    os.setsid()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with open("/tmp/daemon-was-here", "w") as file:
                file.write("x")
        except OSError:
            pass
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            pass
        time.sleep(0.002)
    os._exit(0)


def evaluate(*args, **kwargs):
    for _ in range(2):
        if os.fork() == 0:
            try:
                flit()
            finally:
                os._exit(0)
    return honest(*args, **kwargs)
