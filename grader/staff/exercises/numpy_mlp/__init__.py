"""The staff's half of the exercise src/numpy_mlp.py."""
