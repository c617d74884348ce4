"""Leaves through os._exit(0) before it answers.

expected: 0 points, "Python ended (exit status 0)"
"""

import os


def evaluate(*args, **kwargs):
    os._exit(0)
