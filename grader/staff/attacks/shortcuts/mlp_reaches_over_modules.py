"""Goes from NumPy to ctypes, by a module of NumPy's that holds it.

on: numpy_mlp
base: reference
checks: test_imports or test_update
expected: 0 points, "uses ctypeslib"
"""

library = np.ctypeslib.ctypes.pythonapi
