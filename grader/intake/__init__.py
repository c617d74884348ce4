"""Finds the files of each exercise in what was handed in, and copies them into a fresh folder."""
