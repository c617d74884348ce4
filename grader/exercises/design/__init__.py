"""What src/design.py can be asked, and with which inputs."""
