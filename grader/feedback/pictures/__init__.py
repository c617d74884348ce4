"""Draws what checks hand over (grader/judging/picture.py): a module for each kind of picture."""
