"""The staff's part of the exercise perceptrons."""
