"""The staff's half of the exercise src/autoencoder.py."""
