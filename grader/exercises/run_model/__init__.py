"""The exercise src/run_model.py: what can be asked of it, and with which inputs."""
