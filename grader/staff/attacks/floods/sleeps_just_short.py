import time


def evaluate(*args, **kwargs):
    time.sleep(3.8 * 5)  # a call may take four times its CPU seconds by the clock
    raise ValueError("awake")
