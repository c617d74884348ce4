"""What src/run_model.py can be asked, and with which inputs."""
