"""What src/models.py can be asked, and with which inputs."""
