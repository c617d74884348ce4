"""The staff's half of the exercise src/design.py."""
