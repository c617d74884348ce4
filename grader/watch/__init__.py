"""Runs the visible checks again whenever a file is saved."""
