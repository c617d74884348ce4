"""Reads address 0 through ctypes.

expected: 0 points, "SIGSEGV"
"""

import ctypes


def evaluate(*args, **kwargs):
    ctypes.string_at(0)
