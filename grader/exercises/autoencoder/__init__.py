"""The exercise src/autoencoder.py: what can be asked of it, and with which inputs."""
