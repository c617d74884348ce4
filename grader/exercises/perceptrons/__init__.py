"""What src/perceptrons.py can be asked, and with which inputs."""
