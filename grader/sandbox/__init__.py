"""Runs one call beside a submission's code, in a process of its own, and returns plain data.

Knows no exercise and contains no text for people.
"""
