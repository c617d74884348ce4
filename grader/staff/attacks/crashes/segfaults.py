import ctypes


def evaluate(*args, **kwargs):
    ctypes.string_at(0)
