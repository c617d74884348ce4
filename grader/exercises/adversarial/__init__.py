"""What src/adversarial.py can be asked, and with which inputs."""
