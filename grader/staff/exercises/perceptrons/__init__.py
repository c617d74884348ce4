"""The staff's half of the exercise src/perceptrons.py."""
