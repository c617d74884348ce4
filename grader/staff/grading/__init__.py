"""Grades submissions: one, or many at the same time."""
