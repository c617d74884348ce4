"""Leaves through sys.exit(0), as a run does where all went well.

expected: 0 points, "raised SystemExit"
"""

import sys


def evaluate(*args, **kwargs):
    sys.exit(0)
