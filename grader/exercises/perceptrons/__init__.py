"""The exercise src/perceptrons.py: what can be asked of it, and with which inputs."""
