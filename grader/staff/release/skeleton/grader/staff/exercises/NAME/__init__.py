"""The staff's half of the exercise src/NAME.py."""
