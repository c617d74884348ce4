"""The exercise src/NAME.py: its report questions, and what its checks share."""
