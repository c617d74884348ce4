"""The staff's part of the exercise adversarial."""
