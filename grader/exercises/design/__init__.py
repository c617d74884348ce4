"""The exercise src/design.py: what can be asked of it, and with which inputs."""
