"""The staff's part of each exercise: solution, hidden checks, known mistakes, styles."""
