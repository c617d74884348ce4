"""The staff's half of the exercise src/adversarial.py."""
