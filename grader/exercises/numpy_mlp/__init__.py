"""What src/numpy_mlp.py can be asked, and with which inputs."""
