"""The exercise src/models.py: what can be asked of it, and with which inputs."""
