"""Leaves through os._exit(0) as soon as it is imported.

expected: 0 points, "can't be imported"
"""

import os

os._exit(0)
