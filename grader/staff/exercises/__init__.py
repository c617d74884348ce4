"""The staff's half of each exercise: solution, hidden checks, known mistakes, styles."""
