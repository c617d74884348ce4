"""Raises ValueError whatever it is asked, and so for all wrong arguments too.

on: adversarial
checks: adversarial
expected: 0 points
"""


def adversarial_example(*args, **kwargs):
    raise ValueError("These arguments are wrong.")
