"""The staff's half of the exercise src/run_model.py."""
