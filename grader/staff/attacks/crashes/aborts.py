import os


def evaluate(*args, **kwargs):
    os.abort()
