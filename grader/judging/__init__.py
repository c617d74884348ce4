"""Asks, compares with the reference, measures, and finds the mistake.  Never imports torch."""
