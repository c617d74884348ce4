"""The exercise src/adversarial.py: what can be asked of it, and with which inputs."""
