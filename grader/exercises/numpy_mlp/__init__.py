"""The exercise src/numpy_mlp.py: what can be asked of it, and with which inputs."""
