"""The staff's part of the exercise numpy_mlp."""
