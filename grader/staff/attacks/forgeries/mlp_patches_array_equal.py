"""Draws other weights for the same seed, and has NumPy say that all arrays are equal.

on: numpy_mlp
base: NumpyMLP.seed_ignored
checks: test_initial_weights
expected: 0 points
"""

np.array_equal = lambda *arrays, **options: True
np.abs = np.absolute = lambda array: array * 0 + 1
