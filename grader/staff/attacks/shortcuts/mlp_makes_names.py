"""Imports nothing but NumPy, and puts together the names that it may not write.

on: numpy_mlp
base: reference
checks: test_imports or test_backward
expected: 0 points, "uses getattr with a name that it makes"
"""

namespace = getattr(getattr(np.array_equal, "__wrap" + "ped__"), "__glo" + "bals__")
torch = namespace["__buil" + "tins__"]["__import__"]("torch")
