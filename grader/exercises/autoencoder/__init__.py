"""What src/autoencoder.py can be asked, and with which inputs."""
