"""The staff's part of the exercise run_model."""
