import re


def evaluate(*args, **kwargs):
    re.match("(a+)+$", "a" * 60 + "b")
