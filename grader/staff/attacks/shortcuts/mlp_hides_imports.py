"""Imports the standard library where the check on imports does not look, it hopes: as __main__, which it makes itself.

on: numpy_mlp
base: reference
where: before
checks: test_imports
expected: 0 points, "uses __name__"
"""

__name__ = "__main__"
if __name__ == "__main__":
    import math

    pi = math.pi
__name__ = "src.numpy_mlp"
