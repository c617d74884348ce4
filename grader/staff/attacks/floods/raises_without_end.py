import sys


def dig(depth, error):
    if depth == 0:
        raise error
    dig(depth - 1, error)


def evaluate(*args, **kwargs):
    error = ValueError("x" * 10**7)
    for _ in range(100_000):
        error, last = ValueError("y"), error
        error.__cause__ = last
    sys.setrecursionlimit(10**6)
    dig(100_000, error)
