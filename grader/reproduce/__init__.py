"""Writes a check as a short script that calls the student's function itself."""
