"""The staff's half of the exercise src/models.py."""
